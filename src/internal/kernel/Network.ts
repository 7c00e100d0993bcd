/** Dense layers with ReLU between them and softmax at the end. */
import { BaseError } from '../Errors.ts';
import * as Dense from './Dense.ts';
import type * as Random from './Random.ts';
import * as Safetensors from './Safetensors.ts';
import * as Softmax from './Softmax.ts';

/** A network: its layers from the inputs to the outputs. */
export type Network = { readonly layers: readonly Dense.Dense[] };

/** Buffers of one forward pass: `activations[0]` holds the inputs, the last entry the logits or probabilities. */
export type Workspace = {
  readonly batch: number;
  readonly activations: readonly Float32Array[];
  readonly scratch: Dense.Scratch;
};

/** A network of the given widths, e.g. `[784, 64, 10]`, with He initialisation. */
export function from({ sizes, random }: from.Options): Network {
  const layers = sizes.slice(1).map((outputs, index) => {
    return Dense.from({ inputs: sizes[index] as number, outputs, random });
  });
  return { layers };
}

export declare namespace from {
  type Options = { readonly sizes: readonly number[]; readonly random: Random.Random };
}

/** Buffers for passes of `batch` samples. */
export function workspace({ layers }: Network, batch: number): Workspace {
  const first = layers[0] as Dense.Dense;
  const activations = [new Float32Array(batch * first.inputs)];
  for (const { outputs } of layers) activations.push(new Float32Array(batch * outputs));
  return { batch, activations, scratch: Dense.scratch(layers, batch) };
}

/** Turns the inputs in `activations[0]` into class probabilities, batch x classes, in the last activation; returns it. */
export function forward({ layers }: Network, { activations, batch, scratch }: Workspace): Float32Array {
  for (const [index, layer] of layers.entries()) {
    const output = activations[index + 1] as Float32Array;
    Dense.forward(layer, activations[index] as Float32Array, output, batch, scratch);
    if (index < layers.length - 1) rectify(output);
    else Softmax.forward(output, output, batch, layer.outputs);
  }
  return activations[layers.length] as Float32Array;
}

/** The weights in safetensors form: tensors `0.weight` (inputs x outputs), `0.bias`, `1.weight` and so on. */
export function serialize({ layers }: Network): Uint8Array {
  return Safetensors.serialize(
    layers.flatMap(({ inputs, outputs, weights, bias }, index) => [
      { name: `${index}.weight`, shape: [inputs, outputs], values: weights },
      { name: `${index}.bias`, shape: [outputs], values: bias },
    ]),
  );
}

/**
 * Reads what `serialize` wrote.
 *
 * @throws {Safetensors.MalformedError} when the bytes are not a safetensors file.
 * @throws {ShapeError} when its tensors are not a chain of dense layers.
 */
export function parse(bytes: Uint8Array): Network {
  const tensors = new Map(Safetensors.parse(bytes).map((tensor) => [tensor.name, tensor]));
  if (tensors.size === 0 || tensors.size % 2 !== 0) throw new ShapeError('an even number of tensors is needed');

  const layers: Dense.Dense[] = [];
  for (let index = 0; index < tensors.size / 2; index++) {
    const weight = tensors.get(`${index}.weight`);
    const bias = tensors.get(`${index}.bias`);
    const [inputs, outputs] = weight?.shape ?? [];
    const before = layers.at(-1);
    if (!weight || !bias || !inputs || !outputs || weight.shape.length !== 2) throw new ShapeError(`layer ${index}`);
    if (bias.shape.length !== 1 || bias.shape[0] !== outputs) throw new ShapeError(`bias of layer ${index}`);
    if (before && before.outputs !== inputs) throw new ShapeError(`inputs of layer ${index}`);
    layers.push({ inputs, outputs, weights: Safetensors.floatsOf(weight), bias: Safetensors.floatsOf(bias) });
  }
  return { layers };
}

/** ReLU in place. */
function rectify(values: Float32Array): void {
  for (let index = 0; index < values.length; index++) if (!((values[index] as number) > 0)) values[index] = 0;
}

/** Tensors that are not a chain of dense layers. */
export class ShapeError extends BaseError {
  override readonly name = 'Network.ShapeError';
  constructor(detail: string) {
    super(`The tensors are not a chain of dense layers: ${detail}.`, { code: 'kernel.shape' });
  }
}
