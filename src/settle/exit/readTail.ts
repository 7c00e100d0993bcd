import { open } from 'node:fs/promises';
import type { Hex } from 'viem';
import * as Receipt from '../../infer/Receipt.ts';
import { isNotFound } from '../../internal/node/files.ts';
import * as Export from './Export.ts';

/** Where a seller's export ends. */
export type Tail = {
  /** Number of receipts in it. */
  readonly receipts: number;
  /** Hash of the last receipt. */
  readonly hash: Hex | undefined;
  /** Last row of the outbox in it, 0 for none. */
  readonly row: number;
  /** Highest vouchers among the last lines. */
  readonly vouchers: ReadonlyMap<Hex, bigint>;
};

/** Bytes that are read first; twice as many each time what is looked for is not among them. */
const step = 262_144;

/** Reads where an export ends, from its end, so that a long one is opened as quickly as a short one. */
export async function readTail(file: string): Promise<Tail> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (!handle) return from([]);
  try {
    const { size } = await handle.stat();
    for (let length = step; ; length *= 2) {
      const begin = Math.max(0, size - length);
      const buffer = Buffer.alloc(size - begin);
      await handle.read(buffer, 0, buffer.length, begin);
      // The first line is the header, or begins somewhere before; the last one has no end.
      const lines = buffer.toString('utf8').split('\n').slice(1, -1);
      const tail = from(lines);
      if (begin === 0 || (tail.receipts > 0 && tail.row > 0)) return tail;
    }
  } finally {
    await handle.close();
  }
}

function from(lines: readonly string[]): Tail {
  let [receipts, row] = [0, 0];
  let hash: Hex | undefined;
  const vouchers = new Map<Hex, bigint>();
  for (const [at, line] of lines.entries()) {
    const entry = Export.parse(line, at);
    if (entry.kind === 'served' && entry.index >= receipts) {
      receipts = entry.index + 1;
      hash = Receipt.hash(entry.receipt);
    } else if (entry.kind === 'head' || entry.kind === 'credit') row = Math.max(row, entry.row);
    else if (entry.kind === 'voucher' && entry.max > (vouchers.get(entry.channelId) ?? 0n))
      vouchers.set(entry.channelId, entry.max);
  }
  return { receipts, hash, row, vouchers };
}
