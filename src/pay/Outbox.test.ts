import fc from 'fast-check';
import { concat, keccak256 } from 'viem';
import { describe, expect, it } from 'vitest';
import file from '../../test/vectors/x402-batch-settlement.json' with { type: 'json' };
import type * as Channel from './Channel.ts';
import * as Outbox from './Outbox.ts';

const config = file.vectors.config as Channel.Config;
const id: `0x${string}` = `0x${'ab'.repeat(32)}`;
const { payer, token } = config;
const authorization = { from: payer, to: token, value: 5n, validAfter: 0n, validBefore: 2n ** 40n, nonce: id };

const rows = [
  [
    Outbox.deposit,
    { channelId: id, config, amount: 10n, collector: token, collectorData: '0x1234', nonce: id },
    `deposit:${id}`,
  ],
  [Outbox.exact, { token, authorization, signature: '0x12' }, `exact:${keccak256(concat([payer, id]))}`],
  [Outbox.refund, { channelId: id, nonce: 3n, amount: 7n }, `refund:${id}:3`],
] as unknown as readonly (readonly [Outbox.OutboxKind<object>, object, string])[];

describe.each(rows)('$kind', (kind, payload, key) => {
  it('comes back as it was written, under a key that names the effect once', () => {
    const row = Outbox.row(kind, payload);
    expect(row).toMatchObject({ kind: kind.kind, key });
    expect(Outbox.parse(kind, row)).toEqual(payload);
    expect(Outbox.row(kind, Outbox.parse(kind, row))).toEqual(row);
  });

  it('refuses what has a field more or less, or an amount that is none (A-158)', () => {
    const value = JSON.parse(Outbox.row(kind, payload).payload) as Record<string, unknown>;
    const read = (changed: object) => Outbox.parse(kind, { kind: kind.kind, key, payload: JSON.stringify(changed) });
    expect(() => read({ ...value, more: 1 })).toThrow();
    for (const field of Object.keys(value)) {
      const { [field]: _, ...less } = value;
      expect(() => read(less), field).toThrow();
      expect(() => read({ ...value, [field]: 1.5 }), field).toThrow();
      if (field === 'amount')
        for (const wrong of ['-1', '1e3', '0x1', 1]) expect(() => read({ ...value, amount: wrong })).toThrow();
    }
  });
});

it('reads no text that is not a row', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (payload) => {
      for (const [kind] of rows) expect(() => Outbox.parse(kind, { kind: kind.kind, key: 'k', payload })).toThrow();
    }),
  );
});

it('gives payments of two payers with the same nonce two keys, however the hex is written (C1)', () => {
  const key = (from: string, nonce: string) => Outbox.exact.keyOf({ authorization: { from, nonce } } as Outbox.Exact);
  expect(key(token, id)).not.toBe(key(payer, id));
  expect(key(payer.toLowerCase(), id.toUpperCase().replace('X', 'x'))).toBe(key(payer, id));
});
