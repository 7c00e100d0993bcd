import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Misbehaviour } from '../../../test/actors/startOpenAi.ts';
import { ask, collect, example, hello, signal, startRemote } from '../../../test/support/startRemote.ts';
import * as Destination from '../../internal/node/Destination.ts';
import { FailedError, LimitError } from '../../internal/node/egress.ts';
import * as Meter from '../Meter.ts';
import { openEngine } from './openEngine.ts';
import { MalformedError, MissingError, StatusError } from './openUpstream.ts';
import * as Declared from './remote/Declared.ts';
import { RouteError } from './remote.ts';

const { server, upstream, open, reset } = await startRemote();
afterAll(() => server.stop());
const chat = await open('/v1/chat/completions');
const completions = await open('/v1/completions');
const embeddings = await open('/v1/embeddings');
afterAll(() => vi.unstubAllEnvs());
beforeEach(reset);

describe('run', () => {
  test('answers in the shape of the API, with the name and the usage of the seller', async () => {
    expect(await ask(chat, { ...hello, user: 'u-1', temperature: 0 })).toMatchInlineSnapshot(`
      {
        "body": {
          "choices": [
            {
              "finish_reason": "stop",
              "index": 0,
              "message": {
                "content": "three two one",
                "role": "assistant",
              },
            },
          ],
          "created": 1700000000,
          "id": "cmpl-1",
          "model": "llama-3.2-3b",
          "object": "chat.completion",
          "usage": {
            "completion_tokens": 4,
            "prompt_tokens": 5,
            "total_tokens": 9,
          },
        },
        "units": {
          "bytes": 17n,
          "images": 0n,
          "inputTokens": 5n,
          "outputTokens": 4n,
        },
      }
    `);
    // Who asks is not told; the limit always is.
    expect(server.state.requests).toEqual([
      { ...hello, model: 'backwards', max_tokens: 8, temperature: 0, stream: false },
    ]);
  });

  test('completes a prompt', async () => {
    const { body, units } = await ask(completions, { model: 'llama', prompt: 'a bc def', max_tokens: 2 });
    expect(body).toMatchObject({ object: 'text_completion', choices: [{ text: 'def bc', finish_reason: 'length' }] });
    expect(units).toEqual({ inputTokens: 2n, outputTokens: 2n, images: 0n, bytes: 8n });
  });

  test('embeds, in the order of the texts and in both encodings', async () => {
    server.state.misbehave = { change: (body) => ({ ...body, data: (body.data as unknown[]).toReversed() }) };
    const input = { model: 'llama', input: ['one', 'two three'] };
    const { body, units } = await ask(embeddings, input);
    expect(body).toEqual({
      object: 'list',
      data: [
        { object: 'embedding', index: 0, embedding: [3, 1, 2] },
        { object: 'embedding', index: 1, embedding: [9, 2, 3] },
      ],
      model: 'llama-3.2-3b',
      usage: { prompt_tokens: 3, total_tokens: 3 },
    });
    expect(units).toEqual({ inputTokens: 3n, outputTokens: 0n, images: 0n, bytes: 12n });
    const coded = (await ask(embeddings, { ...input, encoding_format: 'base64' })).body as {
      data: { embedding: string }[];
    };
    const [first] = coded.data.map(
      ({ embedding }) => new Float32Array(Uint8Array.from(Buffer.from(embedding, 'base64')).buffer),
    );
    expect(first).toEqual(Float32Array.of(3, 1, 2));
  });

  test('the key goes to the upstream, from a variable or a private file, and its absence is said at the start', async () => {
    await ask(chat, hello);
    expect(server.state.heads.at(-1)?.authorization).toBe('Bearer sk-test');
    const file = join(mkdtempSync(join(tmpdir(), 'key-')), 'key');
    writeFileSync(file, 'sk-test\n', { mode: 0o600 });
    await ask(await open('/v1/chat/completions', { upstream: { ...upstream, key: { file } } }), hello);
    const absent = { ...upstream, key: { env: 'NO_SUCH_KEY' } };
    await expect(open('/v1/chat/completions', { upstream: absent })).rejects.toThrow(MissingError);
  });

  test('A-024: nothing of the headers and none of the unknown fields of an upstream are passed on', async () => {
    server.state.misbehave = {
      headers: { 'set-cookie': 'a=b', 'content-type': 'text/html', 'strict-transport-security': 'max-age=1' },
      change: (body) => ({ ...body, html: '<script>', __proto__x: 1 }),
    };
    const answer = await ask(chat, hello);
    expect(JSON.stringify(answer.body)).not.toMatch(/script|cookie|fingerprint|annotations|logprobs|backwards/);
    expect(Object.keys(answer).sort()).toEqual(['body', 'units']);
  });

  test("an upstream's refusal is an error of the engine that repeats none of its words", async () => {
    vi.stubEnv('OTHER_KEY', 'sk-wrong');
    const other = await open('/v1/chat/completions', { upstream: { ...upstream, key: { env: 'OTHER_KEY' } } });
    const error = await ask(other, hello).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(StatusError);
    expect(error.code).toBe('upstream.unauthorized');
    expect(error.message).not.toMatch(/acme|sk-/);
    const missing = await open('/v1/chat/completions', { declared: { model: 'other' } });
    await expect(ask(missing, hello)).rejects.toThrow('status 400');
  });

  test.each([
    [400, 'upstream.failed'],
    [401, 'upstream.unauthorized'],
    [403, 'upstream.unauthorized'],
    [404, 'upstream.not-found'],
    [418, 'upstream.failed'],
    [429, 'upstream.busy'],
    [500, 'upstream.failed'],
    [502, 'upstream.failed'],
    [503, 'upstream.busy'],
  ])(
    'a status of %i is %s, as a whole and streamed, asked once, and nothing it says is passed on',
    async (status, code) => {
      const says = { 'retry-after': '3600', 'content-type': 'application/json', 'x-account': 'acme-42' };
      const before = server.state.heads.length;
      server.state.misbehave = {
        instead: (response) => response.writeHead(status, says).end('{"error":{"message":"acme-42 has no credit"}}'),
      };
      for (const attempt of [ask(chat, hello), collect(chat, { ...hello, stream: true })]) {
        const error = await attempt.catch((thrown) => thrown);
        expect(error).toMatchObject({ name: 'openUpstream.StatusError', code });
        expect(`${error.message} ${error.hint}`).not.toMatch(/acme|3600/);
      }
      expect(server.state.heads.length - before).toBe(2);
    },
  );

  test('an answer that breaks off is an error, and nothing of it is given', async () => {
    server.state.misbehave = {
      instead: (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"id":"x","choices":[');
        setTimeout(() => response.destroy(), 20);
      },
    };
    await expect(ask(chat, hello)).rejects.toThrow(FailedError);
  });

  test.each<[string, Misbehaviour]>([
    ['no JSON', { instead: (response) => response.end('<html>') }],
    ['JSON of another shape', { change: () => ({ ok: true }) }],
    ['no choice', { change: (body) => ({ ...body, choices: [] }) }],
    ['two choices', { change: (body) => ({ ...body, choices: [1, 2].flatMap(() => body.choices) }) }],
    [
      'a content that is no text',
      { change: (body) => ({ ...body, choices: [{ index: 0, message: { content: { a: 1 } } }] }) },
    ],
    ['deep nesting', { instead: (response) => response.end(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) }],
  ])('%s is refused', async (_, misbehave) => {
    server.state.misbehave = misbehave;
    await expect(ask(chat, hello)).rejects.toThrow(MalformedError);
  });

  test('A-023: an answer out of proportion is cut off', async () => {
    server.state.misbehave = { words: new Array(100_000).fill('word') };
    await expect(ask(chat, hello)).rejects.toThrow(LimitError);
    await expect(collect(chat, hello)).rejects.toThrow(LimitError);
  });

  const three = (numbers: string) => `{"index":0,"embedding":[${numbers}]}`;
  test.each([
    ['none', '', ['one']],
    ['too few', three('1,2,3'), ['one', 'two']],
    ['too many', `${three('1,2,3')},{"index":1,"embedding":[1,2,3]}`, ['one']],
    ['one twice', `${three('1,2,3')},${three('1,2,3')}`, ['one', 'two']],
    ['one of another text', '{"index":1,"embedding":[1,2,3]}', ['one']],
    ['one that is too short', three('1,2'), ['one']],
    ['one that is too long', three('1,2,3,4'), ['one']],
    ['an infinite number', three('1,2,1e999'), ['one']],
    ['a number beyond single precision', three('1,2,-1e39'), ['one']],
    ['what is no number', three('1,2,null'), ['one']],
  ])('vectors are refused when they are %s', async (_, data, input) => {
    server.state.misbehave = { instead: (response) => response.end(`{"data":[${data}]}`) };
    for (const encoding_format of ['float', 'base64'])
      await expect(ask(embeddings, { model: 'llama', input, encoding_format })).rejects.toThrow(MalformedError);
  });
});

const toolOf = (parameters: object) => ({ type: 'function', function: { name: 'f', parameters } });

describe('A-042: usage', () => {
  const lies = [
    null,
    {},
    { completion_tokens: -5 },
    { completion_tokens: 1e9, prompt_tokens: 1e9 },
    'none',
    { prompt_tokens: 'NaN' },
  ];

  test.each(lies)('%j does not change what is charged, streaming or not', async (usage) => {
    const honest = (await ask(chat, hello)).units;
    server.state.misbehave = { usage };
    expect((await ask(chat, hello)).units).toEqual(honest);
    expect((await collect(chat, { ...hello, stream: true })).at(-1)?.units).toEqual(honest);
    expect((await ask(completions, { model: 'llama', prompt: 'a' })).units.outputTokens).toBe(1n);
  });

  test('what is said beyond the limit is not charged, and the charge never exceeds the bound', async () => {
    server.state.misbehave = { words: new Array(40).fill('abcdefgh') };
    const input = chat.inputSchema.parse({ ...hello, max_tokens: 3 });
    const bound = chat.bound(input);
    expect(bound).toEqual({ inputTokens: 5n, outputTokens: 3n, images: 0n, bytes: 17n });
    const { units } = await chat.run(input, signal);
    expect(units).toEqual(bound);
    expect(Meter.within(units, bound)).toEqual(units);
    for (const piece of await collect(chat, { ...hello, max_tokens: 3 }))
      expect(Meter.within(piece.units, bound)).toEqual(piece.units);
  });

  test.each<[string, object]>([
    ['names of parameters', { tools: [toolOf({ properties: { ['x'.repeat(300)]: {} } })] }],
    ['numbers of a schema', { tools: [toolOf({ enum: Array.from({ length: 100 }, (_, at) => at) })] }],
    [
      'the schema of the format',
      { response_format: { type: 'json_schema', json_schema: { schema: { ['x'.repeat(300)]: {} } } } },
    ],
  ])('%s are charged as the JSON that the model reads, and count against the limit', async (_, more) => {
    const { inputTokens } = chat.bound(hello);
    const text = JSON.stringify(Object.values(more)[0]);
    const wide = await open('/v1/chat/completions', { declared: { inputTokens: 1_000 } });
    const { units } = await ask(wide, { ...hello, ...more });
    expect(units.inputTokens).toEqual(wide.bound({ ...hello, ...more }).inputTokens);
    expect(units.bytes).toBe(17n + BigInt(text.length));
    expect(units.inputTokens).toBeGreaterThan(inputTokens + BigInt(Math.floor(text.length / 4)) - 1n);
    const narrow = await open('/v1/chat/completions', { declared: { inputTokens: 50 } });
    expect(narrow.inputSchema.safeParse({ ...hello, ...more }).error?.message).toContain('at most 50 are read');
  });

  test('the meter can be repeated by whoever holds request and answer', async () => {
    const { body, units } = await ask(chat, hello);
    const { choices } = body as { choices: { message: { content: string } }[] };
    expect(units.outputTokens).toBe(BigInt(Math.ceil(Buffer.byteLength(choices[0]?.message.content ?? '') / 4)));
    expect(units.inputTokens).toBe(BigInt(Math.ceil(Buffer.byteLength('userone two three') / 4)));
  });
});

describe('inputSchema', () => {
  test.each([
    ['no message', { ...hello, messages: [] }],
    [
      'a picture',
      {
        ...hello,
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a.example.com' } }] }],
      },
    ],
    ['two choices', { ...hello, n: 2 }],
    ['functions', { ...hello, functions: [{ name: 'f' }] }],
    ['a field of a tool that nobody meters', { ...hello, tools: [{ ...toolOf({}), more: 'x' }] }],
    ['sound', { ...hello, messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }] }],
    ['an unknown field', { ...hello, base_url: 'http://127.0.0.1' }],
    ['a prompt that is too long', { ...hello, messages: [{ role: 'user', content: 'a'.repeat(401) }] }],
    ['a limit of nothing', { ...hello, max_tokens: 0 }],
    ['a temperature that is no number', { ...hello, temperature: '1' }],
  ])('refuses %s', (_, input) => expect(chat.inputSchema.safeParse(input).success).toBe(false));

  test('a limit above the declared one is lowered', async () => {
    await ask(chat, { ...hello, max_completion_tokens: 500 });
    expect(server.state.requests).toMatchObject([{ max_tokens: 8 }]);
  });
});

describe('openRemote', () => {
  afterEach(() => vi.stubEnv('UPSTREAM_KEY', 'sk-test'));

  test('A-018: an upstream inside must be allowed by its origin', async () => {
    const { allow: _, ...rest } = upstream;
    await expect(open('/v1/chat/completions', { upstream: rest })).rejects.toThrow(Destination.RefusedError);
  });

  test('needs an upstream, a route of the API and a valid declaration', async () => {
    await expect(openEngine(example)).rejects.toThrow(MissingError);
    await expect(open('/v1/images')).rejects.toThrow(RouteError);
    await expect(open('/v1/chat/completions', { declared: { weights: '' } })).rejects.toThrow(Declared.MalformedError);
    await expect(open('/v1/embeddings', { declared: { dimensions: undefined } })).rejects.toThrow(
      Declared.MalformedError,
    );
  });

  test('asks for the rights of its route', () => {
    expect([chat, completions, embeddings].map(({ rights }) => rights)).toEqual([['infer'], ['infer'], ['embed']]);
  });
});
