/** Local engine of digit classifiers: dense layers over images of 28 x 28 pixels, run by the project's own kernel. */
import * as z from 'zod';
import * as Network from '../../internal/kernel/Network.ts';
import type { Folder } from '../../publish/readFolder.ts';
import { type Engine, NO_UNITS, type Units } from '../Engine.ts';
import * as Float32 from './Float32.ts';
import { takeFile } from './takeFile.ts';

const PIXELS = 784;

/** Rows from the top, 0 black to 255 white (ink is white): numbers, or base64 of as many bytes. */
const pixelsSchema = z.union([
  z.array(z.int().min(0).max(255)).length(PIXELS),
  z.string().regex(/^[A-Za-z0-9+/]{1045}[AQgw]==$/, 'is not base64 of 784 bytes'),
]);

export const inputSchema = z.strictObject({ model: z.string().min(1).max(200), pixels: pixelsSchema });

export const outputSchema = z.strictObject({
  object: z.literal('classification'),
  model: z.string(),
  label: z.int().min(0).max(9),
  probabilities: z.array(z.number().min(0).max(1)).length(10),
});

const UNITS: Units = { ...NO_UNITS, images: 1n, bytes: BigInt(PIXELS) };

/**
 * Opens the classifier in a folder whose files were verified. An answer takes less than a millisecond, so it runs
 * where it is called.
 *
 * @throws {Safetensors.MalformedError} or {Network.ShapeError} when the weights are not those of such a classifier.
 */
export async function openDigits({ card, manifest, files }: Folder): Promise<Engine> {
  const network = Network.parse(takeFile(files, '.safetensors'));
  if (network.layers[0]?.inputs !== PIXELS || network.layers.at(-1)?.outputs !== 10) {
    throw new Network.ShapeError(`${PIXELS} inputs and 10 outputs are needed`);
  }
  const work = Network.workspace(network, 1);

  return {
    manifestRoot: manifest.root,
    route: '/v1/classify',
    rights: ['infer'],
    inputSchema,
    bound: () => UNITS,
    async run(input, signal) {
      signal.throwIfAborted();
      const image = readPixels(inputSchema.parse(input).pixels);
      const values = work.activations[0] as Float32Array;
      for (const [at, pixel] of image.entries()) values[at] = pixel / 255;
      const probabilities = Network.forward(network, work);
      const label = probabilities.indexOf(Math.max(...probabilities));
      const body = {
        object: 'classification',
        model: card.name,
        label,
        probabilities: Float32.toDecimals(probabilities),
      };
      return { body, units: UNITS };
    },
    close: async () => {},
  };
}

function readPixels(pixels: z.infer<typeof pixelsSchema>): Uint8Array {
  return typeof pixels === 'string' ? Buffer.from(pixels, 'base64') : Uint8Array.from(pixels);
}
