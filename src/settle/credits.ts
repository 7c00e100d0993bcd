import type { Address } from 'viem';
import { vaultsAbi } from '../chain/abi/index.ts';
import { readEvents } from '../chain/readEvents.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';
import * as Bucket from './Bucket.ts';
import { type Found, findSplits, type Reader } from './findSplits.ts';
import * as Split from './Split.ts';

/** What one row of a split holds for a payee in one token. Amounts are atoms, times unix seconds. */
export type Credit = Found & {
  readonly token: Address;
  readonly row: Split.Row;
  /** Can be withdrawn now. */
  readonly ready: bigint;
  /** Has waited long enough; becomes ready when the account matures, which a withdrawal does first. */
  readonly matured: bigint;
  /** Can still be given back to payers. */
  readonly waiting: bigint;
  /** When the oldest harvest that may still wait was made, undefined when nothing waits. */
  readonly since: bigint | undefined;
  /** When the last of what waits has matured, undefined when nothing waits. */
  readonly maturesAt: bigint | undefined;
};

/**
 * Finds what is there for an address over all accounts, from the events of the vaults. The shares of what is matured
 * and waiting are rounded down as the contract will round them.
 */
export async function credits(client: Reader, options: credits.Options): Promise<readonly Credit[]> {
  const { vaults, payee, tokens } = options;
  const found = await findSplits(client, options);
  const rows = found.flatMap((one) =>
    Split.rows(one.split)
      .filter((row) => isSameAddress(row.payee, payee))
      .flatMap((row) => tokens.map((token) => ({ ...one, row, token }))),
  );
  const all = await Promise.all(rows.map((row) => measure(client, vaults, options.fromBlock ?? 0n, row)));
  return countOnce(all).filter(({ ready, matured, waiting }) => ready + matured + waiting > 0n);
}

export declare namespace credits {
  type Options = findSplits.Options & { readonly payee: Address; readonly tokens: readonly Address[] };
}

/** Accounts with the same split share what has accrued: it is shown with the first of them. */
function countOnce(all: readonly Credit[]): readonly Credit[] {
  const seen = new Set<string>();
  return all.map((credit) => {
    const key = `${credit.splitId}:${credit.row.index}:${credit.token}`;
    if (seen.has(key)) return { ...credit, ready: 0n };
    seen.add(key);
    return credit;
  });
}

type Place = Found & { readonly token: Address; readonly row: Split.Row };

async function measure(client: Reader, vaults: Address, fromBlock: bigint, place: Place): Promise<Credit> {
  const { account, token, splitId, row, split } = place;
  const contract = { address: vaults, abi: vaultsAbi } as const;
  const [accrued, paid, [immature, mature], harvests] = await Promise.all([
    client.readContract({ ...contract, functionName: 'accruedOf', args: [splitId, token] }),
    client.readContract({ ...contract, functionName: 'paidOf', args: [splitId, token, BigInt(row.index)] }),
    client.readContract({ ...contract, functionName: 'pendingOf', args: [account, token, splitId] }),
    readEvents(client, { ...contract, eventName: 'Harvest', args: { account, token, splitId }, fromBlock }),
  ]);
  const earned = (atoms: bigint) => Split.shareDown(atoms, row.parts);
  const window = BigInt(split.window);
  const { timestamp } = await client.getBlock();
  const times = harvests
    .map(({ args }) => BigInt(args.bucketIndex))
    .filter((index) => Bucket.maturesAt(index, window) > timestamp);
  const [first, last] = [times.at(0), times.at(-1)];
  const waits = immature > 0n && first !== undefined && last !== undefined;
  return {
    ...place,
    ready: earned(accrued) - paid,
    matured: earned(accrued + mature) - earned(accrued),
    waiting: earned(accrued + mature + immature) - earned(accrued + mature),
    since: waits ? first * Bucket.widthUp(window) : undefined,
    maturesAt: waits ? Bucket.maturesAt(last, window) : undefined,
  };
}
