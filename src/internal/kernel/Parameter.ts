/** Trainable tensors in an arena, and the optimiser that moves them. */
import * as Arena from './Arena.ts';
import * as Elementary from './Elementary.ts';
import type * as Random from './Random.ts';
import { unit } from './Random.ts';

/** A tensor. Backward passes add to `gradient`; `mean` and `square` are the optimiser's. */
export type Parameter = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly gradient: Float32Array;
  readonly mean: Float32Array;
  readonly square: Float32Array;
};

/** Arrays that a parameter has in its arena. */
export const ARRAYS = 4;

/** Size of a step: the learning rate, and the longest gradient (Euclidean length over all parameters) it may follow. */
export type Step = { readonly rate: number; readonly longest: number };

const KEEP_MEAN = 0.9;
const KEEP_SQUARE = 0.99;
const EPSILON = 1e-8;

/** A parameter of zeros. Its size is a multiple of four. */
export function zeros(arena: Arena.Arena, name: string, shape: readonly number[]): Parameter {
  const size = shape.reduce((product, side) => product * side, 1);
  const [values, gradient, mean, square] = Array.from({ length: ARRAYS }, () => Arena.floats(arena, size)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  return { name, shape, values, gradient, mean, square };
}

/** Fills with values uniform in [-limit, limit). */
export function randomize({ values }: Parameter, random: Random.Random, limit: number): void {
  for (let at = 0; at < values.length; at++) values[at] = (2 * unit(random) - 1) * limit;
}

/**
 * Step number `step` (from 1) of Adam along the gradients, which are shortened first where they are too long together,
 * and set to zero afterwards.
 *
 * Source: Kingma and Ba 2015, https://arxiv.org/abs/1412.6980
 */
export function descend(arena: Arena.Arena, parameters: readonly Parameter[], step: number, size: Step): void {
  shorten(parameters, size.longest);
  const meanShare = 1 - power(KEEP_MEAN, step);
  const squareShare = Elementary.sqrt(1 - power(KEEP_SQUARE, step));
  const rate = (size.rate * squareShare) / meanShare;
  for (const { values, gradient, mean, square } of parameters) {
    const addresses = [values, gradient, mean, square].map(({ byteOffset }) => byteOffset);
    arena.routines.adam(
      ...(addresses as [number, number, number, number]),
      values.length,
      rate,
      EPSILON * squareShare,
      KEEP_MEAN,
      KEEP_SQUARE,
    );
    gradient.fill(0);
  }
}

function shorten(parameters: readonly Parameter[], longest: number): void {
  let square = 0;
  for (const { gradient } of parameters) {
    for (let at = 0; at < gradient.length; at++) square += (gradient[at] as number) * (gradient[at] as number);
  }
  if (square <= longest * longest) return;
  const scale = longest / Elementary.sqrt(square);
  for (const { gradient } of parameters) {
    for (let at = 0; at < gradient.length; at++) gradient[at] = (gradient[at] as number) * scale;
  }
}

/** By repeated products: the operator `**` may differ between engines. */
function power(base: number, exponent: number): number {
  let value = 1;
  for (let count = 0; count < exponent; count++) value *= base;
  return value;
}
