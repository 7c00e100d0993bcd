/** The thread of `ocr.ts`: decodes a picture, finds its lines and reads each. */
import { workerData } from 'node:worker_threads';
import * as onnx from 'onnxruntime-web';
import { answerCalls } from '../answerCalls.ts';
import { decodePicture } from '../decodePicture.ts';
import * as Raster from '../Raster.ts';
import * as Letters from './Letters.ts';
import * as Regions from './Regions.ts';

/** What the thread is started with: the files of the asset. */
export type WorkerData = {
  readonly detector: Uint8Array;
  readonly recognizer: Uint8Array;
  readonly letters: Uint8Array;
};

/** A line of text and where it stands, in pixels of the picture. */
export type Line = Letters.Reading & { readonly box: Raster.Box };

/** What was read in a picture, and its size. */
export type Reading = { readonly width: number; readonly height: number; readonly lines: readonly Line[] };

/** Longest side of a picture for the detector. */
const SIDE = 960;
/** Sides of the detector's input are multiples of this. */
const STEP = 32;
/** Height of a line for the recognizer, and the least and the greatest width. */
const HEIGHT = 48;
const WIDTHS = { least: 320, most: 2_400 };
/** Most lines that are read. */
const LINES = 200;
/** Least confidence of a line. */
const CONFIDENCE = 0.5;

const photographs: Raster.Scale = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };
const middle: Raster.Scale = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };

// One thread, so that sums have the same order on every machine.
onnx.env.wasm.numThreads = 1;
const data = workerData as WorkerData;
const options = { executionProviders: ['wasm'] };
const loading = (async () => ({
  detector: await onnx.InferenceSession.create(data.detector, options),
  recognizer: await onnx.InferenceSession.create(data.recognizer, options),
  letters: Letters.parse(data.letters),
}))();

answerCalls(async (bytes: Uint8Array, isAbandoned): Promise<Reading> => {
  const { detector, recognizer, letters } = await loading;
  const picture = await decodePicture(bytes);
  const lines: Line[] = [];
  for (const box of (await detect(detector, picture)).slice(0, LINES)) {
    if (isAbandoned()) break;
    const reading = Letters.read(letters, await recognize(recognizer, picture, box));
    if (reading.text.trim() !== '' && reading.confidence >= CONFIDENCE) lines.push({ ...reading, box });
  }
  return { width: picture.width, height: picture.height, lines };
});

/** Boxes of lines in pixels of the picture. */
async function detect(session: onnx.InferenceSession, picture: Raster.Raster): Promise<readonly Raster.Box[]> {
  const shrink = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) =>
    Math.max(STEP, Math.round((side * shrink) / STEP) * STEP),
  ) as [number, number];
  const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
  const values = await run(session, Raster.planes(picture, whole, { width, height, row: width }, photographs), [
    1,
    3,
    height,
    width,
  ]);
  const [across, down] = [picture.width / width, picture.height / height];
  return Regions.find({ width, height, values }).map((box) => ({
    x: box.x * across,
    y: box.y * down,
    width: box.width * across,
    height: box.height * down,
  }));
}

/** Probabilities of the letters of a line. */
function recognize(session: onnx.InferenceSession, picture: Raster.Raster, box: Raster.Box): Promise<Float32Array> {
  const width = Math.min(WIDTHS.most, Math.max(1, Math.ceil((HEIGHT * box.width) / box.height)));
  const row = Math.max(WIDTHS.least, width);
  return run(session, Raster.planes(picture, box, { width, height: HEIGHT, row }, middle), [1, 3, HEIGHT, row]);
}

async function run(session: onnx.InferenceSession, values: Float32Array, shape: number[]): Promise<Float32Array> {
  const [input = ''] = session.inputNames;
  const [output = ''] = session.outputNames;
  const results = await session.run({ [input]: new onnx.Tensor('float32', values, shape) });
  return (results[output] as onnx.Tensor).data as Float32Array;
}
