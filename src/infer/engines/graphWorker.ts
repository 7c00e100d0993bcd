/** The thread of `openGraph`: holds the graph, answers each list of token ids with a vector. */
import { createRequire } from 'node:module';
import { workerData } from 'node:worker_threads';
import { answerCalls } from './answerCalls.ts';

/** What the thread is started with. */
export type WorkerData = {
  /** Text of `model.json`. */
  readonly model: string;
  /** Contents of the weight shards, in the order in which the model names them. */
  readonly shards: readonly Uint8Array[];
};

/** The part of TensorFlow.js used here; the types it is published with refer to packages that it does not install. */
type Tensor = { data(): Promise<Float32Array>; dispose(): void };
type TensorFlow = {
  ready(): Promise<void>;
  tensor1d(values: Int32Array, type: 'int32'): Tensor;
  tensor2d(values: Int32Array, shape: [number, number], type: 'int32'): Tensor;
  loadGraphModel(handler: unknown): Promise<{ executeAsync(inputs: Record<string, Tensor>): Promise<Tensor> }>;
  io: { fromMemory(artifacts: unknown): unknown };
};

// Its entry sets the WebAssembly backend of one thread, whose sums always have the same order.
const tensorflow: TensorFlow = createRequire(import.meta.url)('@energetic-ai/core');
const { model, shards } = workerData as WorkerData;
const loading = load(model, shards);

answerCalls(embed);

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

/** The graph takes a sparse matrix of tokens: `values`, and the text and place of each in `indices`. */
async function embed(tokens: Int32Array): Promise<Float32Array> {
  const graph = await loading;
  const indices = tensorflow.tensor2d(
    Int32Array.from({ length: tokens.length * 2 }, (_, at) => (at % 2 === 0 ? 0 : (at - 1) / 2)),
    [tokens.length, 2],
    'int32',
  );
  const values = tensorflow.tensor1d(tokens, 'int32');
  const output = await graph.executeAsync({ indices, values });
  const vector = Float32Array.from(await output.data());
  for (const tensor of [indices, values, output]) tensor.dispose();
  return vector;
}
