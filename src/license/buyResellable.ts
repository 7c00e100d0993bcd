/** Buys a licence that can be sold on, as a token, exactly once. */
import type { Address, Hash, Hex, LocalAccount } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { resalesAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';
import { waitForPending } from '../chain/waitForPending.ts';
import * as Eip712 from '../internal/Eip712.ts';
import { assertAffordable, type InsufficientError, type TooExpensiveError } from './buyLicence.ts';
import { holderOf, readToken, type Token, tokenIdOf } from './readToken.ts';
import { signPurchase } from './signPurchase.ts';
import * as Terms from './Terms.ts';

/**
 * Buys one period as a token by a signed payment. A token of these terms, recipient and salt is found, whoever owns it
 * now, and nothing is paid. It is renewed with `buyLicence` for its `holder`, by whoever likes to.
 */
export async function buyResellable(
  client: Client<LocalAccount>,
  options: buyResellable.Options,
): Promise<buyResellable.ReturnType> {
  const { addresses, terms, maxPrice, recipient = client.account.address, salt = Eip712.word(0) } = options;
  const termsId = Terms.idOf(addresses, terms);
  const tokenId = tokenIdOf(termsId, recipient, salt);
  await waitForPending(client);
  const found = await readToken(client, { addresses, tokenId });
  if (found) return { token: found, paid: 0n };
  await assertAffordable(client, terms.currency, { price: terms.price, maxPrice });

  const holder = holderOf(addresses.resales, tokenId);
  const authorization = await signPurchase(client, { addresses, terms, termsId, holder, end: 0 });
  const { hash } = await send(client, {
    address: addresses.resales,
    abi: resalesAbi,
    functionName: 'buyWithAuthorization',
    args: [terms, recipient, salt, authorization],
  });
  return { token: (await readToken(client, { addresses, tokenId })) as Token, paid: terms.price, hash };
}

export declare namespace buyResellable {
  type Options = {
    readonly addresses: Addresses;
    readonly terms: Terms.Terms;
    /** Most atoms to pay. */
    readonly maxPrice: bigint;
    /** Who owns the token, the payer unless given. */
    readonly recipient?: Address;
    /** 32 bytes that tell several tokens of one recipient apart, zero unless given. */
    readonly salt?: Hex;
  };
  /** Without a hash, the token was there before and nothing was paid. */
  type ReturnType = { readonly token: Token; readonly paid: bigint; readonly hash?: Hash };
  type ErrorType = TooExpensiveError | InsufficientError | send.ErrorType;
}
