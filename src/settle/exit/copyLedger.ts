import type { Hex } from 'viem';
import * as CreditNote from '../../infer/CreditNote.ts';
import * as Receipt from '../../infer/Receipt.ts';
import * as ReceiptLog from '../../infer/ReceiptLog.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import * as Outbox from '../../pay/Outbox.ts';
import type * as Export from './Export.ts';
import type { Writer } from './openExport.ts';

/** How far a ledger was copied. */
export type Position = {
  /** Receipts that the export has. */
  receipts: number;
  /** Row of the outbox up to which it has what is exported of it. */
  row: number;
  /** Highest voucher written of each channel. */
  readonly vouchers: Map<Hex, bigint>;
};

/** Receipts and rows that are read at once. */
const page = 512;

/**
 * Copies what is new in a seller's ledger. Each voucher stands before the receipt that it allows, and each receipt
 * before the head that covers it, so that every beginning of the file makes sense. A voucher that was not charged yet
 * is left out: nothing can be claimed by it.
 */
export async function copyLedger(ledger: Ledger.Ledger, writer: Writer, position: Position): Promise<void> {
  for (;;) {
    // Rows are read before the receipts that they are about.
    const rows = ledger.outbox(position.row, page);
    for (;;) {
      const receipts = ledger.receipts(position.receipts, page);
      if (receipts.length === 0) break;
      await writer.append([...vouchersOf(ledger, receipts, position), ...receipts.map((row) => toServed(ledger, row))]);
      position.receipts += receipts.length;
    }
    if (rows.length === 0) return;
    await writer.append(rows.flatMap(toEntry));
    position.row = rows.at(-1)?.id ?? position.row;
  }
}

function vouchersOf(
  ledger: Ledger.Ledger,
  receipts: readonly Ledger.ReceiptRow[],
  { vouchers }: Position,
): readonly Export.Entry[] {
  const entries: Export.Entry[] = [];
  for (const id of new Set(receipts.map(({ account }) => account))) {
    const channel = ledger.channel(id);
    const known = vouchers.get(id);
    if (!channel || channel.max === known) continue;
    if (known === undefined) entries.push({ kind: 'channel', id, config: channel.config });
    const { max, signature } = channel;
    if (max > 0n) entries.push({ kind: 'voucher', channelId: id, max, signature });
    vouchers.set(id, max);
  }
  return entries;
}

function toServed(ledger: Ledger.Ledger, { logIndex, requestId, body, proof }: Ledger.ReceiptRow): Export.Entry {
  return {
    kind: 'served',
    index: logIndex,
    authority: ledger.request(requestId)?.authority ?? ReceiptLog.emptyRoot,
    receipt: Receipt.parse(body),
    proof: Receipt.parseProof(proof),
  };
}

/** Heads and credit notes; the other kinds are of no use to who leaves. */
function toEntry(row: Ledger.OutboxRow & { id: number }): readonly Export.Entry[] {
  if (row.kind === ReceiptLog.outboxKind.kind)
    return [{ kind: 'head', row: row.id, signed: Outbox.parse(ReceiptLog.outboxKind, row) }];
  if (row.kind === CreditNote.outboxKind.kind)
    return [{ kind: 'credit', row: row.id, credit: Outbox.parse(CreditNote.outboxKind, row) }];
  return [];
}
