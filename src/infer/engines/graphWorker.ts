/** The thread of `openGraph`: answers each set of inputs with the output of the graph. */
import { workerData } from 'node:worker_threads';
import { answerCalls } from './answerCalls.ts';
import { type GraphData, type Inputs, loadGraph } from './loadGraph.ts';

/** What the thread is started with. */
export type WorkerData = GraphData;

const loading = loadGraph(workerData as WorkerData);

answerCalls(async (inputs: Inputs) => (await loading)(inputs));
