/** Trains the language model; the same bytes on every machine, also when it was interrupted. */
import { LINE_FEED } from '../../src/infer/engines/BytePair.ts';
import * as LanguageModel from '../../src/internal/kernel/LanguageModel.ts';
import * as Parameter from '../../src/internal/kernel/Parameter.ts';
import * as Random from '../../src/internal/kernel/Random.ts';
import { linesOf } from './Tokens.ts';

export const SHAPE = { tokens: 2_048, width: 128, units: 256 };
const SEED = 5;
/** Streams side by side, and the time steps through which a gradient flows back. */
const STREAMS = 16;
const STEPS = 32;
const EPOCHS = 2;
/** The rate rises in a straight line over the first steps and falls in a straight line to zero at the last one. */
const RATE = 0.008;
const RISE = 200;
const LONGEST = 1;

/** A training at some step. What it does next follows from its parameters, its states and the number of the step. */
export type Training = {
  readonly model: LanguageModel.LanguageModel;
  readonly work: LanguageModel.Workspace;
  /** Steps that were taken. */
  step: number;
};

export function startTraining(): Training {
  const model = LanguageModel.from(SHAPE, STREAMS * STEPS);
  LanguageModel.randomize(model, Random.from(SEED));
  return { model, work: LanguageModel.workspace(model, STREAMS, STEPS), step: 0 };
}

/** How many steps the whole training takes. */
export function countSteps(stream: Uint16Array): number {
  return EPOCHS * stepsPerEpoch(stream);
}

/** Trains on until the step `last` was taken; `report` hears of each step and its loss (nats). */
export function trainUntil(
  training: Training,
  stream: Uint16Array,
  last: number,
  report: (step: number, loss: number) => void = () => {},
): void {
  const { model, work } = training;
  const lines = linesOf(stream);
  const all = countSteps(stream);
  const perEpoch = stepsPerEpoch(stream);
  let shuffled = new Uint16Array();
  let ready = -1;
  while (training.step < last) {
    const epoch = Math.floor(training.step / perEpoch);
    if (epoch !== ready) shuffled = shuffle(lines, stream.length, epoch);
    ready = epoch;
    LanguageModel.prepare(model);
    const loss = LanguageModel.measure(model, work, windowAt(shuffled, training.step % perEpoch));
    training.step += 1;
    const rate = RATE * Math.min(1, training.step / RISE, (all - training.step) / (all - RISE));
    Parameter.descend(model.arena, LanguageModel.parameters(model), training.step, { rate, longest: LONGEST });
    report(training.step, loss);
  }
}

function stepsPerEpoch(stream: Uint16Array): number {
  return Math.floor(stream.length / (STREAMS * STEPS));
}

/** A line feed and then the lines in the order of an epoch. */
function shuffle(lines: readonly Uint16Array[], length: number, epoch: number): Uint16Array<ArrayBuffer> {
  const order = Uint32Array.from(lines, (_, index) => index);
  Random.shuffle(Random.from(SEED + 1 + epoch), order);
  const shuffled = new Uint16Array(length + 1);
  shuffled[0] = LINE_FEED;
  let at = 1;
  for (const index of order) {
    const line = lines[index] as Uint16Array;
    shuffled.set(line, at);
    at += line.length;
  }
  return shuffled;
}

/** The window of a step within an epoch: each stream reads a part of its own. In the first one all start from zeros. */
function windowAt(shuffled: Uint16Array, step: number): LanguageModel.Window {
  const part = Math.floor((shuffled.length - 1) / STREAMS);
  const rows = STREAMS * STEPS;
  const window = { inputs: new Uint16Array(rows), targets: new Uint16Array(rows), starts: new Uint8Array(rows) };
  for (let row = 0; row < rows; row++) {
    const time = step * STEPS + Math.floor(row / STREAMS);
    const at = (row % STREAMS) * part + time;
    window.inputs[row] = shuffled[at] as number;
    window.targets[row] = shuffled[at + 1] as number;
    window.starts[row] = time === 0 || window.inputs[row] === LINE_FEED ? 1 : 0;
  }
  return window;
}
