/**
 * The seller's append-only log of receipts, as a Merkle mountain range: the peaks of the perfect trees that make up its
 * size, folded from the right into one root. A head {epoch, size, root} is signed by a receipt key and anchored by the
 * contract `Logs`, where it can never shrink or be replaced.
 */
import type { Address, Hex } from 'viem';
import { concat } from 'viem/utils';
import { z } from 'zod';
import * as Amount from '../internal/Amount.ts';
import * as Eip712 from '../internal/Eip712.ts';
import { keccak } from '../internal/Hash.ts';
import type { OutboxKind } from '../pay/Outbox.ts';

/** State that suffices to append and to state the root. `peaks` are from large to small. */
export type ReceiptLog = { readonly size: number; readonly peaks: readonly Hex[] };

/** A head as it is anchored. */
export type Head = {
  readonly seller: Address;
  /** Number of the log; a seller with several ledgers has several. */
  readonly log: number;
  /** Number of this head, from 1, without gaps. */
  readonly epoch: bigint;
  readonly size: bigint;
  readonly root: Hex;
};

/** A log without receipts. */
export const empty: ReceiptLog = { size: 0, peaks: [] };

/** Root of the empty log. */
export const emptyRoot: Hex = `0x${'0'.repeat(64)}`;

const headType = Eip712.typeHash('Head(address seller,uint32 log,uint64 epoch,uint64 size,bytes32 root)');

/** Appends receipt hashes. Cost: one hash per leaf on average. */
export function append(log: ReceiptLog, leaves: readonly Hex[]): ReceiptLog {
  const peaks = [...log.peaks];
  let size = log.size;
  for (const leaf of leaves) {
    let node = leaf;
    // A set low bit of the size is a perfect tree of the same height that stands to the left.
    for (let bits = size; bits % 2 === 1; bits = Math.floor(bits / 2)) node = parent(peaks.pop() as Hex, node);
    peaks.push(node);
    size++;
  }
  return { size, peaks };
}

/** Root of a log: the peaks folded from the right. */
export function root(log: ReceiptLog): Hex {
  if (log.peaks.length === 0) return emptyRoot;
  return log.peaks.reduceRight((right, peak) => parent(peak, right));
}

/** Digest that a receipt key signs for a head. */
export function headDigest(head: Head, domain: Eip712.Domain): Hex {
  return Eip712.digest(domain, Eip712.hashStruct(headType, [head.seller, head.log, head.epoch, head.size, head.root]));
}

/** Ordered pair with a prefix, so that a node never passes for a leaf. */
function parent(left: Hex, right: Hex): Hex {
  return keccak(concat(['0x01', left, right]));
}

/** A signed head on its way to the chain. */
export type SignedHead = { readonly head: Head; readonly signature: Hex };

const hex = z
  .string()
  .regex(/^0x[0-9a-fA-F]*$/)
  .transform((text) => text as Hex);
const uint = Amount.schema(64);

/** Outbox kind that anchors a head. */
export const outboxKind: OutboxKind<SignedHead> = {
  kind: 'anchor',
  schema: z.strictObject({
    head: z.strictObject({ seller: hex, log: z.number().int(), epoch: uint, size: uint, root: hex }),
    signature: hex,
  }),
  keyOf: ({ head }) => `anchor:${head.log}:${head.epoch}`,
};
