import type { Address } from 'viem';
import { logsAbi } from '../../chain/abi/index.ts';
import { BaseError } from '../../internal/Errors.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import { type Place, readChannels } from '../readChannels.ts';
import type { Tail } from './readTail.ts';

/** Channels that are looked up at once. */
const page = 100;

/**
 * Makes sure that a ledger is not an old backup: that it knows every receipt and voucher of the export, as many
 * receipts as are anchored, and has charged what was claimed. Serving from an older one would take vouchers that are
 * spent, and sign a second receipt for a number that was given.
 */
export async function assertCurrent(ledger: Ledger.Ledger, options: assertCurrent.Options): Promise<void> {
  const faults = [...compare(ledger, options.tail), ...(await compareChain(ledger, options))];
  if (faults.length > 0) throw new BehindError(faults);
}

export declare namespace assertCurrent {
  type Options = {
    readonly place: Place;
    /** The seller's receipt log on chain; not looked at unless given. */
    readonly log?: { readonly logs: Address; readonly seller: Address; readonly number: number };
    /** End of the seller's export, when there is one. */
    readonly tail?: Tail;
    /** Row of the outbox up to which the settler has taken work. */
    readonly cursor?: number;
  };
  type ErrorType = BehindError;
}

function compare(ledger: Ledger.Ledger, tail: Tail | undefined): readonly string[] {
  if (!tail) return [];
  const faults: string[] = [];
  const size = ledger.logSize();
  if (tail.receipts > size) faults.push(`The export has ${tail.receipts} receipts, the ledger ${size}.`);
  else if (tail.hash && ledger.receipts(tail.receipts - 1, 1)[0]?.hash !== tail.hash)
    faults.push(`Receipt ${tail.receipts - 1} of the export is another than that of the ledger.`);
  if (!knowsRow(ledger, tail.row)) faults.push(`The export knows row ${tail.row} of the outbox, the ledger does not.`);
  for (const [id, max] of tail.vouchers) {
    const known = ledger.channel(id)?.max ?? 0n;
    if (max > known) faults.push(`The export has a voucher over ${max} atoms of channel ${id}, the ledger ${known}.`);
  }
  return faults;
}

async function compareChain(
  ledger: Ledger.Ledger,
  { place, log, cursor = 0 }: assertCurrent.Options,
): Promise<readonly string[]> {
  const faults: string[] = [];
  if (!knowsRow(ledger, cursor)) faults.push(`The settler has taken row ${cursor} of an outbox that ends before.`);
  const size = log ? await readAnchoredSize(place, log) : 0n;
  if (size > BigInt(ledger.logSize()))
    faults.push(`The chain has an anchored head over ${size} receipts, the ledger ${ledger.logSize()}.`);
  // A channel that was given up is never served again, so that what was charged on it does not matter.
  const channels = ledger.channels();
  for (let at = 0; at < channels.length; at += page)
    for (const { id, charged, claimed } of await readChannels(place, channels.slice(at, at + page)))
      if (claimed > charged)
        faults.push(`Channel ${id}: ${claimed} atoms were claimed, the ledger charged ${charged}.`);
  return faults;
}

async function readAnchoredSize(
  { client }: Place,
  { logs, seller, number }: NonNullable<assertCurrent.Options['log']>,
): Promise<bigint> {
  const contract = { address: logs, abi: logsAbi } as const;
  const [, size] = await client.readContract({ ...contract, functionName: 'latestOf', args: [seller, number] });
  return size;
}

function knowsRow(ledger: Ledger.Ledger, id: number): boolean {
  return id === 0 || ledger.outbox(id - 1, 1).length > 0;
}

/** The ledger knows less than the export or the chain. */
export class BehindError extends BaseError {
  override readonly name = 'assertCurrent.BehindError';
  constructor(faults: readonly string[]) {
    super('The ledger is older than what the export or the chain knows.', {
      code: 'ledger.behind',
      docsPath: 'settle.md',
      metaMessages: faults.slice(0, 20),
      hint: 'Bring it up to date from the export, then start again: agorai reconcile',
    });
  }
}
