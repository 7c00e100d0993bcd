import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { z } from 'zod';
import { type Image, InvalidError } from './Input.ts';

const pixels = 784;
const schema = z.object({ data: z.array(z.number().min(0).max(1)) });

/** A handwritten digit of the `mnist` package, by its digit and its position among those of the digit. */
export async function readDigit(digit: number, index: number): Promise<Image> {
  const file = createRequire(import.meta.url).resolve(`mnist/src/digits/${digit}.json`);
  const { data } = schema.parse(JSON.parse(await readFile(file, 'utf8')));
  const image = data.slice(index * pixels, (index + 1) * pixels);
  const count = data.length / pixels;
  if (image.length < pixels) throw new InvalidError(`there are ${count} images of a ${digit}, counted from 0`);
  // The package stores pixels as fractions of 255 with three decimals; rounding restores the bytes.
  return image.map((fraction) => Math.round(fraction * 255));
}
