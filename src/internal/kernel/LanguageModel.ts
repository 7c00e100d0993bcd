/**
 * A recurrent language model: embedding, gated recurrent layer, projection, and a softmax whose weights are the
 * embedding again.
 *
 * Source of the shared weights: Press and Wolf 2017, https://arxiv.org/abs/1608.05859
 */
import { BaseError } from '../Errors.ts';
import * as Arena from './Arena.ts';
import * as Elementary from './Elementary.ts';
import * as Linear from './Linear.ts';
import * as Matrix from './Matrix.ts';
import * as Parameter from './Parameter.ts';
import type * as Random from './Random.ts';
import * as Recurrent from './Recurrent.ts';
import * as Safetensors from './Safetensors.ts';

/** Numbers of tokens, of values of an embedding, and of units of the recurrent layer; multiples of eight. */
export type Shape = { readonly tokens: number; readonly width: number; readonly units: number };

/** A model in an arena. The packed forms are copies of the embedding that `prepare` brings up to date. */
export type LanguageModel = {
  readonly arena: Arena.Arena;
  readonly shape: Shape;
  /** tokens x width: what a token means, and what is compared with to tell how probable it is next. */
  readonly embedding: Parameter.Parameter;
  readonly bias: Parameter.Parameter;
  readonly recurrent: Recurrent.Recurrent;
  readonly projection: Linear.Linear;
  readonly packed: Matrix.Packed;
  readonly transposed: Matrix.Packed;
};

/** A window of token streams, by time step and then by stream. A row where `starts` is 1 starts from zeros. */
export type Window = { readonly inputs: Uint16Array; readonly targets: Uint16Array; readonly starts: Uint8Array };

/** Buffers of passes over windows of one size. */
export type Workspace = {
  readonly rows: number;
  readonly trace: Recurrent.Trace;
  readonly inputs: Float32Array;
  readonly outputs: Float32Array;
  readonly logits: Float32Array;
  readonly dInputs: Float32Array;
  readonly dOutputs: Float32Array;
  readonly dStates: Float32Array;
  readonly right: Matrix.Packed;
};

/** Rows whose probabilities are held at once. */
const BLOCK = 128;

/** A model of zeros in an arena of its own, with `rows` rows of buffers to spare. */
export function from(shape: Shape, rows: number): LanguageModel {
  const { tokens, width, units } = shape;
  const arena = Arena.from(sizeOf(shape, rows));
  return {
    arena,
    shape,
    embedding: Parameter.zeros(arena, 'embedding.weight', [tokens, width]),
    bias: Parameter.zeros(arena, 'embedding.bias', [tokens]),
    recurrent: Recurrent.from(arena, 'recurrent', width, units),
    projection: Linear.from(arena, 'projection', units, width),
    packed: Matrix.packed(arena, tokens, width),
    transposed: Matrix.packed(arena, width, tokens),
  };
}

function sizeOf({ tokens, width, units }: Shape, rows: number): number {
  const weights = tokens * (width + 1) + 3 * units * (width + units + 2) + width * (units + 1);
  const copies = 2 * weights;
  const buffers = rows * (4 * width + 13 * units) + Math.min(rows, BLOCK) * tokens;
  return Parameter.ARRAYS * weights + copies + buffers + 1_000;
}

/** The tensors that are trained and kept. */
export function parameters({ embedding, bias, recurrent, projection }: LanguageModel): Parameter.Parameter[] {
  const layers = [recurrent.input, recurrent.state, projection];
  return [embedding, bias, ...layers.flatMap((layer) => [layer.weight, layer.bias])];
}

/** Fills the weights with random values whose size keeps the length of what passes through them. */
export function randomize({ shape, embedding, recurrent, projection }: LanguageModel, random: Random.Random): void {
  const keeping = (inputs: number) => Elementary.sqrt(3 / inputs);
  Parameter.randomize(embedding, random, 0.1);
  Parameter.randomize(recurrent.input.weight, random, keeping(shape.width));
  Parameter.randomize(recurrent.state.weight, random, keeping(shape.units));
  Parameter.randomize(projection.weight, random, keeping(shape.units));
}

/** To be called whenever the weights have changed. */
export function prepare({ recurrent, projection, embedding, packed, transposed }: LanguageModel): void {
  for (const layer of [recurrent.input, recurrent.state, projection]) Linear.prepare(layer);
  Matrix.pack(packed, embedding.values);
  Matrix.packTransposed(transposed, embedding.values);
}

/** Buffers for windows of `steps` time steps of `streams` streams. */
export function workspace({ arena, shape, recurrent }: LanguageModel, streams: number, steps: number): Workspace {
  const rows = streams * steps;
  return {
    rows,
    trace: Recurrent.trace(arena, recurrent, streams, steps),
    inputs: Arena.floats(arena, rows * shape.width),
    outputs: Arena.floats(arena, rows * shape.width),
    logits: Arena.floats(arena, Math.min(rows, BLOCK) * shape.tokens),
    dInputs: Arena.floats(arena, rows * shape.width),
    dOutputs: Arena.floats(arena, rows * shape.width),
    dStates: Arena.floats(arena, rows * shape.units),
    right: Matrix.packed(arena, rows, 3 * shape.units),
  };
}

/**
 * Mean cross-entropy (nats) of the targets of a window. Streams go on from where the last window left them. The
 * gradients of that mean are added to those of the parameters.
 */
export function measure(model: LanguageModel, work: Workspace, window: Window): number {
  const { arena, shape, recurrent, projection, embedding } = model;
  const { rows, trace, inputs, outputs, dInputs, dOutputs, dStates, right } = work;
  const { width } = shape;
  embed(model, window.inputs, inputs);
  Recurrent.forward(arena, recurrent, trace, inputs, window.starts);
  Linear.forward(arena, projection, trace.after, outputs, rows);
  dOutputs.fill(0);
  let loss = 0;
  for (let row = 0; row < rows; row += BLOCK) loss += predict(model, work, window.targets, row);

  Linear.backward(arena, projection, trace.after, dOutputs, { ...right, width });
  dStates.fill(0);
  Linear.backwardInputs(arena, projection, dOutputs, dStates, rows);
  Recurrent.backward(arena, recurrent, trace, inputs, window.starts, { dAfter: dStates, dx: dInputs, right });
  for (const [row, token] of window.inputs.entries()) {
    Linear.addRows(
      embedding.gradient.subarray(token * width, (token + 1) * width),
      dInputs.subarray(row * width, (row + 1) * width),
    );
  }
  return loss / rows;
}

/** Sum of the cross-entropies of a block of rows, and their gradients down to `dOutputs`. */
function predict(model: LanguageModel, work: Workspace, targets: Uint16Array, row: number): number {
  const { arena, shape, embedding, bias, packed, transposed } = model;
  const { tokens, width } = shape;
  const height = Math.min(BLOCK, work.rows - row);
  const block = (values: Float32Array) => values.subarray(row * width, (row + height) * width);
  const logits = work.logits.subarray(0, height * tokens);
  for (let at = 0; at < height; at++) logits.set(bias.values, at * tokens);
  Matrix.multiply(arena, { values: block(work.outputs), row: width, step: 1 }, transposed, logits, height);

  let loss = 0;
  for (let at = 0; at < height; at++) {
    loss += crossEntropy(arena, logits, {
      start: at * tokens,
      tokens,
      target: targets[row + at] as number,
      rows: work.rows,
    });
  }
  Matrix.multiply(arena, { values: logits, row: tokens, step: 1 }, packed, block(work.dOutputs), height);
  const right = { ...work.right, depth: height, width };
  Matrix.pack(right, block(work.outputs));
  Matrix.multiply(arena, { values: logits, row: 1, step: tokens }, right, embedding.gradient, tokens);
  Linear.addRows(bias.gradient, logits);
  return loss;
}

/** Replaces one row of logits by the gradient of its share of the mean over `rows`; returns its cross-entropy. */
function crossEntropy(
  { routines }: Arena.Arena,
  logits: Float32Array,
  { start, tokens, target, rows }: { start: number; tokens: number; target: number; rows: number },
): number {
  const right = start + target;
  const largest = largestOf(logits, start, tokens);
  const chosen = (logits[right] as number) - largest;
  let total = 0;
  routines.exponentiate(logits.byteOffset + 4 * start, tokens, largest);
  for (let at = start; at < start + tokens; at++) total += logits[at] as number;
  const scale = 1 / (total * rows);
  for (let at = start; at < start + tokens; at++) logits[at] = (logits[at] as number) * scale;
  logits[right] = (logits[right] as number) - 1 / rows;
  return Elementary.log(total) - chosen;
}

function largestOf(values: Float32Array, start: number, length: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = start; at < start + length; at++) if ((values[at] as number) > largest) largest = values[at] as number;
  return largest;
}

function embed({ shape, embedding }: LanguageModel, tokens: Uint16Array, inputs: Float32Array): void {
  const { width } = shape;
  for (const [row, token] of tokens.entries()) {
    inputs.set(embedding.values.subarray(token * width, (token + 1) * width), row * width);
  }
}

/**
 * Takes in one token: `state`, the values of the recurrent units, becomes that after it. `work` is for one stream of
 * one step, and keeps nothing between calls.
 */
export function advance(model: LanguageModel, work: Workspace, state: Float32Array, token: number): void {
  const { trace, inputs } = work;
  trace.after.set(state);
  embed(model, Uint16Array.of(token), inputs);
  Recurrent.forward(model.arena, model.recurrent, trace, inputs, CONTINUED);
  state.set(trace.after);
}

const CONTINUED = Uint8Array.of(0);

/** Probability of each token to follow `state`. */
export function probabilitiesAfter(model: LanguageModel, work: Workspace, state: Float32Array): Float64Array {
  const { arena, shape, projection, bias, transposed } = model;
  const { trace, outputs, logits } = work;
  trace.after.set(state);
  Linear.forward(arena, projection, trace.after, outputs, 1);
  logits.set(bias.values);
  Matrix.multiply(arena, { values: outputs, row: shape.width, step: 1 }, transposed, logits, 1);
  arena.routines.exponentiate(logits.byteOffset, shape.tokens, largestOf(logits, 0, shape.tokens));
  const probabilities = new Float64Array(logits);
  let total = 0;
  for (let token = 0; token < shape.tokens; token++) total += probabilities[token] as number;
  for (let token = 0; token < shape.tokens; token++) {
    probabilities[token] = (probabilities[token] as number) / total;
  }
  return probabilities;
}

/** The weights in safetensors form. */
export function serialize(model: LanguageModel): Uint8Array {
  return Safetensors.serialize(parameters(model));
}

/**
 * Reads what `serialize` wrote, ready for one token at a time.
 *
 * @throws {Safetensors.MalformedError} when the bytes are not a safetensors file.
 * @throws {ShapeError} when its tensors are not those of a language model.
 */
export function parse(bytes: Uint8Array): LanguageModel {
  const tensors = new Map(Safetensors.parse(bytes).map((tensor) => [tensor.name, tensor]));
  const [tokens = 0, width = 0] = tensors.get('embedding.weight')?.shape ?? [];
  const [units = 0] = tensors.get('recurrent.state.weight')?.shape ?? [];
  for (const size of [tokens, width, units]) {
    if (size === 0 || size % 8 !== 0) throw new ShapeError('a size is not a multiple of eight');
  }
  const model = from({ tokens, width, units }, 1);
  const wanted = parameters(model);
  if (tensors.size !== wanted.length) throw new ShapeError(`${wanted.length} tensors are needed`);
  for (const { name, shape, values } of wanted) {
    const tensor = tensors.get(name);
    if (!tensor || tensor.shape.join() !== shape.join()) throw new ShapeError(`${name} is not of shape ${shape}`);
    values.set(tensor.values);
  }
  prepare(model);
  return model;
}

/** Tensors that are not those of a language model. */
export class ShapeError extends BaseError {
  override readonly name = 'LanguageModel.ShapeError';
  constructor(detail: string) {
    super(`The tensors are not those of a language model: ${detail}.`, { code: 'kernel.shape' });
  }
}
