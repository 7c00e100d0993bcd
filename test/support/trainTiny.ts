/** A training of a few steps, in this thread or, when this file is a worker, in a thread of its own. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import * as LanguageModel from '../../src/internal/kernel/LanguageModel.ts';
import * as Parameter from '../../src/internal/kernel/Parameter.ts';
import * as Random from '../../src/internal/kernel/Random.ts';

const STREAMS = 3;
const STEPS = 8;
const SHAPE = { tokens: 24, width: 16, units: 16 };

/** The weights after thirty steps on random tokens. */
export function trainTiny(seed: number): Uint8Array {
  const random = Random.from(seed);
  const model = LanguageModel.from(SHAPE, STREAMS * STEPS);
  LanguageModel.randomize(model, random);
  const work = LanguageModel.workspace(model, STREAMS, STEPS);
  const tokens = () => Uint16Array.from({ length: work.rows }, () => Random.below(random, SHAPE.tokens));
  for (let step = 1; step <= 30; step++) {
    LanguageModel.prepare(model);
    LanguageModel.measure(model, work, { inputs: tokens(), targets: tokens(), starts: new Uint8Array(work.rows) });
    Parameter.descend(model.arena, LanguageModel.parameters(model), step, { rate: 0.02, longest: 1 });
  }
  return LanguageModel.serialize(model);
}

if (!isMainThread && typeof workerData === 'number') parentPort?.postMessage(trainTiny(workerData));
