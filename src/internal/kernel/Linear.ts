/** A fully connected layer in an arena, y = x W + b, for batches of many rows. */
import type * as Arena from './Arena.ts';
import * as Matrix from './Matrix.ts';
import * as Parameter from './Parameter.ts';

/** Weights are stored by input. The packed forms are copies that `prepare` brings up to date. */
export type Linear = {
  readonly weight: Parameter.Parameter;
  readonly bias: Parameter.Parameter;
  readonly packed: Matrix.Packed;
  readonly transposed: Matrix.Packed;
};

/** A layer of zeros. */
export function from(arena: Arena.Arena, name: string, inputs: number, outputs: number): Linear {
  return {
    weight: Parameter.zeros(arena, `${name}.weight`, [inputs, outputs]),
    bias: Parameter.zeros(arena, `${name}.bias`, [outputs]),
    packed: Matrix.packed(arena, inputs, outputs),
    transposed: Matrix.packed(arena, outputs, inputs),
  };
}

/** To be called whenever the weights have changed. */
export function prepare({ weight, packed, transposed }: Linear): void {
  Matrix.pack(packed, weight.values);
  Matrix.packTransposed(transposed, weight.values);
}

/** y = x W + b. */
export function forward(arena: Arena.Arena, { bias, packed }: Linear, x: Float32Array, y: Float32Array, rows: number) {
  for (let row = 0; row < rows; row++) y.set(bias.values, row * packed.width);
  Matrix.multiply(arena, { values: x, row: packed.depth, step: 1 }, packed, y, rows);
}

/** Adds x^T dy to the gradient of the weights and the sum of dy to that of the bias. `right` holds dy, packed. */
export function backward(
  arena: Arena.Arena,
  { weight, bias, packed }: Linear,
  x: Float32Array,
  dy: Float32Array,
  right: Matrix.Packed,
): void {
  Matrix.pack(right, dy);
  Matrix.multiply(arena, { values: x, row: 1, step: packed.depth }, right, weight.gradient, packed.depth);
  addRows(bias.gradient, dy);
}

/** dx += dy W^T. */
export function backwardInputs(
  arena: Arena.Arena,
  { transposed }: Linear,
  dy: Float32Array,
  dx: Float32Array,
  rows: number,
): void {
  Matrix.multiply(arena, { values: dy, row: transposed.depth, step: 1 }, transposed, dx, rows);
}

/** Adds each row of `values`, as long as `sums`, to `sums`. */
export function addRows(sums: Float32Array, values: Float32Array): void {
  const width = sums.length;
  for (let start = 0; start < values.length; start += width) {
    for (let column = 0; column < width; column++) {
      sums[column] = (sums[column] as number) + (values[start + column] as number);
    }
  }
}
