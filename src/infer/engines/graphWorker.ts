/** The thread of `openGraph`: holds the graph, answers each set of inputs with its output. */
import { createRequire } from 'node:module';
import { workerData } from 'node:worker_threads';
import { answerCalls } from './answerCalls.ts';

/** What the thread is started with. */
export type WorkerData = {
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
type Graph = Record<WorkerData['method'], (inputs: Record<string, Tensor>) => Tensor | Promise<Tensor>>;
type TensorFlow = {
  ready(): Promise<void>;
  tensor(values: Int32Array | Float32Array, shape: readonly number[], type: 'int32' | 'float32'): Tensor;
  loadGraphModel(handler: unknown): Promise<Graph>;
  io: { fromMemory(artifacts: unknown): unknown };
};

// Its entry sets the WebAssembly backend of one thread, whose sums always have the same order.
const tensorflow: TensorFlow = createRequire(import.meta.url)('@energetic-ai/core');
const { model, shards, method } = workerData as WorkerData;
const loading = load(model, shards);

answerCalls(execute);

async function load(text: string, parts: readonly Uint8Array[]) {
  await tensorflow.ready();
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

async function execute(inputs: Inputs): Promise<Float32Array> {
  const graph = await loading;
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, { values, shape }]) => {
      return [name, tensorflow.tensor(values, shape, values instanceof Int32Array ? 'int32' : 'float32')] as const;
    }),
  );
  const output = await graph[method](tensors);
  const vector = Float32Array.from(await output.data());
  for (const tensor of [...Object.values(tensors), output]) tensor.dispose();
  return vector;
}
