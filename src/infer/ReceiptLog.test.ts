import fc from 'fast-check';
import { concat, type Hex, keccak256 } from 'viem';
import { describe, expect, it } from 'vitest';
import file from '../../test/vectors/receipts.json' with { type: 'json' };
import { recover } from '../internal/node/secp256k1.ts';
import * as Outbox from '../pay/Outbox.ts';
import * as CreditNote from './CreditNote.ts';
import * as Receipt from './Receipt.ts';
import * as ReceiptLog from './ReceiptLog.ts';

const domain = Receipt.domainOf(file.domain.chainId, file.domain.verifyingContract as Hex);
const leafOf = (i: number): Hex => keccak256(`0x${i.toString(16).padStart(8, '0')}`);
const leavesOf = (size: number) => Array.from({ length: size }, (_, i) => leafOf(i));

/** The root by definition: perfect trees from large to small, folded from the right. */
function rootByDefinition(leaves: readonly Hex[]): Hex {
  const tree = (part: readonly Hex[]): Hex =>
    part.length === 1
      ? (part[0] as Hex)
      : keccak256(concat(['0x01', tree(part.slice(0, part.length / 2)), tree(part.slice(part.length / 2))]));
  const peaks: Hex[] = [];
  for (let rest = leaves; rest.length > 0; ) {
    const size = 2 ** Math.floor(Math.log2(rest.length));
    peaks.push(tree(rest.slice(0, size)));
    rest = rest.slice(size);
  }
  return peaks.reduceRight((right, peak) => keccak256(concat(['0x01', peak, right])));
}

describe('root', () => {
  it('is that of the definition at every size', () => {
    for (let size = 1; size <= 70; size++) {
      const log = ReceiptLog.append(ReceiptLog.empty, leavesOf(size));
      expect(ReceiptLog.root(log), `size ${size}`).toBe(rootByDefinition(leavesOf(size)));
      expect(log).toMatchObject({ size, peaks: { length: [...size.toString(2)].filter((bit) => bit === '1').length } });
    }
    expect(ReceiptLog.root(ReceiptLog.empty)).toBe(ReceiptLog.emptyRoot);
  });

  it('does not depend on how leaves were grouped when they were appended', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 8 }), (groups) => {
        const size = groups.reduce((sum, group) => sum + group, 0);
        let log = ReceiptLog.empty;
        for (const group of groups) log = ReceiptLog.append(log, leavesOf(size).slice(log.size, log.size + group));
        expect(log).toEqual(ReceiptLog.append(ReceiptLog.empty, leavesOf(size)));
      }),
    );
  });

  it('changes with each leaf, their order and their number (X6)', () => {
    const leaves = leavesOf(13);
    const roots = leaves.map((_, at) =>
      ReceiptLog.root(ReceiptLog.append(ReceiptLog.empty, leaves.with(at, leafOf(99)))),
    );
    const swapped = leaves.with(3, leafOf(4)).with(4, leafOf(3));
    for (const other of [leaves, swapped, leaves.slice(1), leaves.slice(0, -1)])
      roots.push(ReceiptLog.root(ReceiptLog.append(ReceiptLog.empty, other)));
    expect(new Set(roots).size).toBe(roots.length);
  });
});

describe('digests', () => {
  const signer = file.signer.toLowerCase();
  it('of a head and of a credit note are those of the vectors', () => {
    const { message, digest, signature } = file.head;
    const head = {
      seller: message.seller as Hex,
      log: message.log,
      epoch: BigInt(message.epoch),
      size: BigInt(message.size),
      root: message.root as Hex,
    };
    expect(ReceiptLog.headDigest(head, domain)).toBe(digest);
    expect(recover(digest as Hex, signature as Hex)).toBe(signer);
    const note = { receipt: file.creditNote.message.receipt as Hex, amount: BigInt(file.creditNote.message.amount) };
    expect(CreditNote.digest(note, domain)).toBe(file.creditNote.digest);
    expect(CreditNote.digest({ ...note, amount: note.amount + 1n }, domain)).not.toBe(file.creditNote.digest);
  });
});

describe('rows for the settler', () => {
  const id: Hex = `0x${'ab'.repeat(32)}`;
  it('of a credit note and of a head come back as they were written, under a key for each effect', () => {
    const credit = { requestId: id, receiptHash: id, amount: 9n, signature: id };
    const note = Outbox.row(CreditNote.outboxKind, credit);
    expect(note.key).toBe(`credit:${id}:9`);
    expect(Outbox.parse(CreditNote.outboxKind, note)).toEqual(credit);
    expect(() =>
      Outbox.parse(CreditNote.outboxKind, { ...note, payload: note.payload.replace('"9"', '"-9"') }),
    ).toThrow();
    const head = { head: { seller: id, log: 2, epoch: 4n, size: 5n, root: id }, signature: id };
    const row = Outbox.row(ReceiptLog.outboxKind, head);
    expect(row.key).toBe('anchor:2:4');
    expect(Outbox.parse(ReceiptLog.outboxKind, row)).toEqual(head);
  });
});
