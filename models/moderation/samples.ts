/** Harmless pictures: drawn text, handwritten digits, and patterns. Explicit ones are neither made nor shipped. */
import sharp from 'sharp';
import * as Random from '../../src/internal/kernel/Random.ts';
import { PIXELS, readSplit } from '../digits/data.ts';
import { readSamples as readText } from '../ocr/samples.ts';

export type Sample = { readonly kind: 'text' | 'digit' | 'pattern'; readonly picture: Buffer };

const DIGITS = 40;
const PATTERNS = 40;

export async function readSamples(): Promise<readonly Sample[]> {
  const text = (await readText()).map(({ picture }) => ({ kind: 'text' as const, picture }));
  const { pixels } = readSplit().test;
  const digits = await Promise.all(
    Array.from({ length: DIGITS }, async (_, at) => {
      const raw = { width: 28, height: 28, channels: 1 as const };
      const digit = pixels.subarray(at * PIXELS, (at + 1) * PIXELS);
      const picture = await sharp(digit, { raw }).resize(224, 224, { kernel: 'nearest' }).png().toBuffer();
      return { kind: 'digit' as const, picture };
    }),
  );
  return [...text, ...digits, ...(await drawPatterns())];
}

/** Noise of several coarsenesses and tints, enlarged smoothly, which gives anything from sand to clouds. */
async function drawPatterns(): Promise<readonly Sample[]> {
  const random = Random.from(7);
  const samples: Sample[] = [];
  for (let at = 0; at < PATTERNS; at++) {
    const side = [2, 4, 16, 64][at % 4] as number;
    const tint = [0, 1, 2].map(() => Random.unit(random));
    const noise = Uint8Array.from(
      { length: side * side * 3 },
      (_, index) => 255 * (tint[index % 3] as number) * (0.5 + Random.unit(random) / 2),
    );
    const picture = await sharp(noise, { raw: { width: side, height: side, channels: 3 } })
      .resize(256, 256, { kernel: 'cubic' })
      .jpeg({ quality: 85 })
      .toBuffer();
    samples.push({ kind: 'pattern', picture });
  }
  return samples;
}
