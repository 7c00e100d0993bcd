import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Arena from './Arena.ts';
import * as Matrix from './Matrix.ts';
import * as Random from './Random.ts';

/** Sizes on both sides of what the routine works on at once: four rows, 128 rows, 256 inner indices. */
const sizes = fc.record({
  rows: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 127, max: 131 })),
  depth: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 255, max: 259 })),
  width: fc.constantFrom(8, 16, 24),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

function setUp({ rows, depth, width, seed }: { rows: number; depth: number; width: number; seed: number }) {
  const arena = Arena.from(rows * depth + 2 * depth * width + rows * width + 100);
  const random = Random.from(seed);
  const [left, matrix, c] = [rows * depth, depth * width, rows * width].map((length) => {
    const array = Arena.floats(arena, length);
    for (let at = 0; at < length; at++) array[at] = Random.unit(random) - 0.5;
    return array;
  }) as [Float32Array, Float32Array, Float32Array];
  return { arena, left, matrix, c, right: Matrix.packed(arena, depth, width) };
}

/** The definition, one operation at a time. */
function reference(
  left: (r: number, k: number) => number,
  right: (k: number, n: number) => number,
  c: Float32Array,
  depth: number,
  width: number,
) {
  return c.map((held, at) => {
    let sum = held;
    const [r, n] = [Math.floor(at / width), at % width];
    for (let k = 0; k < depth; k++) sum = Math.fround(sum + Math.fround(left(r, k) * right(k, n)));
    return sum;
  });
}

describe('multiply', () => {
  test('adds products by ascending inner index, each rounded to float32', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const { rows, depth, width } = size;
        const { arena, left, matrix, c, right } = setUp(size);
        const at = (r: number, k: number) => left[r * depth + k] as number;
        const expected = reference(at, (k, n) => matrix[k * width + n] as number, c, depth, width);
        Matrix.pack(right, matrix);
        Matrix.multiply(arena, { values: left, row: depth, step: 1 }, right, c, rows);
        expect(c).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  test('takes either side transposed', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const { rows, depth, width } = size;
        const { arena, left, matrix, c, right } = setUp(size);
        const at = (r: number, k: number) => left[k * rows + r] as number;
        const expected = reference(at, (k, n) => matrix[n * depth + k] as number, c, depth, width);
        Matrix.packTransposed(right, matrix);
        Matrix.multiply(arena, { values: left, row: 1, step: rows }, right, c, rows);
        expect(c).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });
});
