/** Runs a TensorFlow.js graph model in a worker thread. */
import * as z from 'zod';
import { BaseError } from '../../internal/Errors.ts';
import type { WorkerData } from './graphWorker.ts';
import type { GraphData, Inputs } from './loadGraph.ts';
import { startThread, type Thread } from './startThread.ts';
import { takeFile } from './takeFile.ts';

/** A loaded graph: gives the numbers of its one output. */
export type Graph<Input = Inputs> = Thread<Input, Float32Array>;

/**
 * Loads the graph `model.json` and the shards it names from `files` and runs it once. The shards move to the worker:
 * their arrays are empty afterwards.
 *
 * @throws {GraphError} when the graph does not load or its output does not have `dimensions` numbers.
 */
export async function openGraph<Input = Inputs>(options: openGraph.Options<Input>): Promise<Graph<Input>> {
  const { dimensions, first } = options;
  const graph = startGraph(options);
  try {
    const vector = await graph.run(first, AbortSignal.timeout(LOAD_TIMEOUT));
    if (vector.length !== dimensions) throw new GraphError(`it answers with ${vector.length} numbers`);
  } catch (error) {
    await graph.close();
    throw error;
  }
  return graph;
}

export declare namespace openGraph {
  type Options<Input = Inputs> = {
    readonly files: ReadonlyMap<string, Uint8Array>;
    readonly dimensions: number;
    /** Input to warm the graph up with. */
    readonly first: Input;
    readonly method: GraphData['method'];
    /** A worker that makes the inputs of the graph from something else; without it they are handed in. */
    readonly worker?: URL;
    /** The error of a call that failed with an error of that code in the worker, where it is not the graph's. */
    fault?(cause: unknown, code: string | undefined): BaseError | undefined;
  };
}

const LOAD_TIMEOUT = 60_000;

const modelSchema = z.object({
  weightsManifest: z.array(z.object({ paths: z.array(z.string()), weights: z.array(z.unknown()) })),
});

// Compiled or not, the worker stands beside this file with the same ending.
const file = new URL(import.meta.url.replace(/openGraph(\.[jt]s)$/, 'graphWorker$1'));

function startGraph<Input>({ files, method, worker = file, fault }: openGraph.Options<Input>): Graph<Input> {
  const data: WorkerData = { ...readModel(files), method };
  const transfer = data.shards.map(({ buffer }) => buffer as ArrayBuffer);
  return startThread({
    file: worker,
    data,
    transfer,
    fault: (detail, cause, code) => fault?.(cause, code) ?? new GraphError(detail, cause),
  });
}

function readModel(files: ReadonlyMap<string, Uint8Array>): Omit<GraphData, 'method'> {
  const model = new TextDecoder().decode(takeFile(files, 'model.json'));
  try {
    const { weightsManifest } = modelSchema.parse(JSON.parse(model));
    const paths = new Set(weightsManifest.flatMap((group) => group.paths));
    return { model, shards: [...paths].map((path) => takeFile(files, path)) };
  } catch (cause) {
    throw new GraphError('model.json does not name the shards', cause);
  }
}

/** The graph does not load, or its thread is gone. */
export class GraphError extends BaseError {
  override readonly name = 'openGraph.GraphError';
  constructor(detail: string, cause?: unknown) {
    super(`The graph is not usable: ${detail}.`, { code: 'infer.graph', cause });
  }
}
