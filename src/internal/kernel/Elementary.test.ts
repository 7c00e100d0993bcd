import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Elementary from './Elementary.ts';

const relative = (value: number, expected: number) => Math.abs(value - expected) / Math.abs(expected);

describe('exp', () => {
  test('agrees with Math.exp to 2e-15 over the whole range of normal results', () => {
    fc.assert(
      fc.property(fc.double({ min: -708, max: 709, noNaN: true }), (x) => {
        expect(relative(Elementary.exp(x), Math.exp(x))).toBeLessThan(2e-15);
      }),
      { numRuns: 2_000 },
    );
  });

  test('handles the ends', () => {
    expect(Elementary.exp(0)).toBe(1);
    expect(Elementary.exp(-800)).toBe(0);
    expect(Elementary.exp(-740)).toBeCloseTo(4.2e-322, 322);
    expect(Elementary.exp(800)).toBe(Number.POSITIVE_INFINITY);
    expect(Elementary.exp(Number.NaN)).toBeNaN();
  });
});

describe('log', () => {
  test('agrees with Math.log to 2e-15 of the larger of it and one', () => {
    fc.assert(
      fc.property(fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true }), (x) => {
        const expected = Math.log(x);
        expect(Math.abs(Elementary.log(x) - expected)).toBeLessThan(2e-15 * Math.max(1, Math.abs(expected)));
      }),
      { numRuns: 2_000 },
    );
  });

  test('handles the ends', () => {
    expect(Elementary.log(1)).toBe(0);
    expect(Elementary.log(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(Elementary.log(-1)).toBeNaN();
  });
});

describe('sqrt', () => {
  test('agrees with Math.sqrt to the last bit or its neighbour', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
        expect(relative(Elementary.sqrt(x), Math.sqrt(x))).toBeLessThan(2.3e-16);
      }),
      { numRuns: 2_000 },
    );
    expect(Elementary.sqrt(0)).toBe(0);
    expect(Elementary.sqrt(-1)).toBeNaN();
  });
});

test('the bits of known values are pinned', () => {
  const bits = (x: number) => new BigUint64Array(Float64Array.of(x).buffer)[0]?.toString(16);
  expect([1, -1, 10, -20.5].map(Elementary.exp).map(bits)).toMatchInlineSnapshot(`
    [
      "4005bf0a8b14576a",
      "3fd78b56362cef38",
      "40d5829dcf950560",
      "3e157a3afeed00ac",
    ]
  `);
  expect([2, 0.1, 1e-30, 1234.5].map(Elementary.log).map(bits)).toMatchInlineSnapshot(`
    [
      "3fe62e42fefa39ef",
      "c0026bb1bbb55515",
      "c05144f69ff9ffc4",
      "401c79436f818745",
    ]
  `);
  expect([2, 6 / 784, 1e-20].map(Elementary.sqrt).map(bits)).toMatchInlineSnapshot(`
    [
      "3ff6a09e667f3bcc",
      "3fb66534a92f015a",
      "3ddb7cdfd9d7bdba",
    ]
  `);
});
