/**
 * A fully connected layer, y = x W + b, and its gradients.
 *
 * Order of summation, which defines the bytes of every result: products of two float32 are exact in double; each
 * output starts from its bias (gradients from zero) and adds the products one at a time in double, by ascending input
 * (forward), ascending sample (gradients of parameters) or ascending output (gradient of inputs); the sum is rounded
 * to float32 once, when it is stored. A product whose input is zero is left out, which changes no finite sum and makes
 * images with dark pixels and hidden units that are off cost nothing.
 */
import * as Arena from './Arena.ts';
import * as Elementary from './Elementary.ts';
import * as Random from './Random.ts';

/** Weights are stored by input: the weight from input i to output o stands at `i * outputs + o`. */
export type Dense = {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
};

/** Buffers of forward and backward passes, so that a training step allocates nothing. */
export type Scratch = {
  readonly arena: Arena.Arena;
  readonly sums: Float64Array;
  /** Places of the rows that are added, and what they are multiplied by. */
  readonly rows: Int32Array;
  readonly scales: Float64Array;
  /** Room for the rows: the weights of a layer or the gradients of its outputs, padded to whole strips. */
  readonly matrix: Float32Array;
};

/** Columns that the vector routine works on at once. */
const STRIP = 16;

/**
 * A layer with He initialisation: weights uniform in [-limit, limit) with limit = sqrt(6 / inputs), biases zero.
 *
 * Source: He et al. 2015, https://arxiv.org/abs/1502.01852
 */
export function from({ inputs, outputs, random }: from.Options): Dense {
  const limit = Elementary.sqrt(6 / inputs);
  const weights = new Float32Array(inputs * outputs);
  for (let index = 0; index < weights.length; index++) weights[index] = (2 * Random.unit(random) - 1) * limit;
  return { inputs, outputs, weights, bias: new Float32Array(outputs) };
}

export declare namespace from {
  type Options = { readonly inputs: number; readonly outputs: number; readonly random: Random.Random };
}

/** A layer of zeros with the shape of `layer`: its gradient or its momentum. */
export function zeros({ inputs, outputs }: Dense): Dense {
  return { inputs, outputs, weights: new Float32Array(inputs * outputs), bias: new Float32Array(outputs) };
}

/** Scratch that fits every layer of `layers` at the given batch size. */
export function scratch(layers: readonly Dense[], batch: number): Scratch {
  const padded = layers.map(({ outputs }) => pad(outputs));
  const longest = Math.max(batch, ...layers.map(({ inputs }) => inputs));
  const widest = Math.max(...padded);
  const room = Math.max(...layers.map(({ inputs }, index) => Math.max(batch, inputs) * (padded[index] as number)));
  const arena = Arena.from(2 * widest + 3 * longest + room + 100);
  const { buffer } = arena.memory;
  return {
    arena,
    sums: new Float64Array(buffer, Arena.place(arena, 8 * widest), widest),
    rows: new Int32Array(buffer, Arena.place(arena, 4 * longest), longest),
    scales: new Float64Array(buffer, Arena.place(arena, 8 * longest), longest),
    matrix: Arena.floats(arena, room),
  };
}

/** `width` rounded up to whole strips. */
function pad(width: number): number {
  return Math.ceil(width / STRIP) * STRIP;
}

/** y[b, o] = bias[o] + sum over i of x[b, i] W[i, o]. Shapes: `x` batch x inputs, `y` batch x outputs. */
export function forward(layer: Dense, x: Float32Array, y: Float32Array, batch: number, work: Scratch): void {
  const { inputs, outputs, weights, bias } = layer;
  const { sums } = work;
  copy(work, weights, inputs, outputs);
  for (let b = 0; b < batch; b++) {
    const count = gather(work, x, b * inputs, 1, inputs, pad(outputs));
    for (let o = 0; o < outputs; o++) sums[o] = bias[o] as number;
    addRows(work, count, pad(outputs));
    for (let o = 0; o < outputs; o++) y[b * outputs + o] = sums[o] as number;
  }
}

/** Writes dW[i, o] = sum over b of x[b, i] dy[b, o] and db[o] = sum over b of dy[b, o] to `gradient`. */
export function backward(gradient: Dense, x: Float32Array, dy: Float32Array, batch: number, work: Scratch): void {
  const { inputs, outputs, weights, bias } = gradient;
  const { sums } = work;
  copy(work, dy, batch, outputs);
  for (let i = 0; i < inputs; i++) {
    const count = gather(work, x, i, inputs, batch, pad(outputs));
    for (let o = 0; o < outputs; o++) sums[o] = 0;
    addRows(work, count, pad(outputs));
    for (let o = 0; o < outputs; o++) weights[i * outputs + o] = sums[o] as number;
  }
  for (let o = 0; o < outputs; o++) {
    let sum = 0;
    for (let b = 0; b < batch; b++) sum += dy[b * outputs + o] as number;
    bias[o] = sum;
  }
}

/** dx[b, i] = sum over o of dy[b, o] W[i, o]. */
export function backwardInputs(layer: Dense, dy: Float32Array, dx: Float32Array, batch: number): void {
  const { inputs, outputs, weights } = layer;
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < inputs; i++) {
      let sum = 0;
      for (let o = 0; o < outputs; o++) sum += (dy[b * outputs + o] as number) * (weights[i * outputs + o] as number);
      dx[b * inputs + i] = sum;
    }
  }
}

/** Puts `rows` rows of `width` columns where the vector routine finds them. */
function copy({ matrix }: Scratch, values: Float32Array, rows: number, width: number): void {
  if (width === pad(width)) {
    matrix.set(values.length === rows * width ? values : values.subarray(0, rows * width));
    return;
  }
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      matrix[row * pad(width) + column] = values[row * width + column] as number;
    }
  }
}

/** Notes the non-zero ones of `count` values, `stride` apart, and the places of their rows; returns how many. */
function gather(
  work: Scratch,
  values: Float32Array,
  start: number,
  stride: number,
  count: number,
  width: number,
): number {
  const { rows, scales } = work;
  let found = 0;
  for (let index = 0, at = start; index < count; index++, at += stride) {
    const value = values[at] as number;
    if (value === 0) continue;
    rows[found] = index * width * 4;
    scales[found] = value;
    found += 1;
  }
  return found;
}

/** sums[o] += scale[k] matrix[row[k], o] for k ascending, a strip of columns after the other. */
function addRows({ arena, sums, rows, scales, matrix }: Scratch, count: number, width: number): void {
  for (let strip = 0; strip < width; strip += STRIP) {
    const total = sums.byteOffset + 8 * strip;
    arena.routines.addRows(total, rows.byteOffset, scales.byteOffset, count, matrix.byteOffset + 4 * strip);
  }
}
