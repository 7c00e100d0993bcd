/** Training steps a second of processor time of a 784-64-10 network in batches of 32: `node test/bench/kernel.ts`. */
import * as Network from '../../src/internal/kernel/Network.ts';
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

process.stdout.write(`${JSON.stringify({ digits: stepsPerSecond(0.19), dense: stepsPerSecond(1) })}\n`);
