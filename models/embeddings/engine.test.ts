import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import OpenAI from 'openai';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { inputSchema, MAX_TOKENS, outputSchema } from '../../src/infer/engines/embeddings.ts';
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import { GraphError } from '../../src/infer/engines/openGraph.ts';
import { readFolder } from '../../src/publish/readFolder.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { triples } from './triples.ts';

const folder = await readFolder(import.meta.dirname);
const { card } = folder;
const engine = await openEngine(folder);
afterAll(() => engine.close());

const { signal } = new AbortController();
const embed = async (input: string | string[], more: object = {}) => {
  return outputSchema.parse((await engine.run({ model: 'embeddings', input, ...more }, signal)).body);
};
const vectors = async (input: string | string[]) => (await embed(input)).data.map(({ embedding }) => embedding);

describe('openEmbeddings', () => {
  test('serves the schemas that the card shows', () => {
    expect(card.input).toEqual(z.toJSONSchema(inputSchema));
    expect(card.output).toEqual(z.toJSONSchema(outputSchema));
  });
});

describe('run', () => {
  test('answers in the shape of OpenAI', async () => {
    const { body, units } = await engine.run({ model: 'any', input: ['How old are you?', 'Hello'] }, signal);
    const { data, ...rest } = outputSchema.parse(body);
    const shown = data.map(({ embedding, ...entry }) => ({ ...entry, length: embedding.length }));
    expect({ body: { ...rest, data: shown }, units }).toMatchInlineSnapshot(`
      {
        "body": {
          "data": [
            {
              "index": 0,
              "length": 512,
              "object": "embedding",
            },
            {
              "index": 1,
              "length": 512,
              "object": "embedding",
            },
          ],
          "model": "embeddings",
          "object": "list",
          "usage": {
            "prompt_tokens": 7,
            "total_tokens": 7,
          },
        },
        "units": {
          "bytes": 21n,
          "images": 0n,
          "inputTokens": 7n,
          "outputTokens": 0n,
        },
      }
    `);
  });

  test('gives vectors of length one whose first numbers are pinned', async () => {
    const [vector] = (await vectors('How old are you?')) as [number[]];
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(vector.slice(0, 4).map((value) => Math.round(value * 1e4) / 1e4)).toMatchInlineSnapshot(`
      [
        0.0387,
        0.0504,
        -0.0455,
        0.0561,
      ]
    `);
  });

  test('an embedding is the same bytes whatever it is sent with', async () => {
    const texts = ['Short.', 'A much longer sentence that would make the graph pad the short one.', 'Short.'];
    const together = await vectors(texts);
    expect(together).toEqual([...(await vectors('Short.')), ...(await vectors(texts[1] as string)), together[0]]);
  });

  test('base64 holds the same values', async () => {
    const [entry] = (await embed('Hello', { encoding_format: 'base64' })).data;
    const bytes = Buffer.from(entry?.embedding as string, 'base64');
    const values = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
    expect(Float32Array.from((await vectors('Hello'))[0] as number[])).toEqual(Float32Array.from(values));
  });

  test("OpenAI's client reads the answer, in the base64 it asks for by default and as numbers", async () => {
    const answer = async (_: unknown, init?: RequestInit) => {
      const { body } = await engine.run(engine.inputSchema.parse(JSON.parse(init?.body as string)), signal);
      return Response.json(body);
    };
    const client = new OpenAI({ apiKey: 'none', baseURL: 'http://127.0.0.1/v1', fetch: answer });
    const request = { model: 'embeddings', input: ['Hello', 'How old are you?'] };
    const byDefault = await client.embeddings.create(request);
    const asNumbers = await client.embeddings.create({ ...request, encoding_format: 'float' });
    for (const [index, { embedding }] of asNumbers.data.entries()) {
      expect(Float32Array.from(byDefault.data[index]?.embedding ?? [])).toEqual(Float32Array.from(embedding));
    }
    expect(byDefault.usage).toEqual(asNumbers.usage);
  });

  test('puts paraphrases before distractors as often as the card says', async () => {
    const { accuracy, triples: scored } = await evaluate(engine, triples);
    expect(accuracy).toBe(card.evaluation?.value);
    const committed: Evaluation = JSON.parse(Buffer.from(folder.files.get('evaluation.json') ?? []).toString());
    expect(scored.map(({ sentence }) => sentence)).toEqual(committed.triples.map(({ sentence }) => sentence));
    for (const [index, { paraphraseScore, distractorScore }] of scored.entries()) {
      expect(paraphraseScore).toBeCloseTo(committed.triples[index]?.paraphraseScore as number, 3);
      expect(distractorScore).toBeCloseTo(committed.triples[index]?.distractorScore as number, 3);
    }
  });

  test('leaves the event loop free', async () => {
    const before = performance.eventLoopUtilization();
    await Promise.all(Array.from({ length: 16 }, (_, n) => vectors(`This is sentence number ${n}.`)));
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.3);
  });

  test('an abort frees the caller at once and the line behind it', async () => {
    const controller = new AbortController();
    const long = 'word '.repeat(120);
    const first = engine.run({ model: 'm', input: new Array(64).fill(long) }, controller.signal);
    setTimeout(() => controller.abort(new Error('gone')), 20);
    const start = performance.now();
    await expect(first).rejects.toThrow('gone');
    await vectors('next');
    // 64 such texts take about 8 seconds.
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test('a second engine of the same folder gives the same answer and can be closed with requests running', async () => {
    const other = await openEngine(folder);
    const input = { model: 'm', input: 'Hello' };
    expect(await other.run(input, signal)).toEqual(await engine.run(input, signal));
    const pending = expect(other.run(input, signal)).rejects.toThrow(GraphError);
    await other.close();
    await pending;
    await expect(other.run(input, signal)).rejects.toThrow(GraphError);
  });
});

describe('bound', () => {
  test('is what the run charges', async () => {
    for (const input of ['Hello', ['One.', 'Zwei Wörter', '漢字'], 'word '.repeat(120)]) {
      const request = engine.inputSchema.parse({ model: 'm', input });
      expect(engine.bound(request)).toEqual((await engine.run(request, signal)).units);
    }
  });
});

describe('inputSchema', () => {
  test.each([
    ['no text', { model: 'm', input: '' }],
    ['an empty list', { model: 'm', input: [] }],
    ['too many texts', { model: 'm', input: new Array(65).fill('a') }],
    ['too many characters', { model: 'm', input: 'a'.repeat(2_049) }],
    ['too many tokens', { model: 'm', input: 'word '.repeat(MAX_TOKENS) }],
    ['too many tokens in one of the texts', { model: 'm', input: ['a', 'word '.repeat(MAX_TOKENS)] }],
    ['token ids', { model: 'm', input: [1, 2, 3] }],
    ['other dimensions', { model: 'm', input: 'a', dimensions: 256 }],
    ['another encoding', { model: 'm', input: 'a', encoding_format: 'int8' }],
    ['an unknown field', { model: 'm', input: 'a', more: 1 }],
  ])('refuses %s', (_, input) => {
    expect(engine.inputSchema.safeParse(input).success).toBe(false);
  });

  test('says how many tokens are too many', () => {
    const { error } = engine.inputSchema.safeParse({ model: 'm', input: 'word '.repeat(200) });
    expect(error?.issues[0]?.message).toMatchInlineSnapshot(`"a text has 201 tokens, at most 128 are read"`);
  });
});

test('the weights in use are those of the manifest that is committed', () => {
  const pinned = createHash('sha256')
    .update(folder.files.get('dist/vocab.json') as Uint8Array)
    .digest('hex');
  expect(pinned).toMatchInlineSnapshot(`"1ad860b9720c16cd48e666d664a556b2515c04f5a26a4b53c0372427913b1b8e"`);
  expect(engine.manifestRoot).toBe(folder.manifest.root);
});
