/** How well a classifier tells and rates the risk on a set of samples. */
import * as Network from '../../src/internal/kernel/Network.ts';
import * as Statistics from '../Statistics.ts';
import { FEATURES, type Samples } from './data.ts';

/** Rows in a tenth of the scale of probabilities: how many there are, their mean probability, and how many are malignant. */
type Tenth = { readonly from: number; readonly rows: number; readonly probability: number; readonly malignant: number };

export type Evaluation = {
  readonly samples: number;
  readonly accuracy: number;
  /** Of the malignant rows, the share that was called malignant; of the benign ones, the share called benign. */
  readonly sensitivity: number;
  readonly specificity: number;
  readonly auc: number;
  readonly brier: number;
  /** Ends of the 95 % intervals. */
  readonly intervals: {
    readonly [metric in 'accuracy' | 'sensitivity' | 'specificity' | 'auc' | 'brier']: Statistics.Interval;
  };
  /** Rows by what they were called and whether that was true. */
  readonly confusion: { readonly [cell in 'trueBenign' | 'falseBenign' | 'trueMalignant' | 'falseMalignant']: number };
  readonly calibration: readonly Tenth[];
};

/** What the classifier says of a row, and whether it is malignant. */
type Case = { readonly probability: number; readonly malignant: boolean };

/** Accuracy, sensitivity and specificity have Wilson intervals, AUC and Brier score the middle 95 % of 2,000 resamples. */
export function evaluate(network: Network.Network, samples: Samples): Evaluation {
  const cases = run(network, samples);
  const confusion = {
    trueBenign: count(cases, false, false),
    falseBenign: count(cases, true, false),
    trueMalignant: count(cases, true, true),
    falseMalignant: count(cases, false, true),
  };
  const { trueBenign, falseBenign, trueMalignant, falseMalignant } = confusion;
  const share = (right: number, all: number) => ({ value: right / all, interval: Statistics.wilson(right, all) });
  const measured = {
    accuracy: share(trueBenign + trueMalignant, cases.length),
    sensitivity: share(trueMalignant, trueMalignant + falseBenign),
    specificity: share(trueBenign, trueBenign + falseMalignant),
    auc: { value: auc(cases), interval: Statistics.bootstrap(cases, auc) },
    brier: { value: brier(cases), interval: Statistics.bootstrap(cases, brier) },
  };
  const pick = <Value>(read: (metric: { value: number; interval: Statistics.Interval }) => Value) => {
    const entries = Object.entries(measured).map(([name, metric]) => [name, read(metric)]);
    return Object.fromEntries(entries) as { [metric in keyof typeof measured]: Value };
  };
  return {
    samples: cases.length,
    ...pick(({ value }) => Statistics.round(value)),
    intervals: pick(({ interval }) => interval),
    confusion,
    calibration: calibrate(cases),
  };
}

function run(network: Network.Network, { values, labels }: Samples): Case[] {
  const work = Network.workspace(network, 1);
  return Array.from(labels, (label, row) => {
    work.activations[0]?.set(values.subarray(row * FEATURES, (row + 1) * FEATURES));
    return { probability: Network.forward(network, work)[1] as number, malignant: label === 1 };
  });
}

function count(cases: readonly Case[], is: boolean, called: boolean): number {
  return cases.filter(({ malignant, probability }) => malignant === is && probability > 0.5 === called).length;
}

/** Share of the pairs of a malignant and a benign row in which the malignant one is rated higher; ties count half. */
function auc(cases: readonly Case[]): number {
  const benign = cases.filter(({ malignant }) => !malignant);
  const ill = cases.filter(({ malignant }) => malignant);
  let won = 0;
  for (const one of ill) {
    for (const other of benign) {
      won += one.probability > other.probability ? 1 : one.probability === other.probability ? 0.5 : 0;
    }
  }
  return won / (ill.length * benign.length);
}

/** Mean square of the distance between probability and truth. */
function brier(cases: readonly Case[]): number {
  const distances = cases.map(({ probability, malignant }) => probability - Number(malignant));
  return distances.reduce((sum, distance) => sum + distance * distance, 0) / cases.length;
}

function calibrate(cases: readonly Case[]): Tenth[] {
  return Array.from({ length: 10 }, (_, tenth) => {
    const own = cases.filter(({ probability }) => Math.min(9, Math.floor(probability * 10)) === tenth);
    const probability = own.reduce((sum, one) => sum + one.probability, 0) / Math.max(1, own.length);
    const malignant = own.filter((one) => one.malignant).length;
    return { from: tenth / 10, rows: own.length, probability: Statistics.round(probability), malignant };
  }).filter(({ rows }) => rows > 0);
}
