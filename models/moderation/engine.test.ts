import { createRequire } from 'node:module';
import OpenAI from 'openai';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { PictureError } from '../../src/infer/engines/decodePicture.ts';
import { classes, inputSchema, outputSchema, respond, THRESHOLD } from '../../src/infer/engines/moderation.ts';
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import { shrink } from '../../src/infer/engines/Raster.ts';
import { readFolder } from '../../src/publish/readFolder.ts';
import { type Evaluation, judge } from './evaluate.ts';
import { readSamples } from './samples.ts';

const folder = await readFolder(import.meta.dirname);
const engine = await openEngine(folder);
afterAll(() => engine.close());
const { signal } = new AbortController();

/** A picture by formula. */
function draw(width: number, height: number) {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        rgb[(y * width + x) * 3 + c] = (x * x * (c + 1) + y * 7 * (3 - c) + ((x >> 4) ^ (y >> 4)) * 40) % 256;
      }
    }
  }
  return { width, height, rgb };
}

const { rgb, ...size } = draw(300, 170);
const picture = await sharp(rgb, { raw: { ...size, channels: 3 } })
  .png()
  .toBuffer();
const input = (url: string) => ({ model: 'm', input: [{ type: 'image_url', image_url: { url } }] });
const url = `data:image/png;base64,${picture.toString('base64')}`;

describe('openModeration', () => {
  test('serves the schemas that the card shows', () => {
    expect(folder.card.input).toEqual(z.toJSONSchema(inputSchema));
    expect(folder.card.output).toEqual(z.toJSONSchema(outputSchema));
  });
});

describe('shrink', () => {
  test.each([
    [300, 170],
    [224, 224],
    [1, 1],
    [97, 500],
  ])('gives what TensorFlow gives for %i x %i pixels', async (width, height) => {
    const pixels = draw(width, height);
    const tf = createRequire(import.meta.url)('@energetic-ai/core');
    await tf.ready();
    const tensor = tf.div(tf.tensor(Float32Array.from(pixels.rgb), [height, width, 3]), tf.scalar(255));
    const expected: Float32Array = await tf.image.resizeBilinear(tensor, [224, 224], true).data();
    const actual = shrink(pixels, 224);
    expect(actual.length).toBe(expected.length);
    const difference = expected.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - (actual[at] as number))),
      0,
    );
    // One 255th would be another shade.
    expect(difference).toBeLessThan(1e-4);
  });
});

describe('run', () => {
  test('gives what nsfwjs 4.4.0 gives on TensorFlow.js 4.22.0', async () => {
    // Computed once by `classify` of its MobileNetV2Mid on the pixels of `draw(300, 170)`.
    const reference = { drawing: 0.0019586, hentai: 0.0000172, neutral: 0.9980192, porn: 8.4e-7, sexy: 0.0000042 };
    const { probabilities } = await judge(engine, picture);
    for (const name of classes) expect(probabilities[name]).toBeCloseTo(reference[name], 3);
  });

  test("answers in OpenAI's shape, and says what it did not judge", async () => {
    const { body, units } = await engine.run(inputSchema.parse(input(url)), signal);
    const { results, ...head } = outputSchema.parse(body);
    expect(head).toMatchInlineSnapshot(`
      {
        "id": "modr-d42e9dfcb51cdb1b6cf50409",
        "model": "moderation",
      }
    `);
    const [result] = results;
    expect(result?.flagged).toBe(false);
    const judged = Object.entries(result?.category_applied_input_types ?? {}).filter(([, types]) => types.length > 0);
    expect(judged).toEqual([['sexual', ['image']]]);
    expect(units).toEqual({ inputTokens: 0n, outputTokens: 0n, images: 1n, bytes: BigInt(picture.length) });

    const fetch = async (_: unknown, init?: RequestInit) => {
      const request = engine.inputSchema.parse(JSON.parse(init?.body as string));
      return Response.json((await engine.run(request, signal)).body);
    };
    const client = new OpenAI({ apiKey: 'none', baseURL: 'http://127.0.0.1/v1', fetch });
    const read = await client.moderations.create({ model: 'm', input: [{ type: 'image_url', image_url: { url } }] });
    expect(read.results[0]?.category_scores.sexual).toBe(result?.category_scores.sexual);
  });

  test.each<[readonly number[], number]>([
    [[0.5, 0, 0.1, 0.4, 0], 0.4],
    [[0.25, 0.2499985, 0.25, 0.1, 0.15], 0.499999],
    [[0.5, 0, 0, 0.5, 0], 0.5],
    [[0.2, 0.2, 0.2, 0.2, 0.2], 0.6],
    [[0, 0.3, 0, 0.3, 0.4], 1],
  ])('flags by the score of the explicit classes, from the threshold on that the card names: %j', (shares, score) => {
    const [result] = outputSchema.parse(respond('m', new Uint8Array(), Float32Array.from(shares))).results;
    expect(result?.category_scores.sexual).toBe(score);
    expect(result?.flagged).toBe(score >= 0.5);
    expect(result?.categories.sexual).toBe(score >= 0.5);
    expect(JSON.stringify(folder.card.output)).toContain('Whether the score of sexual is at least 0.5.');
  });

  test('flags as many harmless pictures as the evaluation says', async () => {
    const committed: Evaluation = JSON.parse(Buffer.from(folder.files.get('evaluation.json') ?? []).toString());
    expect(committed.falseAlarms).toBe(folder.card.evaluation?.value);
    expect(committed.flagged).toBe(0);
    const samples = (await readSamples()).filter((_, at) => at % 10 === 0);
    for (const { picture } of samples) {
      const { flagged, category_scores } = await judge(engine, picture);
      expect(flagged).toBe(false);
      expect(category_scores.sexual).toBeLessThan(THRESHOLD);
    }
  });

  test('a damaged picture is an error', async () => {
    const half = picture.subarray(0, picture.length / 2).toString('base64');
    await expect(engine.run(inputSchema.parse(input(`data:image/png;base64,${half}`)), signal)).rejects.toThrow(
      PictureError,
    );
  });
});

test('bound is what the run charges', async () => {
  const request = engine.inputSchema.parse(input(url));
  expect(engine.bound(request)).toEqual((await engine.run(request, signal)).units);
});

describe('inputSchema', () => {
  test.each([
    ['A-018: a URL that would be fetched', 'http://169.254.169.254/latest/meta-data'],
    ['a URL with https', 'https://example.com/a.png'],
    ['a file', 'file:///etc/passwd'],
    ['data of another kind', 'data:text/html;base64,PGI+'],
    ['data that is no picture', 'data:image/png;base64,PGI+'],
    ['data that is not base64', 'data:image/png,abc'],
  ])('refuses %s', (_, url) => expect(engine.inputSchema.safeParse(input(url)).success).toBe(false));

  test('refuses two pictures and texts', () => {
    const [one] = input(url).input;
    expect(engine.inputSchema.safeParse({ model: 'm', input: [one, one] }).success).toBe(false);
    expect(engine.inputSchema.safeParse({ model: 'm', input: 'text' }).success).toBe(false);
  });
});
