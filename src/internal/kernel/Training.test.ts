import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Dense from './Dense.ts';
import * as Network from './Network.ts';
import * as Random from './Random.ts';
import * as Training from './Training.ts';

/** The loss of the batch in plain double arithmetic, with no code of the kernel but the shapes. */
function referenceLoss(layers: readonly Layer[], inputs: readonly number[][], labels: Uint8Array): number {
  let total = 0;
  for (const [sample, input] of inputs.entries()) {
    let values = input;
    for (const [index, { inputs: width, outputs, weights, bias }] of layers.entries()) {
      values = Array.from({ length: outputs }, (_, o) => {
        let sum = bias[o] as number;
        for (let i = 0; i < width; i++) sum += (values[i] as number) * (weights[i * outputs + o] as number);
        return index < layers.length - 1 ? Math.max(0, sum) : sum;
      });
    }
    const largest = Math.max(...values);
    const mass = values.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    total -= (values[labels[sample] as number] as number) - largest - Math.log(mass);
  }
  return total / inputs.length;
}

type Layer = { inputs: number; outputs: number; weights: number[]; bias: number[] };

function setUp(seed: number, sizes: readonly number[], batch: number) {
  const random = Random.from(seed);
  const training = Training.from(Network.from({ sizes, random }), batch);
  const inputs = Training.inputs(training);
  // Biases of zero would put samples of zeros on the kink of ReLU, where differences say nothing.
  for (const { bias } of training.network.layers) bias.set(Array.from(bias, () => Random.unit(random) - 0.5));
  // A third of the inputs is zero, so that the branch which leaves them out is taken.
  for (let at = 0; at < inputs.length; at++) inputs[at] = Random.below(random, 3) === 0 ? 0 : Random.unit(random) - 0.5;
  const labels = Uint8Array.from({ length: batch }, () => Random.below(random, sizes.at(-1) as number));
  const rows = Array.from({ length: batch }, (_, b) => [
    ...inputs.subarray(b * (sizes[0] as number), (b + 1) * (sizes[0] as number)),
  ]);
  return { training, labels, rows };
}

describe('measure', () => {
  test('its gradients are the finite differences of the loss', () => {
    const shape = fc.record({
      seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      sizes: fc.array(fc.integer({ min: 2, max: 7 }), { minLength: 2, maxLength: 4 }),
      batch: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(shape, ({ seed, sizes, batch }) => {
        const { training, labels, rows } = setUp(seed, sizes, batch);
        const layers = training.network.layers.map(({ inputs, outputs, weights, bias }) => {
          return { inputs, outputs, weights: [...weights], bias: [...bias] };
        });
        const loss = Training.measure(training, labels);
        expect(loss).toBeCloseTo(referenceLoss(layers, rows, labels), 5);
        for (const [index, layer] of layers.entries()) {
          const gradient = training.gradients[index] as Dense.Dense;
          expectDifferences(layer.weights, gradient.weights, () => referenceLoss(layers, rows, labels));
          expectDifferences(layer.bias, gradient.bias, () => referenceLoss(layers, rows, labels));
        }
      }),
      { numRuns: 100 },
    );
  });
});

function expectDifferences(values: number[], gradient: Float32Array, loss: () => number): void {
  const epsilon = 1e-5;
  for (const [at, value] of values.entries()) {
    values[at] = value + epsilon;
    const above = loss();
    values[at] = value - epsilon;
    const below = loss();
    values[at] = value;
    expect(Math.abs((above - below) / (2 * epsilon) - (gradient[at] as number))).toBeLessThan(2e-5);
  }
}

describe('step', () => {
  const size = { rate: 0.1, momentum: 0.9, decay: 0 };

  test('the loss of a batch it repeats goes towards zero', () => {
    const { training, labels } = setUp(5, [20, 16, 4], 8);
    const first = Training.step(training, labels, size);
    for (let step = 0; step < 300; step++) Training.step(training, labels, size);
    expect(Training.step(training, labels, size)).toBeLessThan(first / 100);
  });

  test('the same seed gives the same bytes, another seed others', () => {
    const train = (seed: number) => {
      const { training, labels } = setUp(seed, [9, 8, 3], 5);
      for (let step = 0; step < 20; step++) Training.step(training, labels, size);
      return Network.serialize(training.network);
    };
    expect(train(1)).toEqual(train(1));
    expect(train(1)).not.toEqual(train(2));
  });

  test('adds the decay of each weight to its gradient', () => {
    const { training, labels } = setUp(5, [3, 2], 1);
    const layer = training.network.layers[0] as Dense.Dense;
    Training.measure(training, labels);
    const before = layer.weights[0] as number;
    const gradient = training.gradients[0]?.weights[0] as number;
    Training.step(training, labels, { rate: 0.5, momentum: 0.9, decay: 0.1 });
    expect(layer.weights[0]).toBeCloseTo(before - 0.5 * (gradient + 0.1 * before), 6);
  });
});

describe('Dense.forward', () => {
  test('adds in ascending order of inputs, in double, and rounds once', () => {
    const random = Random.from(9);
    const layer = Dense.from({ inputs: 37, outputs: 5, random });
    const x = Float32Array.from({ length: 37 }, (_, i) => (i % 4 === 1 ? 0 : Random.unit(random)));
    const y = new Float32Array(5);
    Dense.forward(layer, x, y, 1, Dense.scratch([layer], 1));
    for (let o = 0; o < 5; o++) {
      let sum = 0;
      for (let i = 0; i < 37; i++) sum += (x[i] as number) * (layer.weights[i * 5 + o] as number);
      expect(y[o]).toBe(Math.fround(sum));
    }
  });
});
