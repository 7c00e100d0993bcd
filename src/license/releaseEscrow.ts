/** Pays out what has become final of a refundable licence. Anyone may do it, for anyone's licence. */
import { type Account, type Address, type Hash, parseEventLogs } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { licensesAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';
import { waitForPending } from '../chain/waitForPending.ts';
import { readEscrow } from './readEscrow.ts';
import type * as Terms from './Terms.ts';

/** Releases the money of one holder's licence to the payout address of the asset, if any is final. */
export async function releaseEscrow(
  client: Client<Account>,
  options: releaseEscrow.Options,
): Promise<releaseEscrow.ReturnType> {
  const { addresses, terms, holder } = options;
  await waitForPending(client);
  if ((await readEscrow(client, options)).final === 0n) return { amount: 0n };
  const { hash, receipt } = await send(client, {
    address: addresses.licenses,
    abi: licensesAbi,
    functionName: 'release',
    args: [terms, holder],
  });
  const [released] = parseEventLogs({ abi: licensesAbi, eventName: 'Release', logs: receipt.logs });
  return { amount: released?.args.amount ?? 0n, hash };
}

export declare namespace releaseEscrow {
  type Options = { readonly addresses: Addresses; readonly terms: Terms.Terms; readonly holder: Address };
  /** Atoms that were paid out. Without a hash, none were. */
  type ReturnType = { readonly amount: bigint; readonly hash?: Hash };
  type ErrorType = send.ErrorType;
}
