import { type Account, type Address, type Hash, parseEventLogs } from 'viem';
import { vaultsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';

/** Brings what an account's payout address received into its vault. Anyone may do it, for anyone's account. */
export async function harvest(client: Client<Account>, options: harvest.Options): Promise<harvest.ReturnType> {
  const { vaults, account, token } = options;
  const { hash, receipt } = await send(client, {
    address: vaults,
    abi: vaultsAbi,
    functionName: 'harvest',
    args: [account, token],
  });
  const events = parseEventLogs({ abi: vaultsAbi, eventName: 'Harvest', logs: receipt.logs });
  return { hash, amount: events.reduce((sum, { args }) => sum + args.amount, 0n) };
}

export declare namespace harvest {
  type Options = { readonly vaults: Address; readonly account: bigint; readonly token: Address };
  type ReturnType = {
    readonly hash: Hash;
    /** Atoms that came in. */
    readonly amount: bigint;
  };
  type ErrorType = send.ErrorType;
}
