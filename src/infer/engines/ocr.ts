/**
 * Local engine of PP-OCR: finds lines of printed text in a picture and reads them. The graphs run in a worker thread on
 * WebAssembly, where the picture is decoded too.
 */
import * as z from 'zod';
import { BaseError } from '../../internal/Errors.ts';
import type { Folder } from '../../publish/readFolder.ts';
import { type Engine, NO_UNITS, type Units } from '../Engine.ts';
import { PictureError } from './decodePicture.ts';
import type { Line, Reading, WorkerData } from './ocr/recognizeWorker.ts';
import * as Picture from './Picture.ts';
import { startThread, type Thread } from './startThread.ts';
import { takeFile } from './takeFile.ts';

export const inputSchema = z.strictObject({ model: z.string().min(1).max(200), image: Picture.schema });

const pixels = z.int().min(0).max(Picture.MAX_SIDE);

export const outputSchema = z.strictObject({
  object: z.literal('ocr'),
  model: z.string(),
  /** Size of the picture, upright. */
  width: pixels,
  height: pixels,
  /** In the order of reading. */
  lines: z.array(
    z.strictObject({
      text: z.string(),
      /** Mean probability of its letters. */
      confidence: z.number().min(0).max(1),
      /** Upright, in whole pixels. */
      box: z.strictObject({ x: pixels, y: pixels, width: pixels, height: pixels }),
    }),
  ),
});

/**
 * Opens the recognizer in a folder whose files were verified.
 *
 * @throws {RecognizerError} when the graphs do not load.
 */
export async function openOcr({ card, manifest, files }: Folder): Promise<Engine> {
  const thread = startRecognizer(files);
  try {
    await thread.run(Picture.BLANK, AbortSignal.timeout(LOAD_TIMEOUT));
  } catch (error) {
    await thread.close();
    throw error;
  }
  return {
    manifestRoot: manifest.root,
    route: '/v1/ocr',
    rights: ['infer'],
    inputSchema,
    bound: (input) => measure(inputSchema.parse(input).image),
    async run(input, signal) {
      const { image } = inputSchema.parse(input);
      const { width, height, lines: read } = await thread.run(Picture.decode(image), signal);
      const lines = read.map(write);
      const body = { object: 'ocr', model: card.name, width, height, lines } satisfies z.infer<typeof outputSchema>;
      return { body, units: measure(image) };
    },
    close: thread.close,
  };
}

const LOAD_TIMEOUT = 60_000;

function startRecognizer(files: ReadonlyMap<string, Uint8Array>): Thread<Uint8Array, Reading> {
  const data: WorkerData = {
    detector: takeFile(files, '_det_infer.onnx'),
    recognizer: takeFile(files, '_rec_infer.onnx'),
    letters: takeFile(files, '_keys_v1.txt'),
  };
  // Compiled or not, the worker has the same ending as this file.
  const file = new URL(import.meta.url.replace(/ocr(\.[jt]s)$/, 'ocr/recognizeWorker$1'));
  const transfer = [data.detector, data.recognizer].map(({ buffer }) => buffer as ArrayBuffer);
  return startThread({
    file,
    data,
    transfer,
    fault: (detail, cause, code) => PictureError.from(cause, code) ?? new RecognizerError(detail, cause),
  });
}

function measure(image: string): Units {
  return { ...NO_UNITS, images: 1n, bytes: BigInt(Picture.decode(image).length) };
}

function write({ text, confidence, box }: Line): z.infer<typeof outputSchema>['lines'][number] {
  const x = Math.floor(box.x);
  const y = Math.floor(box.y);
  return {
    text,
    confidence: Math.round(confidence * 10_000) / 10_000,
    box: { x, y, width: Math.ceil(box.x + box.width) - x, height: Math.ceil(box.y + box.height) - y },
  };
}

/** The graphs do not load, or their thread is gone. */
export class RecognizerError extends BaseError {
  override readonly name = 'ocr.RecognizerError';
  constructor(detail: string, cause?: unknown) {
    super(`The recognizer is not usable: ${detail}.`, { code: 'infer.graph', cause });
  }
}
