/**
 * A gated recurrent layer: r, z = sigmoid(x W + h U), n = tanh(x W + r (h U + b)), h' = n + z (h - n).
 *
 * Rows are ordered by time step and then by stream. The candidate's gate is applied after the product with U, so that
 * one product serves all three gates.
 *
 * Source: Cho et al. 2014, https://arxiv.org/abs/1406.1078, in the form of https://docs.nvidia.com/deeplearning/cudnn
 */
import * as Arena from './Arena.ts';
import * as Linear from './Linear.ts';
import type * as Matrix from './Matrix.ts';

/** Both linear maps have three outputs a unit: reset, update, candidate. */
export type Recurrent = { readonly units: number; readonly input: Linear.Linear; readonly state: Linear.Linear };

/** What a forward pass leaves for the backward pass; `before` is the state that each row started from. */
export type Trace = {
  readonly streams: number;
  readonly steps: number;
  readonly before: Float32Array;
  readonly after: Float32Array;
  /** From the inputs; then the values of the three gates, in place. */
  readonly gates: Float32Array;
  /** From the states; then the gradient with respect to it, in place. */
  readonly pushes: Float32Array;
  readonly carried: Float32Array;
};

/** A layer of zeros. */
export function from(arena: Arena.Arena, name: string, inputs: number, units: number): Recurrent {
  return {
    units,
    input: Linear.from(arena, `${name}.input`, inputs, 3 * units),
    state: Linear.from(arena, `${name}.state`, units, 3 * units),
  };
}

/** Room for passes over `steps` time steps of `streams` streams. */
export function trace(arena: Arena.Arena, { units }: Recurrent, streams: number, steps: number): Trace {
  const rows = streams * steps;
  return {
    streams,
    steps,
    before: Arena.floats(arena, rows * units),
    after: Arena.floats(arena, rows * units),
    gates: Arena.floats(arena, rows * 3 * units),
    pushes: Arena.floats(arena, rows * 3 * units),
    carried: Arena.floats(arena, streams * units),
  };
}

/**
 * Runs the layer over `x`. A stream goes on from where the last pass left it, except where `starts` is 1: there it
 * starts from zeros.
 */
export function forward(arena: Arena.Arena, layer: Recurrent, trace: Trace, x: Float32Array, starts: Uint8Array): void {
  const { streams, steps, before, after, gates, pushes } = trace;
  const { units, input, state } = layer;
  const size = streams * units;
  Linear.forward(arena, input, x, gates, streams * steps);
  for (let step = 0; step < steps; step++) {
    const previous = (step === 0 ? steps - 1 : step - 1) * size;
    const here = before.subarray(step * size, (step + 1) * size);
    here.set(after.subarray(previous, previous + size));
    for (let stream = 0; stream < streams; stream++) {
      if (starts[step * streams + stream]) here.fill(0, stream * units, (stream + 1) * units);
    }
    const push = pushes.subarray(step * size * 3, (step + 1) * size * 3);
    Linear.forward(arena, state, here, push, streams);
    for (let stream = 0; stream < streams; stream++) gate(arena, units, step * streams + stream, trace);
  }
}

/** One row: replaces what the inputs gave by the values of the gates, and writes the state after it. */
function gate({ routines }: Arena.Arena, units: number, row: number, { before, after, gates, pushes }: Trace): void {
  const start = row * units;
  const reset = row * 3 * units;
  const update = reset + units;
  const candidate = update + units;
  // sigmoid(x) = 1 / (1 + e^-x) and tanh(x) = 1 - 2 / (1 + e^2x).
  for (let at = reset; at < candidate; at++) gates[at] = -((gates[at] as number) + (pushes[at] as number));
  routines.exponentiate(gates.byteOffset + 4 * reset, 2 * units, 0);
  for (let at = reset; at < candidate; at++) gates[at] = 1 / (1 + (gates[at] as number));
  for (let unit = 0; unit < units; unit++) {
    const push = (gates[reset + unit] as number) * (pushes[candidate + unit] as number);
    gates[candidate + unit] = 2 * ((gates[candidate + unit] as number) + push);
  }
  routines.exponentiate(gates.byteOffset + 4 * candidate, units, 0);
  for (let unit = 0; unit < units; unit++) {
    const n = 1 - 2 / (1 + (gates[candidate + unit] as number));
    gates[candidate + unit] = n;
    const z = gates[update + unit] as number;
    after[start + unit] = n + z * ((before[start + unit] as number) - n);
  }
}

/**
 * Adds to the gradients of the parameters. `dAfter` is the gradient with respect to the states after each row, and
 * is overwritten; `dx` receives that with respect to the inputs. `right` is room for packed gradients.
 */
export function backward(
  arena: Arena.Arena,
  layer: Recurrent,
  done: Trace,
  x: Float32Array,
  starts: Uint8Array,
  { dAfter, dx, right }: backward.Buffers,
): void {
  const { units, input, state } = layer;
  const { streams, steps, before, gates, pushes, carried } = done;
  const size = streams * units;
  carried.fill(0);
  for (let step = steps - 1; step >= 0; step--) {
    const dState = dAfter.subarray(step * size, (step + 1) * size);
    for (let at = 0; at < size; at++) dState[at] = (dState[at] as number) + (carried[at] as number);
    for (let stream = 0; stream < streams; stream++) {
      ungate(units, step * streams + stream, done, dAfter);
    }
    Linear.backwardInputs(arena, state, pushes.subarray(step * size * 3, (step + 1) * size * 3), carried, streams);
    for (let stream = 0; stream < streams; stream++) {
      if (starts[step * streams + stream]) carried.fill(0, stream * units, (stream + 1) * units);
    }
  }
  Linear.backward(arena, state, before, pushes, right);
  Linear.backward(arena, input, x, gates, right);
  dx.fill(0);
  Linear.backwardInputs(arena, input, gates, dx, streams * steps);
}

export declare namespace backward {
  type Buffers = { readonly dAfter: Float32Array; readonly dx: Float32Array; readonly right: Matrix.Packed };
}

/** One row: `gates` and `pushes` become the gradients with respect to what inputs and states gave. */
function ungate(units: number, row: number, { streams, before, gates, pushes, carried }: Trace, dAfter: Float32Array) {
  const carriedStart = (row % streams) * units;
  const start = row * units;
  const reset = row * 3 * units;
  const update = reset + units;
  const candidate = update + units;
  for (let unit = 0; unit < units; unit++) {
    const r = gates[reset + unit] as number;
    const z = gates[update + unit] as number;
    const n = gates[candidate + unit] as number;
    const d = dAfter[start + unit] as number;
    const dCandidate = d * (1 - z) * (1 - n * n);
    const dUpdate = d * ((before[start + unit] as number) - n) * z * (1 - z);
    const dReset = dCandidate * (pushes[candidate + unit] as number) * r * (1 - r);
    gates[reset + unit] = dReset;
    pushes[reset + unit] = dReset;
    gates[update + unit] = dUpdate;
    pushes[update + unit] = dUpdate;
    gates[candidate + unit] = dCandidate;
    pushes[candidate + unit] = dCandidate * r;
    carried[carriedStart + unit] = d * z;
  }
}
