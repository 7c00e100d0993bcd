/**
 * Products of matrices in an arena.
 *
 * Order of summation, which defines the bytes of every result: an output starts from what it held and adds the
 * products by ascending inner index; each product and each sum is rounded to float32.
 */
import * as Arena from './Arena.ts';

/** The right side of products: depth x width, kept in strips of eight columns. `width` is a multiple of eight. */
export type Packed = { readonly depth: number; readonly width: number; readonly strips: Float32Array };

/** The left side of products: the value at row `r` and inner index `k` stands at `r * row + k * step`. */
export type Left = { readonly values: Float32Array; readonly row: number; readonly step: number };

const STRIP = 8;
/** Rows and inner indices that are worked on together, so that they stay in the nearest caches. */
const ROWS = 128;
const DEPTH = 256;

/** Room for a right side of this shape. */
export function packed(arena: Arena.Arena, depth: number, width: number): Packed {
  return { depth, width, strips: Arena.floats(arena, depth * width) };
}

/** Fills `target` from a matrix of depth x width, row after row. */
export function pack({ depth, width, strips }: Packed, matrix: Float32Array): void {
  let to = 0;
  for (let strip = 0; strip < width; strip += STRIP) {
    for (let k = 0; k < depth; k++) {
      const from = k * width + strip;
      for (let column = 0; column < STRIP; column++) strips[to++] = matrix[from + column] as number;
    }
  }
}

/** Fills `target` from the transpose of a matrix: width x depth, row after row. */
export function packTransposed({ depth, width, strips }: Packed, matrix: Float32Array): void {
  for (let strip = 0; strip < width; strip += STRIP) {
    for (let column = 0; column < STRIP; column++) {
      const from = (strip + column) * depth;
      for (let k = 0, to = strip * depth + column; k < depth; k++, to += STRIP) strips[to] = matrix[from + k] as number;
    }
  }
}

/** c += left right, for `rows` rows of `c`, which are `right.width` long. All arrays belong to `arena`. */
export function multiply({ routines }: Arena.Arena, left: Left, right: Packed, c: Float32Array, rows: number): void {
  const { depth, width, strips } = right;
  const start = left.values.byteOffset;
  for (let row = 0; row < rows; row += ROWS) {
    const height = Math.min(ROWS, rows - row);
    for (let k = 0; k < depth; k += DEPTH) {
      const a = start + 4 * (row * left.row + k * left.step);
      const inner = Math.min(DEPTH, depth - k);
      for (let strip = 0; strip < width; strip += STRIP) {
        const b = strips.byteOffset + 4 * (strip * depth + k * STRIP);
        const target = c.byteOffset + 4 * (row * width + strip);
        routines.multiply(a, 4 * left.row, 4 * left.step, b, target, 4 * width, inner, height);
      }
    }
  }
}
