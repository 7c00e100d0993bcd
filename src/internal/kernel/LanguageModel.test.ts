import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trainTiny } from '../../../test/support/trainTiny.ts';
import * as LanguageModel from './LanguageModel.ts';
import * as Parameter from './Parameter.ts';
import * as Random from './Random.ts';
import * as Safetensors from './Safetensors.ts';

const SHAPE = { tokens: 16, width: 8, units: 8 };
const STREAMS = 3;
const STEPS = 4;
const ROWS = STREAMS * STEPS;

function setUp(seed: number) {
  const random = Random.from(seed);
  const model = LanguageModel.from(SHAPE, ROWS);
  LanguageModel.randomize(model, random);
  for (const { values } of LanguageModel.parameters(model)) {
    for (let at = 0; at < values.length; at++) values[at] = (values[at] as number) + (Random.unit(random) - 0.5) / 2;
  }
  LanguageModel.prepare(model);
  const tokens = () => Uint16Array.from({ length: ROWS }, () => Random.below(random, SHAPE.tokens));
  const starts = Uint8Array.from({ length: ROWS }, () => (Random.below(random, 3) === 0 ? 1 : 0));
  const window: LanguageModel.Window = { inputs: tokens(), targets: tokens(), starts };
  return { model, work: LanguageModel.workspace(model, STREAMS, STEPS), window };
}

/** Values by name of tensor. */
type Weights = { readonly [name: string]: number[] };

/** The loss of a window from states of zero in plain double arithmetic, with no code of the kernel. */
function referenceLoss(weights: Weights, { inputs, targets, starts }: LanguageModel.Window): number {
  const { tokens, width, units } = SHAPE;
  const w = (name: string) => weights[name] as number[];
  const map = (x: readonly number[], name: string) => {
    return w(`${name}.bias`).map((bias, o, all) => {
      return x.reduce((sum, value, i) => sum + value * (w(`${name}.weight`)[i * all.length + o] as number), bias);
    });
  };
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const states = Array.from({ length: STREAMS }, () => new Array<number>(units).fill(0));
  let loss = 0;
  for (let row = 0; row < ROWS; row++) {
    const token = inputs[row] as number;
    const h = starts[row] ? new Array<number>(units).fill(0) : (states[row % STREAMS] as number[]);
    const gates = map(w('embedding.weight').slice(token * width, (token + 1) * width), 'recurrent.input');
    const pushes = map(h, 'recurrent.state');
    const at = (values: readonly number[], part: number, unit: number) => values[part * units + unit] as number;
    const next = h.map((before, unit) => {
      const r = sigmoid(at(gates, 0, unit) + at(pushes, 0, unit));
      const z = sigmoid(at(gates, 1, unit) + at(pushes, 1, unit));
      const n = Math.tanh(at(gates, 2, unit) + r * at(pushes, 2, unit));
      return (1 - z) * n + z * before;
    });
    states[row % STREAMS] = next;
    const output = map(next, 'projection');
    const logits = Array.from({ length: tokens }, (_, candidate) => {
      const own = w('embedding.weight').slice(candidate * width, (candidate + 1) * width);
      return own.reduce(
        (sum, value, i) => sum + value * (output[i] as number),
        w('embedding.bias')[candidate] as number,
      );
    });
    const mass = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    loss += Math.log(mass) - (logits[targets[row] as number] as number);
  }
  return loss / ROWS;
}

describe('measure', () => {
  test('its gradients are the finite differences of the loss', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        const { model, work, window } = setUp(seed);
        const parameters = LanguageModel.parameters(model);
        const weights = Object.fromEntries(parameters.map(({ name, values }) => [name, [...values]]));
        expect(LanguageModel.measure(model, work, window)).toBeCloseTo(referenceLoss(weights, window), 5);
        for (const { name, gradient } of parameters) {
          const values = weights[name] as number[];
          // Every third value: the sizes are not multiples of three, so each place of a row has its turn.
          for (let at = seed % 3; at < values.length; at += 3) {
            const value = values[at] as number;
            values[at] = value + 1e-5;
            const above = referenceLoss(weights, window);
            values[at] = value - 1e-5;
            const below = referenceLoss(weights, window);
            values[at] = value;
            expect(Math.abs((above - below) / 2e-5 - (gradient[at] as number)), name).toBeLessThan(1e-5);
          }
        }
      }),
      { numRuns: 3 },
    );
  });

  test('a stream goes on from where the last window left it', () => {
    const { model, work, window } = setUp(3);
    const going = { ...window, starts: new Uint8Array(ROWS) };
    const first = LanguageModel.measure(model, work, going);
    expect(LanguageModel.measure(model, work, going)).not.toBe(first);
    work.trace.after.fill(0);
    expect(LanguageModel.measure(model, work, going)).toBe(first);
  });
});

describe('descend', () => {
  test('the loss of a window it repeats goes towards zero', () => {
    const { model, work, window } = setUp(8);
    const first = train(model, work, window, 1);
    expect(train(model, work, window, 300)).toBeLessThan(first / 50);
  });

  test('shortens a gradient that is too long', () => {
    const { model, work, window } = setUp(8);
    const parameters = LanguageModel.parameters(model);
    LanguageModel.measure(model, work, window);
    const before = parameters.map(({ values }) => values.slice());
    Parameter.descend(model.arena, parameters, 1, { rate: 0.01, longest: 1e-12 });
    // Adam forgets the length of a first gradient, unless it is as short as its epsilon.
    for (const [at, { values }] of parameters.entries()) {
      for (const [index, value] of values.entries()) {
        expect(Math.abs(value - (before[at]?.[index] as number))).toBeLessThan(1e-5);
      }
    }
  });

  test('gives the same bytes twice and in a worker thread, another seed others', async () => {
    const bytes = Buffer.from(trainTiny(21));
    expect(bytes.equals(trainTiny(21))).toBe(true);
    expect(bytes.equals(trainTiny(22))).toBe(false);
    const worker = new Worker(new URL('../../../test/support/trainTiny.ts', import.meta.url), { workerData: 21 });
    const [elsewhere] = (await once(worker, 'message')) as [Uint8Array];
    expect(bytes.equals(elsewhere)).toBe(true);
  });
});

function train(
  model: LanguageModel.LanguageModel,
  work: LanguageModel.Workspace,
  window: LanguageModel.Window,
  steps: number,
) {
  let loss = 0;
  for (let step = 1; step <= steps; step++) {
    work.trace.after.fill(0);
    LanguageModel.prepare(model);
    loss = LanguageModel.measure(model, work, window);
    Parameter.descend(model.arena, LanguageModel.parameters(model), step, { rate: 0.02, longest: 1 });
  }
  return loss;
}

describe('advance', () => {
  test('token by token it says what a window says', () => {
    const { model, work, window } = setUp(4);
    const loss = LanguageModel.measure(model, work, window);
    const single = LanguageModel.parse(LanguageModel.serialize(model));
    const one = LanguageModel.workspace(single, 1, 1);
    const states = Array.from({ length: STREAMS }, () => new Float32Array(SHAPE.units));
    let sum = 0;
    for (let row = 0; row < ROWS; row++) {
      const state = states[row % STREAMS] as Float32Array;
      if (window.starts[row]) state.fill(0);
      LanguageModel.advance(single, one, state, window.inputs[row] as number);
      const probabilities = LanguageModel.probabilitiesAfter(single, one, state);
      expect(probabilities.reduce((total, share) => total + share)).toBeCloseTo(1, 12);
      sum -= Math.log(probabilities[window.targets[row] as number] as number);
    }
    expect(sum / ROWS).toBeCloseTo(loss, 6);
  });
});

describe('parse', () => {
  const { model } = setUp(5);
  const tensors = Safetensors.parse(LanguageModel.serialize(model));
  const parse = (changed: readonly Safetensors.Tensor[]) => LanguageModel.parse(Safetensors.serialize(changed));

  test('gives back what was written', () => {
    expect(LanguageModel.serialize(parse(tensors))).toEqual(LanguageModel.serialize(model));
  });

  test.each([
    ['a tensor that is missing', tensors.slice(1)],
    ['a tensor more', [...tensors, { name: 'more', shape: [1], values: Float32Array.of(1) }]],
    [
      'a tensor of another shape',
      tensors.map((one) => (one.name === 'projection.bias' ? { ...one, shape: [4, 2] } : one)),
    ],
    [
      'a size that is not a multiple of eight',
      [{ name: 'embedding.weight', shape: [3, 4], values: new Float32Array(12) }],
    ],
  ])('refuses %s', (_, changed) => {
    expect(() => parse(changed)).toThrow(LanguageModel.ShapeError);
  });
});
