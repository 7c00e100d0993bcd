/** Runs a TensorFlow.js graph model of token ids in a worker thread. */
import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import { BaseError } from '../../internal/Errors.ts';
import type { Answer, WorkerData } from './graphWorker.ts';
import { takeFile } from './takeFile.ts';

/** A loaded graph. */
export type Graph = {
  /** The vector of one list of token ids. Calls are served one at a time, in the order they come. */
  run(tokens: Int32Array, signal: AbortSignal): Promise<Float32Array>;
  close(): Promise<void>;
};

/**
 * Loads the graph `model.json` and the shards it names from `files` and runs it once. The shards move to the worker:
 * their arrays are empty afterwards.
 *
 * @throws {GraphError} when the graph does not load or its vector does not have `dimensions` numbers.
 */
export async function openGraph({ files, dimensions }: openGraph.Options): Promise<Graph> {
  const worker = startWorker(files);
  const line: Line = { waiting: [], current: undefined, failure: undefined };
  listen(worker, line);
  const graph: Graph = {
    run: (tokens, signal) => call(worker, line, tokens, signal),
    async close() {
      await worker.terminate();
    },
  };
  try {
    const vector = await graph.run(Int32Array.of(FIRST_TOKEN), AbortSignal.timeout(LOAD_TIMEOUT));
    if (vector.length !== dimensions) throw new GraphError(`it answers with ${vector.length} numbers`);
  } catch (error) {
    await graph.close();
    throw error;
  }
  return graph;
}

export declare namespace openGraph {
  type Options = { readonly files: ReadonlyMap<string, Uint8Array>; readonly dimensions: number };
}

/** The first token that is not reserved; any would do to warm the graph up. */
const FIRST_TOKEN = 6;
const LOAD_TIMEOUT = 60_000;

type Call = {
  readonly tokens: Int32Array;
  readonly resolve: (vector: Float32Array) => void;
  readonly reject: (reason: unknown) => void;
};

/** Calls that wait, the one the worker is at, and why there will be no more. */
type Line = { waiting: Call[]; current: Call | undefined; failure: GraphError | undefined };

const modelSchema = z.object({
  weightsManifest: z.array(z.object({ paths: z.array(z.string()), weights: z.array(z.unknown()) })),
});

function startWorker(files: ReadonlyMap<string, Uint8Array>): Worker {
  const { model, shards } = readModel(files);
  // Compiled or not, the worker stands beside this file with the same ending.
  const url = new URL(import.meta.url.replace(/openGraph(\.[jt]s)$/, 'graphWorker$1'));
  const transferList = shards.map(({ buffer }) => buffer as ArrayBuffer);
  return new Worker(url, { workerData: { model, shards } satisfies WorkerData, transferList });
}

function readModel(files: ReadonlyMap<string, Uint8Array>): WorkerData {
  const model = new TextDecoder().decode(takeFile(files, 'model.json'));
  try {
    const { weightsManifest } = modelSchema.parse(JSON.parse(model));
    const paths = new Set(weightsManifest.flatMap((group) => group.paths));
    return { model, shards: [...paths].map((path) => takeFile(files, path)) };
  } catch (cause) {
    throw new GraphError('model.json does not name the shards', cause);
  }
}

function listen(worker: Worker, line: Line): void {
  const fail = (reason: string, cause?: unknown) => {
    line.failure ??= new GraphError(reason, cause);
    for (const { reject } of [line.current, ...line.waiting].filter((call) => call !== undefined)) reject(line.failure);
    line.current = undefined;
    line.waiting = [];
  };
  worker.on('message', ({ vector, error }: Answer) => {
    if (vector) line.current?.resolve(vector);
    else line.current?.reject(new GraphError('it cannot be run', error));
    line.current = undefined;
    advance(worker, line);
  });
  worker.on('error', (cause) => fail('its thread failed', cause));
  worker.on('exit', () => fail('it was closed'));
}

async function call(worker: Worker, line: Line, tokens: Int32Array, signal: AbortSignal): Promise<Float32Array> {
  signal.throwIfAborted();
  if (line.failure) throw line.failure;
  const { promise, resolve, reject } = Promise.withResolvers<Float32Array>();
  const entry: Call = { tokens, resolve, reject };
  // A call that waits leaves the line; the one the worker is at ends unheard.
  const abort = () => {
    line.waiting = line.waiting.filter((other) => other !== entry);
    reject(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  line.waiting.push(entry);
  advance(worker, line);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function advance(worker: Worker, line: Line): void {
  if (line.current) return;
  line.current = line.waiting.shift();
  if (line.current) worker.postMessage(line.current.tokens);
}

/** The graph does not load, or its thread is gone. */
export class GraphError extends BaseError {
  override readonly name = 'openGraph.GraphError';
  constructor(detail: string, cause?: unknown) {
    super(`The graph is not usable: ${detail}.`, { code: 'infer.graph', cause });
  }
}
