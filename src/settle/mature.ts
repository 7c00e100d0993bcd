import { type Account, type Address, type Hash, type Hex, parseEventLogs } from 'viem';
import { vaultsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';

/** Moves what has waited for the whole window to the payees of a split. Anyone may do it. */
export async function mature(client: Client<Account>, options: mature.Options): Promise<mature.ReturnType> {
  const { vaults, account, token, splitId } = options;
  const { hash, receipt } = await send(client, {
    address: vaults,
    abi: vaultsAbi,
    functionName: 'mature',
    args: [account, token, splitId],
  });
  const events = parseEventLogs({ abi: vaultsAbi, eventName: 'Mature', logs: receipt.logs });
  return { hash, amount: events.reduce((sum, { args }) => sum + args.amount, 0n) };
}

export declare namespace mature {
  type Options = {
    readonly vaults: Address;
    readonly account: bigint;
    readonly token: Address;
    readonly splitId: Hex;
  };
  type ReturnType = {
    readonly hash: Hash;
    /** Atoms that accrued to the payees. */
    readonly amount: bigint;
  };
  type ErrorType = send.ErrorType;
}
