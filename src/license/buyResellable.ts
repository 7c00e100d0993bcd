/** Buys a licence that can be sold on, as a token, exactly once. */
import type { Address, Hash, Hex, LocalAccount } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { resalesAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';
import { waitForPending } from '../chain/waitForPending.ts';
import { randomBytes32 } from '../internal/randomBytes32.ts';
import { assertAffordable, type InsufficientError, type TooExpensiveError } from './buyLicence.ts';
import { holderOf, readToken, type Token, tokenIdOf } from './readToken.ts';
import { readTokens } from './readTokens.ts';
import { signPurchase } from './signPurchase.ts';
import * as Terms from './Terms.ts';

/**
 * Buys one period as a token by a signed payment, unless it is found: then nothing is paid. With a salt, that is the
 * token of these terms, recipient and salt, whoever owns it now; without, one of these terms that the recipient owns and
 * can use. It is renewed with `buyLicence` for its `holder`, by whoever likes to.
 */
export async function buyResellable(
  client: Client<LocalAccount>,
  options: buyResellable.Options,
): Promise<buyResellable.ReturnType> {
  const { addresses, terms, maxPrice, recipient = client.account.address } = options;
  const termsId = Terms.idOf(addresses, terms);
  // One that was sold on must not be in the way of the next, so that it is never the same without being told.
  const salt = options.salt ?? randomBytes32();
  const tokenId = tokenIdOf(termsId, recipient, salt);
  await waitForPending(client);
  const found = options.salt
    ? await readToken(client, { addresses, tokenId })
    : (await readTokens(client, { addresses, owner: recipient })).find(
        (token) => token.termsId === termsId && token.licence.valid && !token.isInert,
      );
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
    /** 32 bytes that tell several tokens of one recipient apart, random ones unless given. */
    readonly salt?: Hex;
  };
  /** Without a hash, the token was there before and nothing was paid. */
  type ReturnType = { readonly token: Token; readonly paid: bigint; readonly hash?: Hash };
  type ErrorType = TooExpensiveError | InsufficientError | send.ErrorType;
}
