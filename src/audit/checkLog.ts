import type { Hex } from 'viem';
import * as ReceiptLog from '../infer/ReceiptLog.ts';
import type { Head } from './History.ts';
import type * as Report from './Report.ts';

/**
 * Compares a published log with every head of it that was anchored: each root is recomputed from the leaves, so a log
 * that was cut, reordered or edited anywhere below the last head is found (X6).
 */
export function checkLog(leaves: readonly Hex[], heads: readonly Head[], collector: Report.Collector): number {
  let log = ReceiptLog.empty;
  let epoch = 0n;
  for (const head of heads) {
    const subject = `head ${head.epoch} of log ${head.log} of ${head.seller}`;
    collector.equal('X6', `number of ${subject}`, epoch + 1n, head.epoch);
    epoch = head.epoch;
    const size = Number(head.size);
    if (
      !collector.holds(
        'X6',
        subject,
        size <= leaves.length && size >= log.size,
        `a log of at least ${head.size} receipts`,
        `${leaves.length}`,
      )
    ) {
      return log.size;
    }
    log = ReceiptLog.append(log, leaves.slice(log.size, size));
    collector.equal('X6', `root of ${subject}`, head.root, ReceiptLog.root(log));
  }
  return log.size;
}
