import type { Account, Address, Hash, TransactionReceipt } from 'viem';
import { vaultsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';
import type * as Ledger from '../pay/Ledger.ts';
import * as Claim from './Claim.ts';

/**
 * Claims vouchers through the account's own payout address, without any settler: the owner of the account signs. Only
 * channels that pay this account belong in one claim.
 */
export async function claimForOwner(
  client: Client<Account>,
  options: claimForOwner.Options,
): Promise<claimForOwner.ReturnType> {
  const { vaults, account, channels } = options;
  const due = channels.filter((channel) => Claim.unclaimed(channel) > 0n);
  const results: { hash: Hash; receipt: TransactionReceipt }[] = [];
  for (let at = 0; at < due.length; at += Claim.maxRows) {
    const rows = Claim.toRows(due.slice(at, at + Claim.maxRows));
    results.push(await send(client, { address: vaults, abi: vaultsAbi, functionName: 'claim', args: [account, rows] }));
  }
  return { hashes: results.map(({ hash }) => hash) };
}

export declare namespace claimForOwner {
  type Options = {
    readonly vaults: Address;
    readonly account: bigint;
    readonly channels: readonly Ledger.ChannelRow[];
  };
  type ReturnType = { readonly hashes: readonly Hash[] };
  type ErrorType = send.ErrorType;
}
