/** Trains the digit classifier; the same bytes on every machine. */
import * as Network from '../../src/internal/kernel/Network.ts';
import * as Random from '../../src/internal/kernel/Random.ts';
import * as Training from '../../src/internal/kernel/Training.ts';
import { PIXELS, type Samples, SIDE } from './data.ts';

const SEED = 7;
const SIZES = [PIXELS, 64, 10];
const BATCH = 32;
const MOMENTUM = 0.9;
const DECAY = 1e-4;
/** The rate falls in a straight line from the first to the last step. */
const RATE = 0.05;
const EPOCHS = 30;
/** Each training image is moved by up to this many pixels in both directions, drawn anew each time. */
const SHIFT = 1;

/** Trains on `samples`; `report` hears of each finished epoch and the mean loss of its steps (nats). */
export function trainNetwork(
  samples: Samples,
  report: (epoch: number, loss: number, network: Network.Network) => void = () => {},
): Network.Network {
  const random = Random.from(SEED);
  const network = Network.from({ sizes: SIZES, random });
  const training = Training.from(network, BATCH);
  const order = Uint32Array.from(samples.labels, (_, index) => index);
  const labels = new Uint8Array(BATCH);
  const stepsPerEpoch = Math.floor(order.length / BATCH);
  const steps = stepsPerEpoch * EPOCHS;

  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    Random.shuffle(random, order);
    let loss = 0;
    for (let step = 0; step < stepsPerEpoch; step++) {
      fillBatch(random, samples, order.subarray(step * BATCH, (step + 1) * BATCH), Training.inputs(training), labels);
      const rate = RATE * (1 - (epoch * stepsPerEpoch + step) / steps);
      loss += Training.step(training, labels, { rate, momentum: MOMENTUM, decay: DECAY });
    }
    report(epoch + 1, loss / stepsPerEpoch, network);
  }
  return network;
}

function fillBatch(
  random: Random.Random,
  samples: Samples,
  chosen: Uint32Array,
  inputs: Float32Array,
  labels: Uint8Array,
): void {
  inputs.fill(0);
  for (let at = 0; at < chosen.length; at++) {
    const sample = chosen[at] as number;
    const down = Random.below(random, 2 * SHIFT + 1) - SHIFT;
    const right = Random.below(random, 2 * SHIFT + 1) - SHIFT;
    labels[at] = samples.labels[sample] as number;
    copyShifted(samples.pixels, sample * PIXELS, inputs, at * PIXELS, down, right);
  }
}

/** Copies one image moved by `down` and `right` pixels, scaled to 0..1; what leaves the frame is lost. */
function copyShifted(
  source: Uint8Array,
  from: number,
  target: Float32Array,
  to: number,
  down: number,
  right: number,
): void {
  for (let row = Math.max(0, -down); row < Math.min(SIDE, SIDE - down); row++) {
    for (let column = Math.max(0, -right); column < Math.min(SIDE, SIDE - right); column++) {
      const pixel = source[from + row * SIDE + column] as number;
      target[to + (row + down) * SIDE + column + right] = pixel / 255;
    }
  }
}
