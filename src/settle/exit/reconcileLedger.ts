import type { Hex } from 'viem';
import type { Addresses } from '../../chain/Addresses.ts';
import { channelsAbi } from '../../chain/abi/index.ts';
import type { Client } from '../../chain/client.ts';
import * as CreditNote from '../../infer/CreditNote.ts';
import * as Receipt from '../../infer/Receipt.ts';
import * as ReceiptLog from '../../infer/ReceiptLog.ts';
import { BaseError } from '../../internal/Errors.ts';
import * as Json from '../../internal/Json.ts';
import type * as Channel from '../../pay/Channel.ts';
import * as Ledger from '../../pay/Ledger.ts';
import * as Outbox from '../../pay/Outbox.ts';
import { openLedger } from '../../pay/openLedger.ts';
import { type Fact, openRestore } from '../../pay/restoreLedger.ts';
import { readChannels } from '../readChannels.ts';
import * as Export from './Export.ts';
import { linesOf, readExport } from './readExport.ts';

/** Lines that are written at once. */
const page = 256;

/**
 * Brings a ledger that was restored from an old backup up to date from the seller's export: channels, vouchers,
 * receipts, heads and credit notes that it has not. The export is checked as a whole before anything is written.
 * A channel of which more was claimed than is known to be charged even then is given up, because which of its vouchers
 * are spent cannot be known. Nothing may run on the ledger meanwhile. To repeat it changes nothing.
 */
export async function reconcileLedger(options: reconcileLedger.Options): Promise<reconcileLedger.ReturnType> {
  await readExport(options.exportFile);
  const ledger = openLedger(options.ledgerFile);
  try {
    const before = { receipts: ledger.logSize(), channels: ledger.channels({ dead: true }).length };
    await assertSameLog(options.exportFile, ledger);
    await importFacts(options, ledger);
    const receipts = ledger.logSize() - before.receipts;
    const channels = ledger.channels({ dead: true }).length - before.channels;
    return { receipts, channels, givenUp: await giveUp(options, ledger) };
  } finally {
    await ledger.close();
  }
}

export declare namespace reconcileLedger {
  type Options = {
    readonly exportFile: string;
    readonly ledgerFile: string;
    readonly client: Client;
    readonly addresses: Addresses;
    /** Row of the outbox up to which the settler has taken work: new rows get higher numbers. */
    readonly cursor?: number;
  };
  type ReturnType = {
    /** Receipts and channels that the ledger did not have. */
    readonly receipts: number;
    readonly channels: number;
    /** Channels that are not served any more. */
    readonly givenUp: readonly Hex[];
  };
  type ErrorType = ForkedError | readExport.ErrorType;
}

/** Where both have a receipt it must be the same: two histories cannot be made one. */
async function assertSameLog(file: string, ledger: Ledger.Ledger): Promise<void> {
  for await (const { text, number } of linesOf(file)) {
    if (number === 1) continue;
    const entry = Export.parse(text, number);
    if (entry.kind !== 'served') continue;
    const [known] = ledger.receipts(entry.index, 1);
    if (!known) return;
    if (known.hash !== Receipt.hash(entry.receipt)) throw new ForkedError(entry.index);
  }
}

async function importFacts(options: reconcileLedger.Options, ledger: Ledger.Ledger): Promise<void> {
  const restore = openRestore(options.ledgerFile);
  try {
    let facts: Fact[] = [];
    for await (const { text, number } of linesOf(options.exportFile)) {
      if (number === 1) continue;
      const entry = Export.parse(text, number);
      if (entry.kind === 'channel' && !ledger.channel(entry.id)) await putChannel(options, ledger, entry);
      facts.push(...toFacts(entry));
      if (facts.length < page) continue;
      await restore.add(facts, Date.now());
      facts = [];
    }
    const { cursor = 0 } = options;
    const last = { kind: 'restored', key: `restored:${cursor}`, payload: '{}' };
    await restore.add(cursor > 0 ? [...facts, { kind: 'outbox', id: cursor, row: last }] : facts, Date.now());
  } finally {
    await restore.close();
  }
}

function toFacts(entry: Export.Entry): readonly Fact[] {
  if (entry.kind === 'voucher') return [entry];
  if (entry.kind === 'head')
    return [{ kind: 'outbox', id: entry.row, row: Outbox.row(ReceiptLog.outboxKind, entry.signed) }];
  if (entry.kind === 'credit')
    return [{ kind: 'outbox', id: entry.row, row: Outbox.row(CreditNote.outboxKind, entry.credit) }];
  if (entry.kind !== 'served') return [];
  const { receipt, proof, index, authority } = entry;
  const { account, seq, requestId, payer, price, cumulative, status } = receipt;
  return [
    {
      kind: 'receipt',
      row: {
        ...{ account, seq, requestId, logIndex: index },
        hash: Receipt.hash(receipt),
        body: Receipt.serialize(receipt),
        proof: Json.canonical(proof),
      },
      rail: Ledger.rails[receipt.rail] ?? 'free',
      ...{ payer, price, cumulative, outcome: status, authority, bodyHash: receipt.requestHash },
    },
  ];
}

async function putChannel(
  { client, addresses }: reconcileLedger.Options,
  ledger: Ledger.Ledger,
  { id, config }: { readonly id: Hex; readonly config: Channel.Config },
): Promise<void> {
  const contract = { address: addresses.settlement, abi: channelsAbi } as const;
  const [[balance, claimed], [, initiatedAt], refundNonce] = await Promise.all([
    client.readContract({ ...contract, functionName: 'channels', args: [id] }),
    client.readContract({ ...contract, functionName: 'pendingWithdrawals', args: [id] }),
    client.readContract({ ...contract, functionName: 'refundNonce', args: [id] }),
  ]);
  const state = refundNonce > 0n ? 'dead' : initiatedAt > 0 ? 'leaving' : 'open';
  await ledger.putChannel(
    id,
    config,
    // The gateway counts the confirmations at its next look.
    { balance, confirmed: 0n, claimed, refundNonce, withdrawInitiatedAt: BigInt(initiatedAt) },
    state,
  );
}

async function giveUp({ client, addresses }: reconcileLedger.Options, ledger: Ledger.Ledger): Promise<readonly Hex[]> {
  const channels = await readChannels({ client, config: { addresses } }, ledger.channels());
  const behind = channels.filter(({ claimed, charged }) => claimed > charged);
  for (const { id, config, ...facts } of behind) await ledger.putChannel(id, config, facts, 'dead');
  return behind.map(({ id }) => id);
}

/** Ledger and export have different receipts at one place of the log. */
export class ForkedError extends BaseError {
  override readonly name = 'reconcileLedger.ForkedError';
  constructor(index: number) {
    super(`Receipt ${index} of the ledger is another than that of the export.`, {
      code: 'ledger.forked',
      docsPath: 'settle.md',
      hint: 'The ledger was served from after it was restored. Keep both files: they cannot be made one.',
    });
  }
}
