/** Confidence intervals of evaluations; the same numbers on every machine. */
import * as Elementary from '../src/internal/kernel/Elementary.ts';
import * as Random from '../src/internal/kernel/Random.ts';

/** Lower and upper end, rounded to four decimals. */
export type Interval = readonly [number, number];

/** Two-sided 95 % of the normal distribution. */
const Z = 1.959964;

/** The 95 % interval of a share, by Wilson's score: `right` of `all`. */
export function wilson(right: number, all: number): Interval {
  const share = right / all;
  const square = Z * Z;
  const middle = (share + square / (2 * all)) / (1 + square / all);
  const half = (Z / (1 + square / all)) * Elementary.sqrt((share * (1 - share)) / all + square / (4 * all * all));
  return [round(middle - half), round(middle + half)];
}

/** How often cases are drawn, and what the draws follow from. */
export type Draws = { readonly resamples: number; readonly seed: number };

/** The middle 95 % of a statistic over resamples of the cases, drawn with replacement. */
export function bootstrap<Case>(
  cases: readonly Case[],
  statistic: (cases: readonly Case[]) => number,
  { resamples, seed }: Draws = { resamples: 2_000, seed: 20_260_103 },
): Interval {
  const random = Random.from(seed);
  const values = Float64Array.from({ length: resamples }, () => {
    return statistic(cases.map(() => cases[Random.below(random, cases.length)] as Case));
  }).sort();
  return [round(values[resamples * 0.025] as number), round(values[resamples * 0.975 - 1] as number)];
}

/** A number with four decimals. */
export function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
