/** Stochastic gradient descent with momentum on a network; one step allocates nothing. */
import * as Dense from './Dense.ts';
import * as Network from './Network.ts';
import * as Softmax from './Softmax.ts';

/** State of a training. */
export type Training = {
  readonly network: Network.Network;
  readonly workspace: Network.Workspace;
  /** Gradients with respect to the parameters, one entry per layer. */
  readonly gradients: readonly Dense.Dense[];
  readonly velocities: readonly Dense.Dense[];
  /** Gradients with respect to the hidden activations; entry n belongs to the input of layer n, entry 0 is unused. */
  readonly deltas: readonly Float32Array[];
};

/** Size of a step: `velocity = momentum * velocity + gradient + decay * weight; weight -= rate * velocity`. */
export type Step = { readonly rate: number; readonly momentum: number; readonly decay: number };

/** State of a training of `network` in batches of `batch` samples. The network's arrays change in place. */
export function from(network: Network.Network, batch: number): Training {
  return {
    network,
    workspace: Network.workspace(network, batch),
    gradients: network.layers.map(Dense.zeros),
    velocities: network.layers.map(Dense.zeros),
    deltas: network.layers.map(({ inputs }, index) => new Float32Array(index === 0 ? 0 : batch * inputs)),
  };
}

/** Where the caller writes the next batch: batch x inputs, sample after sample. */
export function inputs({ workspace }: Training): Float32Array {
  return workspace.activations[0] as Float32Array;
}

/** Computes the gradients for the batch in `inputs` and returns its mean cross-entropy (nats). */
export function measure(training: Training, labels: Uint8Array): number {
  const { network, workspace, gradients, deltas } = training;
  const { activations, batch, scratch } = workspace;
  const classes = (network.layers.at(-1) as Dense.Dense).outputs;

  // The probabilities become the gradient of the logits in the same buffer.
  let delta = Network.forward(network, workspace);
  const loss = Softmax.backward(delta, labels, batch, classes);
  for (let index = network.layers.length - 1; index >= 0; index--) {
    const input = activations[index] as Float32Array;
    Dense.backward(gradients[index] as Dense.Dense, input, delta, batch, scratch);
    if (index === 0) break;
    const below = deltas[index] as Float32Array;
    Dense.backwardInputs(network.layers[index] as Dense.Dense, delta, below, batch);
    // ReLU passes the gradient where its output was above zero.
    for (let at = 0; at < below.length; at++) if (input[at] === 0) below[at] = 0;
    delta = below;
  }
  return loss;
}

/** One step of descent on the batch in `inputs`; returns the loss before the step. */
export function step(training: Training, labels: Uint8Array, size: Step): number {
  const loss = measure(training, labels);
  for (let index = 0; index < training.gradients.length; index++) {
    const layer = training.network.layers[index] as Dense.Dense;
    const gradient = training.gradients[index] as Dense.Dense;
    const velocity = training.velocities[index] as Dense.Dense;
    descend(layer.weights, gradient.weights, velocity.weights, size);
    descend(layer.bias, gradient.bias, velocity.bias, size);
  }
  return loss;
}

function descend(values: Float32Array, gradient: Float32Array, velocity: Float32Array, size: Step): void {
  // Unary plus tells the compiler that these are doubles: a zero kept as a small integer makes the loop four times slower.
  const rate = +size.rate;
  const momentum = +size.momentum;
  const decay = +size.decay;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    const speed = Math.fround(momentum * (velocity[index] as number) + (gradient[index] as number) + decay * value);
    velocity[index] = speed;
    values[index] = value - rate * speed;
  }
}
