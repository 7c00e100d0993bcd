/** What lineage brings a payee: its part of what assets have earned for those that they were made from. */
import type { Address } from 'viem';
import { vaultsAbi } from '../chain/abi/index.ts';
import { readEvents } from '../chain/readEvents.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';
import { pickAccounts } from './findAccounts.ts';
import { pickCurrent } from './findCurrent.ts';
import { type Found, findSplits, type Reader } from './findSplits.ts';
import * as Split from './Split.ts';

/** What one asset has for another, in atoms of one token. */
type Amounts = {
  /** Was passed on before. */
  readonly passed: bigint;
  /** Would be passed on by `cascade` now. */
  readonly ready: bigint;
  /** Can still be given back to payers. */
  readonly waiting: bigint;
};

/** The part of a payee, by its present share, in what one asset has for another. */
export type Passing = Amounts & {
  readonly token: Address;
  /** The asset in which the payee shares. */
  readonly account: bigint;
  /** The asset that was made from it. */
  readonly from: bigint;
  /** Parts of 10,000 times 10,000 that the payee has in the account. */
  readonly parts: number;
};

/**
 * Finds what assets that were made from those in which a payee shares have earned for it, however many steps away. Each
 * step rounds down, so what is ready can come out an atom off for each.
 */
export async function readPassing(client: Reader, options: readPassing.Options): Promise<readonly Passing[]> {
  const { vaults, payee, tokens, fromBlock = 0n } = options;
  const common = { address: vaults, abi: vaultsAbi, eventName: 'Bind', fromBlock } as const;
  const bound = (await readEvents(client, common)).map(({ args }) => args);
  const found: Passing[] = [];
  if (bound.length === 0) return found;
  const all = await findSplits(client, { vaults, fromBlock });
  for (const account of await pickAccounts(client, options, all)) {
    const children = bound.filter(({ upstream }) => upstream.some((row) => row.account === account));
    if (children.length === 0) continue;
    const current = await pickCurrent(client, { vaults, account }, all);
    const row = current && Split.rows(current).find((one) => isSameAddress(one.payee, payee));
    const parts = current ? (row?.parts ?? 0) : Split.whole * Split.whole;
    for (const token of tokens) {
      const place = { client, vaults, token, all, bound, seen: new Set<string>() };
      for (const { account: from } of children) {
        const all = await measure(place, from, account);
        found.push({ token, account, from, parts, ...partOf(all, parts) });
      }
    }
  }
  return found.filter(({ passed, ready, waiting }) => passed + ready + waiting > 0n);
}

export declare namespace readPassing {
  type Options = {
    readonly vaults: Address;
    readonly payee: Address;
    readonly tokens: readonly Address[];
    /** First block to look at, 0 unless given. */
    readonly fromBlock?: bigint;
  };
}

type Place = {
  readonly client: Reader;
  readonly vaults: Address;
  readonly token: Address;
  /** Every split that there was. */
  readonly all: readonly Found[];
  readonly bound: readonly { readonly account: bigint; readonly upstream: readonly Split.Upstream[] }[];
  /** Splits whose accrued money was counted: accounts with the same split share it. */
  readonly seen: Set<string>;
};

async function measure(place: Place, from: bigint, to: bigint): Promise<Amounts> {
  const { client, vaults, token, all, bound, seen } = place;
  const contract = { address: vaults, abi: vaultsAbi } as const;
  let total: Amounts = { passed: 0n, ready: 0n, waiting: 0n };
  for (const { splitId, split } of all.filter(({ account }) => account === from)) {
    const index = split.upstream.findIndex(({ account }) => account === to);
    if (index < 0) continue;
    const [accrued, paid, [immature, matured]] = await Promise.all([
      client.readContract({ ...contract, functionName: 'accruedOf', args: [splitId, token] }),
      client.readContract({ ...contract, functionName: 'paidOf', args: [splitId, token, BigInt(index)] }),
      client.readContract({ ...contract, functionName: 'pendingOf', args: [from, token, splitId] }),
    ]);
    const earned = (atoms: bigint) => Split.credits(split, atoms)[index] ?? 0n;
    const key = `${splitId}:${to}`;
    const before = seen.has(key) ? earned(accrued) : paid;
    total = add(total, {
      passed: seen.has(key) ? 0n : paid,
      ready: earned(accrued + matured) - before,
      waiting: earned(accrued + matured + immature) - earned(accrued + matured),
    });
    seen.add(key);
  }
  const bps = bound.find(({ account }) => account === from)?.upstream.find(({ account }) => account === to)?.bps ?? 0;
  for (const { account, upstream } of bound) {
    if (!upstream.some((row) => row.account === from)) continue;
    const { ready, waiting } = partOf(await measure(place, account, from), bps * Split.whole);
    total = add(total, { passed: 0n, ready, waiting });
  }
  return total;
}

function partOf({ passed, ready, waiting }: Amounts, parts: number): Amounts {
  const part = (atoms: bigint) => Split.shareDown(atoms, parts);
  return { passed: part(passed), ready: part(ready), waiting: part(waiting) };
}

function add(a: Amounts, b: Amounts): Amounts {
  return { passed: a.passed + b.passed, ready: a.ready + b.ready, waiting: a.waiting + b.waiting };
}
