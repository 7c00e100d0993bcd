import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Arena from './Arena.ts';

const arena = Arena.from(200);
const values = Arena.floats(arena, 8);
const exponentiate = (x: readonly number[], shift = 0) => {
  values.set(x);
  arena.routines.exponentiate(values.byteOffset, 8, shift);
  return [...values];
};

describe('exponentiate', () => {
  test('agrees with Math.exp to 3e-7 within the range it keeps to', () => {
    const x = fc.float({ min: -87, max: 88, noNaN: true });
    fc.assert(
      fc.property(fc.array(x, { minLength: 8, maxLength: 8 }), (inputs) => {
        for (const [at, value] of exponentiate(inputs).entries()) {
          const expected = Math.exp(inputs[at] as number);
          expect(Math.abs(value / expected - 1)).toBeLessThan(3e-7);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('takes the shift away first, and keeps far values within float32', () => {
    const [zero, one, small, large] = exponentiate([5, 6, -1_000, 1_000, 0, 0, 0, 0], 5) as [
      number,
      number,
      number,
      number,
    ];
    expect(zero).toBe(1);
    expect(one).toBeCloseTo(Math.E, 6);
    expect(small).toBeGreaterThan(0);
    expect(large).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  test('the bits of known values are pinned', () => {
    const written = exponentiate([0, 1, -1, 10, -20.5, 0.3, 80, -80]);
    const bits = [...new Uint32Array(Float32Array.from(written).buffer)].map((word) => word.toString(16));
    expect(bits).toMatchInlineSnapshot(`
      [
        "3f800000",
        "402df854",
        "3ebc5ab2",
        "46ac14ee",
        "30abd1d8",
        "3facc82c",
        "792abbcd",
        "5bfecbb",
      ]
    `);
  });
});

describe('floats', () => {
  test('gives arrays of zeros that do not overlap, each on a cache line', () => {
    const own = Arena.from(100);
    const arrays = [3, 17, 16].map((length) => Arena.floats(own, length));
    for (const [at, array] of arrays.entries()) array.fill(at + 1);
    expect(arrays.map((array) => [...new Set(array)])).toEqual([[1], [2], [3]]);
    expect(arrays.map(({ byteOffset }) => byteOffset % 64)).toEqual([0, 0, 0]);
  });

  test('refuses more than the arena has', () => {
    expect(() => Arena.floats(Arena.from(100), 1_000_000)).toThrow(RangeError);
  });
});
