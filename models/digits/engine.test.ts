import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { inputSchema, openDigits, outputSchema } from '../../src/infer/engines/digits.ts';
import { readFolder } from '../../src/publish/readFolder.ts';
import { PIXELS, readSplit } from './data.ts';

const folder = await readFolder(import.meta.dirname);
const { card } = folder;
const engine = await openDigits(folder);
const { signal } = new AbortController();
const samples = readSplit().test;
const image = (index: number) => samples.pixels.subarray(index * PIXELS, (index + 1) * PIXELS);
const classify = async (pixels: unknown) => outputSchema.parse((await engine.run({ model: 'm', pixels }, signal)).body);

describe('openDigits', () => {
  test('serves the schemas that the card shows', () => {
    expect(card.input).toEqual(z.toJSONSchema(inputSchema));
    expect(card.output).toEqual(z.toJSONSchema(outputSchema));
  });
});

describe('run', () => {
  test('answers with label and probabilities', async () => {
    expect(await engine.run({ model: 'digits', pixels: [...image(0)] }, signal)).toMatchInlineSnapshot(`
      {
        "body": {
          "label": 0,
          "model": "digits",
          "object": "classification",
          "probabilities": [
            0.9998222,
            5.4980458e-8,
            0.00012605923,
            9.0578126e-8,
            8.295335e-9,
            3.6373876e-8,
            0.0000013253372,
            0.00004357526,
            0.00000609841,
            5.439416e-7,
          ],
        },
        "units": {
          "bytes": 784n,
          "images": 1n,
          "inputTokens": 0n,
          "outputTokens": 0n,
        },
      }
    `);
  });

  test('gets held-out digits right as often as the card says', async () => {
    let right = 0;
    for (const [index, label] of samples.labels.entries()) {
      if ((await classify([...image(index)])).label === label) right += 1;
    }
    expect(right / samples.labels.length).toBe(card.evaluation?.value);
  });

  test('takes base64 of the same bytes', async () => {
    expect(await classify(Buffer.from(image(5)).toString('base64'))).toEqual(await classify([...image(5)]));
  });

  test('the answer does not depend on what was asked before', async () => {
    const first = await classify([...image(1)]);
    await classify([...image(2)]);
    expect(await classify([...image(1)])).toEqual(first);
  });

  test('rejects with the reason of a signal that has aborted', async () => {
    const input = { model: 'm', pixels: [...image(0)] };
    await expect(engine.run(input, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });
});

describe('inputSchema', () => {
  const black = new Array<number>(784).fill(0);
  test.each([
    ['too few pixels', { model: 'm', pixels: black.slice(1) }],
    ['too many pixels', { model: 'm', pixels: [...black, 0] }],
    ['a pixel above 255', { model: 'm', pixels: black.with(0, 256) }],
    ['a pixel below 0', { model: 'm', pixels: black.with(0, -1) }],
    ['a fraction', { model: 'm', pixels: black.with(0, 0.5) }],
    ['base64 of another length', { model: 'm', pixels: Buffer.alloc(783).toString('base64') }],
    ['base64 of one byte more', { model: 'm', pixels: Buffer.alloc(785).toString('base64') }],
    ['base64 with bits left over', { model: 'm', pixels: `${'A'.repeat(1_045)}B==` }],
    ['base64url', { model: 'm', pixels: Buffer.alloc(784, 255).toString('base64url') }],
    ['an unknown field', { model: 'm', pixels: black, more: 1 }],
    ['no model', { pixels: black }],
  ])('refuses %s', (_, input) => {
    expect(inputSchema.safeParse(input).success).toBe(false);
  });
});
