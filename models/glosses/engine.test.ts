import { setImmediate } from 'node:timers/promises';
import type OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import * as Chat from '../../src/infer/engines/chat.ts';
import { inputSchema, outputSchema } from '../../src/infer/engines/completions.ts';
import { openEngine, openEngines } from '../../src/infer/engines/openEngine.ts';
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
  });

  test('holds up nothing else, however many texts are written at the same time', async () => {
    const options = { maxTokens: 40, temperature: 0.8, topP: 0.9 };
    const texts = Array.from({ length: 24 }, (_, seed) => generate('of what is: '.repeat(20), { ...options, seed }));
    let running = true;
    const done = Promise.all(texts).finally(() => {
      running = false;
    });
    const rounds: number[] = [];
    while (running) {
      const before = process.threadCpuUsage();
      await setImmediate();
      const { user, system } = process.threadCpuUsage(before);
      rounds.push((user + system) / 1_000);
    }
    await done;
    // Milliseconds of work between two turns of others: ten, and what the collector of garbage needs.
    expect(Math.max(...rounds)).toBeLessThan(60);
  });

  test('ends with the reason of a signal that aborts', async () => {
    const gone = new AbortController();
    const pieces = model.generate(model.encode('a:'), { ...plain, maxTokens: 1_000, signal: gone.signal });
    await pieces.next();
    gone.abort(new Error('gone'));
    await expect(pieces.next()).rejects.toThrow('gone');
  });
});

describe('completions', () => {
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

describe('chat', async () => {
  const engines = await openEngines(folder);
  const chat = engines[1] as typeof engine;
  const user = { role: 'user', content: 'volcano:' };
  const parse = (input: object) => chat.inputSchema.safeParse({ model: 'glosses', messages: [user], ...input });
  const ask = async (input: object = {}) => chat.run(parse(input).data, signal);

  test('is a second engine of the same folder, after that of the card', () => {
    expect(engines.map(({ route }) => route)).toEqual([card.route, '/v1/chat/completions']);
    expect(engines.map(({ manifestRoot }) => manifestRoot)).toEqual([folder.manifest.root, folder.manifest.root]);
  });

  test('answers in the shape of OpenAI what completions say to the same text, and counts the same', async () => {
    const { body, units } = await ask({ max_completion_tokens: 24, seed: 3 });
    const completion: OpenAI.ChatCompletion = Chat.outputSchema.parse(body);
    const { text, completion: other, units: same } = await complete({ max_tokens: 24, seed: 3 });
    expect(completion.choices[0]?.message).toEqual({ role: 'assistant', content: text, refusal: null });
    expect(completion.usage).toEqual(other.usage);
    expect(units).toEqual(same);
    expect(chat.bound(parse({ max_tokens: 24 }).data)).toEqual({ ...units, outputTokens: 24n });
  });

  test('reads the last message of the user, and charges no other', async () => {
    const messages = [
      { role: 'system', content: 'Say yes.' },
      { role: 'user', content: 'river:' },
      { role: 'assistant', content: ' a stream' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'volc' },
          { type: 'text', text: 'ano:' },
        ],
      },
      { role: 'assistant', content: 'Hm.' },
    ];
    const alone = await ask();
    const { body, units } = await ask({ messages });
    expect(body).toMatchObject({ choices: (alone.body as OpenAI.ChatCompletion).choices });
    expect(units).toEqual(alone.units);
  });

  test('streams the same text with the role first', async () => {
    const whole = Chat.outputSchema.parse((await ask()).body).choices[0];
    const deltas = [];
    for await (const { chunk } of chat.stream?.(parse({}).data, signal) ?? []) {
      deltas.push((chunk as OpenAI.ChatCompletionChunk).choices[0]?.delta);
    }
    expect(deltas.map((delta) => delta?.content).join('')).toBe(whole?.message.content);
    expect(deltas.map((delta) => delta?.role)).toEqual(deltas.map((_, at) => (at === 0 ? 'assistant' : undefined)));
  });

  test.each([
    ['messages without one of the user', { messages: [{ role: 'system', content: 'a' }] }],
    [
      'parts that are too long together',
      { messages: [{ role: 'user', content: Array(2).fill({ type: 'text', text: 'a'.repeat(5_000) }) }] },
    ],
    ['a picture', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:' } }] }] }],
    ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }],
  ])('refuses %s', (_, change) => {
    expect(parse({}).success).toBe(true);
    expect(parse(change).success).toBe(false);
  });

  test('one engine that is closed leaves the other open', async () => {
    const [completions, other] = await openEngines(folder);
    await other?.close();
    await expect(other?.run(parse({}).data, signal)).rejects.toThrow();
    expect((await completions.run({ model: 'm', prompt: 'a' }, signal)).units.inputTokens).toBe(1n);
  });
});
