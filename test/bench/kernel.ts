/**
 * Training steps a second of processor time: a 784-64-10 network in batches of 32, and tokens of the language model in
 * windows of 16 x 32: `node test/bench/kernel.ts`.
 */
import * as LanguageModel from '../../src/internal/kernel/LanguageModel.ts';
import * as Network from '../../src/internal/kernel/Network.ts';
import * as Parameter from '../../src/internal/kernel/Parameter.ts';
import * as Random from '../../src/internal/kernel/Random.ts';
import * as Training from '../../src/internal/kernel/Training.ts';

const BATCH = 32;
const STEPS = 1_000;

/** `density` is the share of inputs that are not zero; handwritten digits have 0.19. */
function stepsPerSecond(density: number): number {
  const random = Random.from(1);
  const training = Training.from(Network.from({ sizes: [784, 64, 10], random }), BATCH);
  const inputs = Training.inputs(training);
  for (let at = 0; at < inputs.length; at++) inputs[at] = Random.unit(random) < density ? Random.unit(random) : 0;
  const labels = Uint8Array.from({ length: BATCH }, () => Random.below(random, 10));
  const size = { rate: 0.01, momentum: 0.9, decay: 1e-4 };

  for (let step = 0; step < 200; step++) Training.step(training, labels, size);
  const start = process.cpuUsage();
  for (let step = 0; step < STEPS; step++) Training.step(training, labels, size);
  return Math.round((STEPS * 1_000_000) / process.cpuUsage(start).user);
}

/** Tokens of training text a second, for 2,048 tokens, embeddings of 128 and 256 recurrent units. */
function tokensPerSecond(): number {
  const random = Random.from(1);
  const shape = { tokens: 2_048, width: 128, units: 256 };
  const model = LanguageModel.from(shape, 512);
  LanguageModel.randomize(model, random);
  const work = LanguageModel.workspace(model, 16, 32);
  const tokens = () => Uint16Array.from({ length: work.rows }, () => Random.below(random, shape.tokens));
  const window = { inputs: tokens(), targets: tokens(), starts: new Uint8Array(work.rows) };
  const step = (number: number) => {
    LanguageModel.prepare(model);
    LanguageModel.measure(model, work, window);
    Parameter.descend(model.arena, LanguageModel.parameters(model), number, { rate: 0.001, longest: 1 });
  };
  for (let number = 1; number <= 5; number++) step(number);
  const start = process.cpuUsage();
  for (let number = 6; number <= 35; number++) step(number);
  return Math.round((30 * work.rows * 1_000_000) / process.cpuUsage(start).user);
}

const results = { digits: stepsPerSecond(0.19), dense: stepsPerSecond(1), languageModelTokens: tokensPerSecond() };
process.stdout.write(`${JSON.stringify(results)}\n`);
