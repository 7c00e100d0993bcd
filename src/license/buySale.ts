/** Buys a licence from its owner, and pays the royalty of a transfer outside of a sale. */

import type { Account, Address, Hash } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { resalesAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';
import { waitForPending } from '../chain/waitForPending.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';
import { allowExactly } from './allowExactly.ts';
import { assertAffordable, type InsufficientError, type TooExpensiveError } from './buyLicence.ts';
import { readToken, type Token } from './readToken.ts';
import type * as Sale from './Sale.ts';

/**
 * Carries out a sale that the owner of a token signed: the royalty goes to the payout address of the asset, the rest to
 * the owner, the token to the recipient. A token that the recipient has already is found, and nothing is paid.
 */
export async function buySale(client: Client<Account>, options: buySale.Options): Promise<buySale.ReturnType> {
  const { addresses, signed, maxPrice, recipient = client.account.address } = options;
  const { sale, signature } = signed;
  const query = { addresses, tokenId: sale.tokenId };
  await waitForPending(client);
  const before = await readToken(client, query);
  if (before && isSameAddress(before.owner, recipient) && !before.isInert) return { token: before, paid: 0n };
  const currency = before?.currency ?? addresses.token;
  await assertAffordable(client, currency, { price: sale.price, maxPrice });
  await allowExactly(client, { token: currency, spender: addresses.resales, amount: sale.price });
  const { hash } = await send(client, {
    address: addresses.resales,
    abi: resalesAbi,
    functionName: 'resell',
    args: [sale, signature, recipient],
  });
  return { token: (await readToken(client, query)) as Token, paid: sale.price, hash };
}

export declare namespace buySale {
  type Options = {
    readonly addresses: Addresses;
    readonly signed: Sale.Signed;
    /** Most atoms to pay. */
    readonly maxPrice: bigint;
    /** Who gets the token, the payer unless given. */
    readonly recipient?: Address;
  };
  /** Without a hash, nothing was done. */
  type ReturnType = { readonly token: Token; readonly paid: bigint; readonly hash?: Hash };
  type ErrorType = TooExpensiveError | InsufficientError | send.ErrorType;
}
