import OpenAI from 'openai';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Misbehaviour } from '../../../../test/actors/startOpenAi.ts';
import { collect, hello, signal, startRemote } from '../../../../test/support/startRemote.ts';
import { FailedError } from '../../../internal/node/egress.ts';
import type { Units } from '../../Engine.ts';
import { MalformedError } from '../openUpstream.ts';

const { server, open, reset } = await startRemote();
afterAll(() => server.stop());
afterAll(() => vi.unstubAllEnvs());
const chat = await open('/v1/chat/completions');
beforeEach(reset);

describe('stream', () => {
  test('gives chunks of the API with growing units, and leaves the usage to the gateway', async () => {
    const pieces = await collect(chat, { ...hello, stream: true, stream_options: { include_usage: true } });
    expect(pieces.map(({ units }) => units.outputTokens)).toEqual([2n, 3n, 4n, 4n]);
    expect(pieces.map(({ chunk }) => chunk).slice(2)).toMatchInlineSnapshot(`
      [
        {
          "choices": [
            {
              "delta": {
                "content": " one",
                "role": "assistant",
              },
              "finish_reason": null,
              "index": 0,
            },
          ],
          "created": 1700000000,
          "id": "cmpl-1",
          "model": "llama-3.2-3b",
          "object": "chat.completion.chunk",
        },
        {
          "choices": [
            {
              "delta": {},
              "finish_reason": "stop",
              "index": 0,
            },
          ],
          "created": 1700000000,
          "id": "cmpl-1",
          "model": "llama-3.2-3b",
          "object": "chat.completion.chunk",
        },
      ]
    `);
    expect(server.state.requests).toEqual([{ ...hello, model: 'backwards', max_tokens: 8, stream: true }]);
  });

  test("OpenAI's client reads the chunks", async () => {
    const answer = async (_: unknown, init?: RequestInit) => {
      const pieces = await collect(chat, JSON.parse(init?.body as string));
      const text = `${pieces.map(({ chunk }) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`;
      return new Response(text, { headers: { 'content-type': 'text/event-stream' } });
    };
    const client = new OpenAI({ apiKey: 'none', baseURL: 'http://127.0.0.1/v1', fetch: answer });
    const stream = client.chat.completions.stream({ model: 'llama', messages: [{ role: 'user', content: 'a b c' }] });
    expect(await stream.finalContent()).toBe('c b a');
  });

  test('A-041: an abort stops the upstream within a second, and what was given is what counts', async () => {
    server.state.misbehave = { words: new Array(1_000).fill('word'), pause: 20 };
    const { aborted, pieces: before } = server.state;
    const controller = new AbortController();
    const seen: Units[] = [];
    const reading = async () => {
      for await (const { units } of chat.stream?.(
        chat.inputSchema.parse({ ...hello, max_tokens: 8 }),
        controller.signal,
      ) ?? []) {
        seen.push(units);
        if (seen.length === 3) controller.abort(new RangeError('gone'));
      }
    };
    await expect(reading()).rejects.toThrow('gone');
    await vi.waitFor(() => expect(server.state.aborted).toBe(aborted + 1), { timeout: 1_000 });
    expect(seen.map(({ outputTokens }) => outputTokens)).toEqual([1n, 3n, 4n]);
    expect(server.state.pieces - before).toBeLessThan(50);
  });

  test('A-041: a reader that stops reading stops the upstream', async () => {
    server.state.misbehave = { words: new Array(1_000).fill('word'), pause: 20 };
    const { aborted } = server.state;
    for await (const _ of chat.stream?.(chat.inputSchema.parse(hello), signal) ?? []) break;
    await vi.waitFor(() => expect(server.state.aborted).toBe(aborted + 1), { timeout: 1_000 });
  });

  test.each<[string, Misbehaviour]>([
    ['is cut', { cutAfter: 2 }],
    ['holds an error', { change: () => ({ error: { message: 'out of memory' } }) }],
    ['holds no JSON', { instead: (response) => response.end('data: {"a":\n\ndata: [DONE]\n\n') }],
  ])('A-042: a stream that %s ends with an error', async (_, misbehave) => {
    server.state.misbehave = misbehave;
    await expect(collect(chat, hello)).rejects.toThrow(MalformedError);
  });

  test('a connection that breaks in the middle of a stream ends it with an error, after what had come', async () => {
    server.state.misbehave = { words: ['one', 'two', 'three'], breakAfter: 2 };
    const seen: Units[] = [];
    const reading = async () => {
      for await (const { units } of chat.stream?.(chat.inputSchema.parse(hello), signal) ?? []) seen.push(units);
    };
    await expect(reading()).rejects.toThrow(FailedError);
    expect(seen.map(({ outputTokens }) => outputTokens)).toEqual([1n, 2n]);
  });

  test('a usage in every chunk, and one that comes before the end, change nothing', async () => {
    const honest = (await collect(chat, { ...hello, stream: true })).map(({ units }) => units);
    const usage = { prompt_tokens: 1e9, completion_tokens: 1e9, total_tokens: 2e9 };
    server.state.misbehave = { change: (body) => ({ ...body, usage }) };
    const pieces = await collect(chat, { ...hello, stream: true });
    expect(pieces.map(({ units }) => units)).toEqual(honest);
    expect(JSON.stringify(pieces.map(({ chunk }) => chunk))).not.toContain('usage');
  });

  test('embeddings have no stream', async () => expect((await open('/v1/embeddings')).stream).toBeUndefined());

  test('closing the engine ends what it serves', async () => {
    server.state.misbehave = { words: new Array(1_000).fill('word'), pause: 20 };
    const engine = await open('/v1/chat/completions');
    const pieces = collect(engine, hello);
    const ended = expect(pieces).rejects.toMatchObject({ code: 'infer.closed' });
    await engine.close();
    await ended;
  });
});
