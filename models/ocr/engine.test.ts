import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { PictureError } from '../../src/infer/engines/decodePicture.ts';
import { inputSchema, outputSchema, RecognizerError } from '../../src/infer/engines/ocr.ts';
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import { readFolder } from '../../src/publish/readFolder.ts';
import { type Evaluation, score } from './evaluate.ts';
import { draw, readSamples } from './samples.ts';

const folder = await readFolder(import.meta.dirname);
const engine = await openEngine(folder);
afterAll(() => engine.close());

const { signal } = new AbortController();
const read = async (picture: Buffer) =>
  outputSchema.parse((await engine.run({ model: 'm', image: picture.toString('base64') }, signal)).body);

describe('openOcr', () => {
  test('serves the schemas that the card shows', () => {
    expect(folder.card.input).toEqual(z.toJSONSchema(inputSchema));
    expect(folder.card.output).toEqual(z.toJSONSchema(outputSchema));
  });
});

describe('run', () => {
  test('reads lines in their order, with place and confidence', async () => {
    const picture = await draw(['Total 42', 'Thank you'], 'sans');
    const { body, units } = await engine.run({ model: 'm', image: picture.toString('base64') }, signal);
    const { lines, width, height } = outputSchema.parse(body);
    expect(lines.map(({ text }) => text)).toEqual(['Total 42', 'Thank you']);
    const [first, second] = lines.map(({ box }) => box);
    // The text starts at 30 and its letters are 17 pixels high.
    expect(first?.x).toBeGreaterThan(15);
    expect(first?.x).toBeLessThan(35);
    expect((first?.y ?? 0) + (first?.height ?? 0)).toBeLessThanOrEqual(second?.y ?? 0);
    for (const { box, confidence } of lines) {
      expect(box.x + box.width).toBeLessThanOrEqual(width);
      expect(box.y + box.height).toBeLessThanOrEqual(height);
      expect(confidence).toBeGreaterThan(0.9);
    }
    expect(units).toEqual({ inputTokens: 0n, outputTokens: 0n, images: 1n, bytes: BigInt(picture.length) });
  });

  test('makes the mistakes that the evaluation says, in each style', async () => {
    const committed: Evaluation = JSON.parse(Buffer.from(folder.files.get('evaluation.json') ?? []).toString());
    expect(committed.errorRate).toBe(folder.card.evaluation?.value);
    const samples = (await readSamples()).slice(0, committed.perStyle.length);
    for (const [at, sample] of samples.entries()) {
      const { style, read, errors } = await score(engine, sample);
      expect({ style, read, errors }).toEqual(committed.pictures[at]);
    }
  });

  test('finds nothing where nothing is written', async () => {
    expect((await read(await draw([''], 'dark'))).lines).toEqual([]);
  });

  test('a damaged picture is an error, and the next one is read', async () => {
    const picture = await draw(['Total 42'], 'sans');
    const damaged = picture.subarray(0, picture.length / 2);
    await expect(read(damaged)).rejects.toThrow(PictureError);
    expect((await read(picture)).lines).toHaveLength(1);
  });

  test('A-041: an abort stops the work, so that the next picture does not wait for it', async () => {
    const text = Array.from({ length: 30 }, (_, at) => `Item ${at} of a long list of things, twice`);
    const long = { model: 'm', image: (await draw(text, 'small')).toString('base64') };
    const short = { model: 'm', image: (await draw(['a'], 'small')).toString('base64') };
    const start = performance.now();
    await engine.run(long, signal);
    const whole = performance.now() - start;

    const abort = new AbortController();
    const running = expect(engine.run(long, abort.signal)).rejects.toThrow('gone');
    setTimeout(() => abort.abort(new RangeError('gone')), whole / 10);
    await running;
    const before = performance.now();
    await engine.run(short, signal);
    expect(performance.now() - before).toBeLessThan(whole / 2);
  });

  test('A-023: pictures that wait are not decoded', async () => {
    const create = { width: 4_000, height: 4_000, channels: 3, background: '#fff' } as const;
    const image = (await sharp({ create }).png().toBuffer()).toString('base64');
    const inputs = Array.from({ length: 16 }, () => engine.inputSchema.parse({ model: 'm', image }));
    const abort = new AbortController();
    const before = process.memoryUsage.rss();
    const settled = Promise.allSettled(inputs.map((input) => engine.run(input, abort.signal)));
    let most = 0;
    for (const end = performance.now() + 1_500; performance.now() < end; await sleep(5)) {
      most = Math.max(most, process.memoryUsage.rss() - before);
    }
    // Decoded, each has 48 MB, and some copies of them.
    expect(most / 1e6).toBeLessThan(500);
    abort.abort();
    await settled;
  });

  test('an abort frees the caller, and a closed engine serves nobody', async () => {
    const image = (await draw(['Total 42'], 'sans')).toString('base64');
    const aborted = AbortSignal.abort(new RangeError('gone'));
    await expect(engine.run({ model: 'm', image }, aborted)).rejects.toThrow('gone');
    const other = await openEngine(folder);
    const pending = expect(other.run({ model: 'm', image }, signal)).rejects.toThrow(RecognizerError);
    await other.close();
    await pending;
  });
});

test('bound is what the run charges', async () => {
  const input = engine.inputSchema.parse({ model: 'm', image: (await draw(['a'], 'small')).toString('base64') });
  expect(engine.bound(input)).toEqual((await engine.run(input, signal)).units);
});
