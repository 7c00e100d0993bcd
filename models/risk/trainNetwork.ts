/** Trains the risk classifier; the same bytes on every machine. */
import * as Dense from '../../src/internal/kernel/Dense.ts';
import * as Elementary from '../../src/internal/kernel/Elementary.ts';
import * as Network from '../../src/internal/kernel/Network.ts';
import * as Random from '../../src/internal/kernel/Random.ts';
import * as Training from '../../src/internal/kernel/Training.ts';
import { classes, FEATURES, type Samples, select } from './data.ts';

const SEED = 11;
const STEPS = 400;
const RATE = 0.5;
const MOMENTUM = 0.9;
const DECAY = 0.003;
const FOLDS = 5;

/** Mean and standard deviation of each measurement. */
type Scale = { readonly means: readonly number[]; readonly deviations: readonly number[] };

/**
 * Logistic regression on standardised measurements. Its logits are divided by the temperature that fits predictions for
 * rows a fold did not see, and the standardisation is folded into the weights, so that they take plain measurements.
 */
export function trainNetwork(samples: Samples): Network.Network {
  const temperature = findTemperature(samples);
  const scale = scaleOf(samples);
  return { layers: [fold(fit(samples, scale), scale, temperature)] };
}

/** Descends on all rows at once. */
function fit(samples: Samples, scale: Scale): Dense.Dense {
  const rows = samples.labels.length;
  const network = Network.from({ sizes: [FEATURES, classes.length], random: Random.from(SEED) });
  const training = Training.from(network, rows);
  const inputs = Training.inputs(training);
  for (const [at, value] of samples.values.entries()) {
    const feature = at % FEATURES;
    inputs[at] = (value - (scale.means[feature] as number)) / (scale.deviations[feature] as number);
  }
  for (let step = 0; step < STEPS; step++) {
    const rate = RATE * (1 - step / STEPS);
    Training.step(training, samples.labels, { rate, momentum: MOMENTUM, decay: DECAY });
  }
  return network.layers[0] as Dense.Dense;
}

function scaleOf({ values, labels }: Samples): Scale {
  const columns = Array.from({ length: FEATURES }, (_, feature) => values.filter((_, at) => at % FEATURES === feature));
  const means = columns.map((column) => column.reduce((sum, value) => sum + value, 0) / labels.length);
  const deviations = columns.map((column, feature) => {
    const mean = means[feature] as number;
    return Elementary.sqrt(column.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / labels.length);
  });
  return { means, deviations };
}

/** ((x - mean) / deviation) W + b, divided by the temperature, as one layer on x. */
function fold(layer: Dense.Dense, { means, deviations }: Scale, temperature: number): Dense.Dense {
  const folded = Dense.zeros(layer);
  for (let o = 0; o < layer.outputs; o++) {
    let bias = layer.bias[o] as number;
    for (let i = 0; i < FEATURES; i++) {
      const weight = (layer.weights[i * layer.outputs + o] as number) / (deviations[i] as number);
      folded.weights[i * layer.outputs + o] = weight / temperature;
      bias -= weight * (means[i] as number);
    }
    folded.bias[o] = bias / temperature;
  }
  return folded;
}

/** The temperature, 0.5 to 2 in steps of 0.01, with the least cross-entropy on rows that the folds left out. */
function findTemperature(samples: Samples): number {
  const margins = leaveOut(samples);
  let best = 1;
  let least = Number.POSITIVE_INFINITY;
  for (let hundredths = 50; hundredths <= 200; hundredths++) {
    let loss = 0;
    for (const margin of margins) loss += Elementary.log(1 + Elementary.exp((-margin * 100) / hundredths));
    if (loss < least) {
      least = loss;
      best = hundredths / 100;
    }
  }
  return best;
}

/** For each row, by how much the logit of its class exceeds the other's, from a fit without its fold. */
function leaveOut(samples: Samples): number[] {
  const order = Array.from(samples.labels, (_, index) => index);
  Random.shuffle(Random.from(SEED), order);
  return Array.from({ length: FOLDS }, (_, fold) => fold).flatMap((current) => {
    const kept = select(
      samples,
      order.filter((_, place) => place % FOLDS !== current),
    );
    const left = select(
      samples,
      order.filter((_, place) => place % FOLDS === current),
    );
    const scale = scaleOf(kept);
    return marginsOf(fold(fit(kept, scale), scale, 1), left);
  });
}

function marginsOf(layer: Dense.Dense, { values, labels }: Samples): number[] {
  const logits = new Float32Array(labels.length * classes.length);
  Dense.forward(layer, Float32Array.from(values), logits, labels.length, Dense.scratch([layer], 1));
  return Array.from(labels, (label, row) => {
    return (logits[row * classes.length + label] as number) - (logits[row * classes.length + 1 - label] as number);
  });
}
