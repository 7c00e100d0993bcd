import { type Account, type Address, type Hash, type Hex, parseEventLogs } from 'viem';
import { encodeFunctionData } from 'viem/utils';
import { vaultsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { readEvents } from '../chain/readEvents.ts';
import { send } from '../chain/send.ts';
import { type Found, findSplits } from './findSplits.ts';
import * as Split from './Split.ts';

/**
 * Passes on to accounts what was earned for them by everything made from them, however many steps away: matures and
 * passes on, the youngest asset first, in one transaction for each asset that has something. Anyone may do it.
 */
export async function cascade(client: Client<Account>, options: cascade.Options): Promise<cascade.ReturnType> {
  const { vaults, accounts, fromBlock = 0n } = options;
  const bound = await readEvents(client, { address: vaults, abi: vaultsAbi, eventName: 'Bind', fromBlock });
  const targets = new Set(accounts);
  const descendants: bigint[] = [];
  // A parent is published before its children: one pass finds all of them, and its reverse is the way of the money.
  for (const { args } of bound) {
    if (!args.upstream.some(({ account }) => targets.has(account))) continue;
    targets.add(args.account);
    descendants.unshift(args.account);
  }
  const hashes: Hash[] = [];
  let amount = 0n;
  for (const account of descendants) {
    const calls = await encodeDue(client, options, account, targets);
    if (calls.length === 0) continue;
    const call = { address: vaults, abi: vaultsAbi, functionName: 'multicall', args: [calls] } as const;
    const { hash, receipt } = await send(client, call);
    hashes.push(hash);
    for (const { args } of parseEventLogs({ abi: vaultsAbi, eventName: 'Cascade', logs: receipt.logs }))
      if (accounts.includes(args.account)) amount += args.amount;
  }
  return { hashes, amount };
}

export declare namespace cascade {
  type Options = {
    readonly vaults: Address;
    /** The accounts to be brought what is theirs. */
    readonly accounts: readonly bigint[];
    readonly tokens: readonly Address[];
    /** First block to look at, 0 unless given. */
    readonly fromBlock?: bigint;
  };
  type ReturnType = {
    /** One transaction for each asset that had something to pass on. */
    readonly hashes: readonly Hash[];
    /** Atoms that the accounts were passed. */
    readonly amount: bigint;
  };
  type ErrorType = send.ErrorType;
}

async function encodeDue(
  client: Client<Account>,
  options: cascade.Options,
  account: bigint,
  targets: ReadonlySet<bigint>,
): Promise<readonly Hex[]> {
  const { fromBlock = 0n, vaults, tokens } = options;
  const splits = await findSplits(client, { vaults, account, fromBlock });
  const places = splits.flatMap((found) => tokens.map((token) => ({ found, token })));
  const due = await Promise.all(places.map(({ found, token }) => encodeSplit(client, vaults, found, token, targets)));
  return due.flat();
}

async function encodeSplit(
  client: Client<Account>,
  vaults: Address,
  { account, splitId, split }: Found,
  token: Address,
  targets: ReadonlySet<bigint>,
): Promise<readonly Hex[]> {
  const contract = { address: vaults, abi: vaultsAbi } as const;
  const [accrued, [, matured]] = await Promise.all([
    client.readContract({ ...contract, functionName: 'accruedOf', args: [splitId, token] }),
    client.readContract({ ...contract, functionName: 'pendingOf', args: [account, token, splitId] }),
  ]);
  const earned = Split.credits(split, accrued + matured);
  const calls: Hex[] = [];
  for (const [index, row] of split.upstream.entries()) {
    if (!targets.has(row.account)) continue;
    const args = [splitId, token, BigInt(index)] as const;
    const paid = await client.readContract({ ...contract, functionName: 'paidOf', args });
    if ((earned[index] ?? 0n) === paid) continue;
    calls.push(encodeFunctionData({ abi: vaultsAbi, functionName: 'cascade', args: [split, BigInt(index), token] }));
  }
  if (calls.length === 0 || matured === 0n) return calls;
  return [encodeFunctionData({ abi: vaultsAbi, functionName: 'mature', args: [account, token, splitId] }), ...calls];
}
