/** What a network gets right on a set of samples. */
import * as Network from '../../src/internal/kernel/Network.ts';
import * as Statistics from '../Statistics.ts';
import { PIXELS, type Samples } from './data.ts';

export type Evaluation = {
  readonly samples: number;
  readonly accuracy: number;
  /** `precision` of those called this digit, `recall` of those that are it. */
  readonly perClass: readonly { readonly digit: number; readonly precision: number; readonly recall: number }[];
  /** `confusion[is][called]` counts samples. */
  readonly confusion: readonly (readonly number[])[];
};

export function evaluate(network: Network.Network, { pixels, labels }: Samples): Evaluation {
  const work = Network.workspace(network, 1);
  const input = work.activations[0] as Float32Array;
  const confusion = Array.from({ length: 10 }, () => new Array<number>(10).fill(0));
  for (const [index, label] of labels.entries()) {
    for (let at = 0; at < PIXELS; at++) input[at] = (pixels[index * PIXELS + at] as number) / 255;
    const probabilities = Network.forward(network, work);
    const row = confusion[label] as number[];
    const called = probabilities.indexOf(Math.max(...probabilities));
    row[called] = (row[called] as number) + 1;
  }
  return { samples: labels.length, ...summarize(confusion) };
}

function summarize(confusion: number[][]): Omit<Evaluation, 'samples'> {
  const right = confusion.map((row, digit) => row[digit] as number);
  const called = confusion.map((_, digit) => sum(confusion.map((row) => row[digit] as number)));
  const perClass = confusion.map((row, digit) => ({
    digit,
    precision: Statistics.round((right[digit] as number) / (called[digit] as number)),
    recall: Statistics.round((right[digit] as number) / sum(row)),
  }));
  return { accuracy: Statistics.round(sum(right) / sum(confusion.map(sum))), perClass, confusion };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
