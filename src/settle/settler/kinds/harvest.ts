import type { Address } from 'viem';
import { encodeFunctionData } from 'viem/utils';
import { vaultsAbi } from '../../../chain/abi/index.ts';
import * as Json from '../../../internal/Json.ts';
import type * as Ledger from '../../../pay/Ledger.ts';
import * as Call from '../Call.ts';
import type { Kind } from './Kind.ts';

/** Brings what a payout address received, claimed channel money included, into the vault. */
export const harvest: Kind = {
  beyondGas: 'wait',
  async prepare({ config, limits }, job) {
    const { account, token } = JSON.parse(job.payload) as { account: string; token: Address };
    Call.assertToken(token, limits);
    const data = encodeFunctionData({ abi: vaultsAbi, functionName: 'harvest', args: [BigInt(account), token] });
    return { call: { to: config.addresses.vaults, data, atoms: 0n } };
  },
};

/** Outbox row of a harvest; a harvest is done many times, so its time is part of its key. */
export function rowOf(account: bigint, token: Address, now: number): Ledger.OutboxRow {
  return {
    kind: 'harvest',
    key: `harvest:${account}:${token.toLowerCase()}:${now}`,
    payload: Json.canonical({ account, token }),
  };
}
