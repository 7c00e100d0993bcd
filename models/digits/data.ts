/** The 10,000 handwritten digits of the `mnist` package, split once and for all. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as Random from '../../src/internal/kernel/Random.ts';

/** Images of 28 x 28 pixels (0 black to 255 white), one after the other, and the digit each one shows. */
export type Samples = { readonly pixels: Uint8Array; readonly labels: Uint8Array };
export type Split = { readonly train: Samples; readonly validation: Samples; readonly test: Samples };

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;

const CLASSES = 10;
const SPLIT_SEED = 20_260_101;
const VALIDATION = 1_000;
const TEST = 1_000;

type Place = { readonly digit: number; readonly index: number };

/** 8,000 samples to train on, 1,000 to watch the training by, 1,000 held out; each digit keeps its share. */
export function readSplit(): Split {
  const digits = Array.from({ length: CLASSES }, (_, digit) => readDigit(digit));
  const total = digits.reduce((sum, pixels) => sum + pixels.length / PIXELS, 0);
  const random = Random.from(SPLIT_SEED);
  const parts = { train: [] as Place[], validation: [] as Place[], test: [] as Place[] };

  let before = 0;
  for (const [digit, pixels] of digits.entries()) {
    const order = Array.from({ length: pixels.length / PIXELS }, (_, index) => index);
    Random.shuffle(random, order);
    // Differences of running totals, so that the shares of the ten digits add up exactly.
    const share = (size: number) => {
      return Math.round(((before + order.length) * size) / total) - Math.round((before * size) / total);
    };
    const test = share(TEST);
    const validation = test + share(VALIDATION);
    const places = order.map((index) => ({ digit, index }));
    parts.test.push(...places.slice(0, test));
    parts.validation.push(...places.slice(test, validation));
    parts.train.push(...places.slice(validation));
    before += order.length;
  }
  return {
    train: collect(digits, parts.train),
    validation: collect(digits, parts.validation),
    test: collect(digits, parts.test),
  };
}

/** The package stores pixels as fractions of 255 with three decimals; rounding restores the bytes. */
function readDigit(digit: number): Uint8Array {
  const file = createRequire(import.meta.url).resolve(`mnist/src/digits/${digit}.json`);
  const { data } = JSON.parse(readFileSync(file, 'utf8')) as { data: number[] };
  return Uint8Array.from(data, (fraction) => Math.round(fraction * 255));
}

function collect(digits: readonly Uint8Array[], places: readonly Place[]): Samples {
  const pixels = new Uint8Array(places.length * PIXELS);
  const labels = new Uint8Array(places.length);
  for (const [at, { digit, index }] of places.entries()) {
    const source = digits[digit] as Uint8Array;
    pixels.set(source.subarray(index * PIXELS, (index + 1) * PIXELS), at * PIXELS);
    labels[at] = digit;
  }
  return { pixels, labels };
}
