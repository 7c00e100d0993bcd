import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Amount from './Amount.ts';

describe('parse', () => {
  it.each(['0', '1', '9007199254740993', (2n ** 128n - 1n).toString()])('reads %s exactly (A-158)', (text) => {
    expect(Amount.parse(text).toString()).toBe(text);
  });

  const strange = [
    '',
    ' 1',
    '1 ',
    '+1',
    '-1',
    '-0',
    '01',
    '00',
    '1.0',
    '1.',
    '.1',
    '1e3',
    '0x10',
    '0b1',
    '1_000',
    '1,0',
  ];
  const stranger = ['١', '１', '1\n', '1\0', 'NaN', 'Infinity', '1n', 'null', '9'.repeat(79), '9'.repeat(100_000)];
  it.each([...strange, ...stranger])('refuses %j (A-158)', (text) => {
    expect(() => Amount.parse(text, 256)).toThrow(Amount.InvalidError);
  });

  it.each([1, 1n, null, undefined, true, ['1'], { toString: () => '1' }])('refuses what is no text: %s', (value) => {
    expect(() => Amount.parse(value)).toThrow(Amount.InvalidError);
  });

  it('quotes no more of a text than a line', () => {
    expect(new Amount.InvalidError('9'.repeat(100_000)).message.length).toBeLessThan(250);
  });

  it('refuses one more than fits', () => {
    for (const bits of [64, 128, 256]) {
      expect(Amount.parse((2n ** BigInt(bits) - 1n).toString(), bits)).toBe(2n ** BigInt(bits) - 1n);
      expect(() => Amount.parse((2n ** BigInt(bits)).toString(), bits)).toThrow(Amount.InvalidError);
    }
  });

  it('takes no other text than the one that a number is written as (A-158)', () => {
    const texts = fc.oneof(fc.string(), fc.stringMatching(/^[-+ 0x]*[0-9]{1,30}[.e0-9 ]*$/));
    fc.assert(
      fc.property(texts, (text) => {
        let read: bigint | undefined;
        try {
          read = Amount.parse(text, 256);
        } catch {}
        if (read !== undefined) expect(read.toString()).toBe(text);
      }),
    );
  });
});

describe('dollars', () => {
  it('come back from what is shown', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 100n }), (atoms) => {
        expect(Amount.fromDollars(Amount.toDollars(atoms))).toBe(atoms);
      }),
    );
  });

  it.each(['', '1.', '.5', '1.0000001', '-1', '+1', '1e3', '01', ' 1', '$1'])('are not read from %j', (text) => {
    expect(() => Amount.fromDollars(text)).toThrow(Amount.InvalidError);
  });

  it('are shown with two decimals at least', () => {
    expect([200n, 4_000_000n, 0n, -1_500_000n].map(Amount.format)).toEqual(['$0.0002', '$4.00', '$0.00', '-$1.50']);
  });
});

it('rounds up and never by a whole atom (A-157)', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 200n }), fc.bigInt({ min: 1n, max: 2n ** 100n }), (a, b) => {
      const up = Amount.divUp(a, b);
      expect(up * b >= a && up * b < a + b).toBe(true);
    }),
  );
});
