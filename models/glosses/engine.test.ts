import type OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { inputSchema, outputSchema } from '../../src/infer/engines/completions.ts';
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import { type GenerateOptions, openLanguageModel } from '../../src/infer/engines/openLanguageModel.ts';
import { readFolder } from '../../src/publish/readFolder.ts';

const folder = await readFolder(import.meta.dirname);
const { card } = folder;
const engine = await openEngine(folder);
const model = openLanguageModel(folder);
const { signal } = new AbortController();
const plain = { maxTokens: 24, temperature: 0, topP: 1 };

async function generate(prompt: string, options: Partial<GenerateOptions> = {}) {
  const pieces = [];
  for await (const piece of model.generate(model.encode(prompt), { ...plain, ...options })) pieces.push(piece);
  return { text: pieces.map(({ text }) => text).join(''), tokens: pieces.length, finish: pieces.at(-1)?.finish };
}

async function complete(input: object) {
  const { body, units } = await engine.run({ model: 'glosses', prompt: 'volcano:', ...input }, signal);
  // The shape must be one that OpenAI's client knows.
  const completion: OpenAI.Completion = outputSchema.parse(body);
  return { completion, text: completion.choices[0]?.text ?? '', units };
}

describe('generate', () => {
  test('defines a word', async () => {
    expect(await generate('volcano:')).toMatchInlineSnapshot(`
      {
        "finish": "stop",
        "text": " a city in the European part of Russia",
        "tokens": 11,
      }
    `);
  });

  test('the same seed gives the same text, also when others are served meanwhile; another seed gives another', async () => {
    const warm = { temperature: 1, maxTokens: 40 };
    const alone = await generate('river:', { ...warm, seed: 7 });
    const [first, other, second] = await Promise.all([7, 8, 7].map((seed) => generate('river:', { ...warm, seed })));
    expect([first, second]).toEqual([alone, alone]);
    expect(other).not.toEqual(alone);
  });

  test('gives at most so many tokens, and says why it ended', async () => {
    expect(await generate('volcano:', { maxTokens: 3 })).toMatchObject({ tokens: 3, finish: 'length' });
    expect((await generate('volcano:', { maxTokens: 500 })).finish).toBe('stop');
  });

  test('ends before a stop text', async () => {
    const { text } = await generate('volcano:');
    const stop = text.slice(8, 11);
    expect(await generate('volcano:', { stop: [stop] })).toMatchObject({
      text: text.slice(0, text.indexOf(stop)),
      finish: 'stop',
    });
  });

  test('a line in the prompt starts anew', async () => {
    expect(await generate('of no importance: none\nvolcano:')).toEqual(await generate('volcano:'));
  });

  test('takes any text, also none', async () => {
    for (const prompt of ['', '火山: \u{1F30B}', '\uD800', '\0\n\n'])
      expect((await generate(prompt)).tokens).toBeGreaterThan(0);
    expect(model.decode(model.encode('火山 é'))).toBe('火山 é');
  });

  test('ends with the reason of a signal that aborts', async () => {
    const gone = new AbortController();
    const pieces = model.generate(model.encode('a:'), { ...plain, maxTokens: 1_000, signal: gone.signal });
    await pieces.next();
    gone.abort(new Error('gone'));
    await expect(pieces.next()).rejects.toThrow('gone');
  });
});

describe('openCompletions', () => {
  test('serves the schemas that the card shows', () => {
    expect(card.input).toEqual(z.toJSONSchema(inputSchema, { io: 'input' }));
    expect(card.output).toEqual(z.toJSONSchema(outputSchema));
  });

  test('answers in the shape of OpenAI and counts what it used', async () => {
    const input = { model: 'glosses', prompt: 'volcano:', max_tokens: 24, temperature: 0 };
    const { completion, units } = await complete(input);
    const { text, tokens, finish } = await generate('volcano:');
    expect(completion.choices).toEqual([{ index: 0, text, logprobs: null, finish_reason: finish }]);
    const prompt = model.encode('volcano:').length;
    expect(completion.usage).toEqual({
      prompt_tokens: prompt,
      completion_tokens: tokens,
      total_tokens: prompt + tokens,
    });
    expect(units).toEqual({ inputTokens: BigInt(prompt), outputTokens: BigInt(tokens), images: 0n, bytes: 0n });
    expect(engine.bound(input)).toEqual({ ...units, outputTokens: 24n });
  });

  test('streams the same text, token by token, with the units up to each', async () => {
    const { text, units } = await complete({ seed: 3 });
    const pieces = [];
    for await (const piece of engine.stream?.({ model: 'glosses', prompt: 'volcano:', seed: 3 }, signal) ?? []) {
      pieces.push(piece);
    }
    const chunks = pieces.map(({ chunk }) => chunk as OpenAI.Completion);
    expect(chunks.map(({ choices }) => choices[0]?.text).join('')).toBe(text);
    expect(pieces.map((piece) => piece.units.outputTokens)).toEqual(pieces.map((_, at) => BigInt(at + 1)));
    expect(pieces.at(-1)?.units).toEqual(units);
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason).filter(Boolean)).toHaveLength(1);
  });

  test('the same request has the same answer, another seed another', async () => {
    expect(await complete({ seed: 1 })).toEqual(await complete({ seed: 1 }));
    expect((await complete({ seed: 1 })).text).not.toBe((await complete({ seed: 2 })).text);
  });

  test('rejects with the reason of a signal that has aborted', async () => {
    const aborted = AbortSignal.abort(new Error('gone'));
    await expect(engine.run({ model: 'm', prompt: 'a' }, aborted)).rejects.toThrow('gone');
  });

  test.each([
    ['a prompt that is too long', { prompt: 'a'.repeat(8_193) }],
    ['no tokens', { max_tokens: 0 }],
    ['too many tokens', { max_tokens: 1_025 }],
    ['a temperature above two', { temperature: 2.1 }],
    ['two answers', { n: 2 }],
    ['five stop texts', { stop: ['a', 'b', 'c', 'd', 'e'] }],
    ['an empty stop text', { stop: '' }],
    ['an unknown field', { logit_bias: {} }],
  ])('refuses %s', (_, change) => {
    expect(engine.inputSchema.safeParse({ model: 'm', prompt: 'a', ...change }).success).toBe(false);
  });
});
