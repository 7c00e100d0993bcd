/** Pays the royalty of a licence that was transferred outside of a sale, so that it is of use again. Anyone may pay. */
import type { Account, Hash } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { resalesAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';
import { waitForPending } from '../chain/waitForPending.ts';
import { allowExactly } from './allowExactly.ts';
import { assertAffordable, type InsufficientError, type TooExpensiveError } from './buyLicence.ts';
import { readToken } from './readToken.ts';

/** Revives a token, once. A token that owes nothing is left alone. */
export async function reviveToken(
  client: Client<Account>,
  options: reviveToken.Options,
): Promise<reviveToken.ReturnType> {
  const { addresses, tokenId, maxPrice } = options;
  await waitForPending(client);
  const token = await readToken(client, { addresses, tokenId });
  if (token && !token.isInert) return { paid: 0n };
  const [currency, price] = [token?.currency ?? addresses.token, token?.royalty ?? 0n];
  await assertAffordable(client, currency, { price, maxPrice });
  if (price > 0n) await allowExactly(client, { token: currency, spender: addresses.resales, amount: price });
  const { hash } = await send(client, {
    address: addresses.resales,
    abi: resalesAbi,
    functionName: 'revive',
    args: [tokenId],
  });
  return { paid: price, hash };
}

export declare namespace reviveToken {
  type Options = {
    readonly addresses: Addresses;
    readonly tokenId: bigint;
    /** Most atoms to pay. */
    readonly maxPrice: bigint;
  };
  /** Without a hash, nothing was owed. */
  type ReturnType = { readonly paid: bigint; readonly hash?: Hash };
  type ErrorType = TooExpensiveError | InsufficientError | send.ErrorType;
}
