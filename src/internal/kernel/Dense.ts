/**
 * A fully connected layer, y = x W + b, and its gradients.
 *
 * Order of summation, which defines the bytes of every result: products of two float32 are exact in double; each
 * output starts from its bias (gradients from zero) and adds the products one at a time in double, by ascending input
 * (forward), ascending sample (gradients of parameters) or ascending output (gradient of inputs); the sum is rounded
 * to float32 once, when it is stored. A product whose input is zero is left out, which changes no finite sum and makes
 * images with dark pixels and hidden units that are off cost nothing.
 */
import * as Elementary from './Elementary.ts';
import * as Random from './Random.ts';

/** Weights are stored by input: the weight from input i to output o stands at `i * outputs + o`. */
export type Dense = {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
};

/** Buffers that forward and backward passes write their partial sums to, so that a training step allocates nothing. */
export type Scratch = {
  readonly sums: Float64Array;
  readonly rows: Int32Array;
  readonly scales: Float64Array;
};

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
  const widest = Math.max(batch, ...layers.flatMap(({ inputs, outputs }) => [inputs, outputs]));
  return { sums: new Float64Array(widest), rows: new Int32Array(widest), scales: new Float64Array(widest) };
}

/** y[b, o] = bias[o] + sum over i of x[b, i] W[i, o]. Shapes: `x` batch x inputs, `y` batch x outputs. */
export function forward(layer: Dense, x: Float32Array, y: Float32Array, batch: number, work: Scratch): void {
  const { inputs, outputs, weights, bias } = layer;
  const { sums } = work;
  for (let b = 0; b < batch; b++) {
    const count = gather(work, x, b * inputs, 1, inputs);
    for (let o = 0; o < outputs; o++) sums[o] = bias[o] as number;
    addRows(work, count, weights, outputs);
    for (let o = 0; o < outputs; o++) y[b * outputs + o] = sums[o] as number;
  }
}

/** Writes dW[i, o] = sum over b of x[b, i] dy[b, o] and db[o] = sum over b of dy[b, o] to `gradient`. */
export function backward(gradient: Dense, x: Float32Array, dy: Float32Array, batch: number, work: Scratch): void {
  const { inputs, outputs, weights, bias } = gradient;
  const { sums } = work;
  for (let i = 0; i < inputs; i++) {
    const count = gather(work, x, i, inputs, batch);
    for (let o = 0; o < outputs; o++) sums[o] = 0;
    addRows(work, count, dy, outputs);
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

/** Notes the non-zero ones of `count` values, `stride` apart, and their places; returns how many. */
function gather(work: Scratch, values: Float32Array, start: number, stride: number, count: number): number {
  const { rows, scales } = work;
  let found = 0;
  for (let index = 0, at = start; index < count; index++, at += stride) {
    const value = values[at] as number;
    if (value === 0) continue;
    rows[found] = index;
    scales[found] = value;
    found += 1;
  }
  return found;
}

/** sums[o] += scale[k] matrix[row[k], o] for k ascending. Four rows a pass: a quarter of the traffic, the same order. */
function addRows({ sums, rows, scales }: Scratch, count: number, matrix: Float32Array, width: number): void {
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    const row0 = (rows[k] as number) * width;
    const row1 = (rows[k + 1] as number) * width;
    const row2 = (rows[k + 2] as number) * width;
    const row3 = (rows[k + 3] as number) * width;
    const scale0 = scales[k] as number;
    const scale1 = scales[k + 1] as number;
    const scale2 = scales[k + 2] as number;
    const scale3 = scales[k + 3] as number;
    for (let o = 0; o < width; o++) {
      sums[o] =
        (sums[o] as number) +
        scale0 * (matrix[row0 + o] as number) +
        scale1 * (matrix[row1 + o] as number) +
        scale2 * (matrix[row2 + o] as number) +
        scale3 * (matrix[row3 + o] as number);
    }
  }
  for (; k < count; k++) {
    const row = (rows[k] as number) * width;
    const scale = scales[k] as number;
    for (let o = 0; o < width; o++) sums[o] = (sums[o] as number) + scale * (matrix[row + o] as number);
  }
}
