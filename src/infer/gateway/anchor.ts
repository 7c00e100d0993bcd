import type { Hex } from 'viem';
import * as Outbox from '../../pay/Outbox.ts';
import * as ReceiptLog from '../ReceiptLog.ts';
import type { Deps } from './Deps.ts';

/** Head of the log that the chain has. */
export type Anchored = { readonly epoch: bigint; readonly size: bigint };

/**
 * Keeps the log's peaks in memory, rebuilt from the ledger at start, and hands a signed head to the settler whenever
 * the log has grown and the former head has arrived.
 */
export function createAnchor(deps: Deps, latest: () => Promise<Anchored>): () => Promise<void> {
  let log = ReceiptLog.empty;

  function catchUp(): void {
    for (;;) {
      const rows = deps.ledger.receipts(log.size, deps.limits.logPage);
      if (rows.length === 0) return;
      log = ReceiptLog.append(
        log,
        rows.map((row) => row.hash),
      );
    }
  }

  return async () => {
    catchUp();
    const { epoch, size } = await latest();
    if (BigInt(log.size) <= size) return;
    const head: ReceiptLog.Head = {
      seller: deps.seller.address,
      log: deps.seller.log,
      epoch: epoch + 1n,
      size: BigInt(log.size),
      root: ReceiptLog.root(log),
    };
    const signature: Hex = deps.sign(ReceiptLog.headDigest(head, deps.seller.domain));
    await deps.ledger.enqueue(Outbox.row(ReceiptLog.outboxKind, { head, signature }), deps.now());
  };
}
