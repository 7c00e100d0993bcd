/** The thread of `moderation.ts`: decodes a picture and answers with the output of the graph. */
import { workerData } from 'node:worker_threads';
import { answerCalls } from '../answerCalls.ts';
import { decodePicture } from '../decodePicture.ts';
import { type GraphData, loadGraph } from '../loadGraph.ts';
import * as Raster from '../Raster.ts';

/** Side of the graph's input in pixels. */
const SIDE = 224;

/** The bytes of a PNG or JPEG. */
export type Input = Uint8Array;

const loading = loadGraph(workerData as GraphData);

answerCalls(async (picture: Input) => {
  const execute = await loading;
  const values = Raster.shrink(await decodePicture(picture), SIDE);
  return execute({ 'input:0': { values, shape: [1, SIDE, SIDE, 3] } });
});
