/** Loads a TensorFlow.js graph into the thread that it is called in. */
import { createRequire } from 'node:module';

/** A graph as its files say it. */
export type GraphData = {
  /** Text of `model.json`. */
  readonly model: string;
  /** Contents of the weight shards, in the order in which the model names them. */
  readonly shards: readonly Uint8Array[];
  /** `executeAsync` where the graph has shapes that are known only when it runs. */
  readonly method: 'execute' | 'executeAsync';
};

/** Inputs of the graph by their names; the type follows from the array. */
export type Inputs = Readonly<
  Record<string, { readonly values: Int32Array | Float32Array; readonly shape: readonly number[] }>
>;

/** The part of TensorFlow.js used here; the types it is published with refer to packages that it does not install. */
type Tensor = { data(): Promise<Float32Array>; dispose(): void };
type Graph = Record<GraphData['method'], (inputs: Record<string, Tensor>) => Tensor | Promise<Tensor>>;
type TensorFlow = {
  ready(): Promise<void>;
  tensor(values: Int32Array | Float32Array, shape: readonly number[], type: 'int32' | 'float32'): Tensor;
  loadGraphModel(handler: unknown): Promise<Graph>;
  io: { fromMemory(artifacts: unknown): unknown };
};

// Its entry sets the WebAssembly backend of one thread, whose sums always have the same order.
const tensorflow: TensorFlow = createRequire(import.meta.url)('@energetic-ai/core');

/** The graph as a function from a set of inputs to its one output. */
export async function loadGraph({
  model,
  shards,
  method,
}: GraphData): Promise<(inputs: Inputs) => Promise<Float32Array>> {
  await tensorflow.ready();
  const graph = await load(model, shards);
  return async (inputs) => {
    const tensors = Object.fromEntries(
      Object.entries(inputs).map(([name, { values, shape }]) => {
        return [name, tensorflow.tensor(values, shape, values instanceof Int32Array ? 'int32' : 'float32')] as const;
      }),
    );
    const output = await graph[method](tensors);
    const vector = Float32Array.from(await output.data());
    for (const tensor of [...Object.values(tensors), output]) tensor.dispose();
    return vector;
  };
}

function load(text: string, parts: readonly Uint8Array[]): Promise<Graph> {
  const { modelTopology, weightsManifest } = JSON.parse(text);
  const weightData = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    weightData.set(part, at);
    at += part.length;
  }
  const weightSpecs = weightsManifest.flatMap(({ weights }: { weights: unknown[] }) => weights);
  return tensorflow.loadGraphModel(
    tensorflow.io.fromMemory({ modelTopology, weightSpecs, weightData: weightData.buffer }),
  );
}
