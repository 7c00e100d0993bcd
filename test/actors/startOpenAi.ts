/**
 * A server that speaks OpenAI's API as strictly as the real one: unknown fields, models and keys are refused, and its
 * streams are server-sent events. Its model says the words of the prompt backwards. It misbehaves where a test says so.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { serveLocally } from './serveLocally.ts';

const base = {
  model: z.literal('backwards'),
  max_tokens: z.int().min(1).optional(),
  temperature: z.number().optional(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  seed: z.int().optional(),
  stream: z.boolean().optional(),
};
const message = z.object({ role: z.string(), content: z.union([z.string(), z.array(z.object({ text: z.string() }))]) });
const bodies = {
  '/v1/chat/completions': z.strictObject({
    ...base,
    messages: z.array(message).min(1),
    tools: z.array(z.any()).optional(),
    response_format: z.any().optional(),
  }),
  '/v1/completions': z.strictObject({ ...base, prompt: z.string() }),
  '/v1/embeddings': z.strictObject({
    model: base.model,
    input: z.union([z.string(), z.array(z.string())]),
    encoding_format: z.literal('float'),
  }),
};

/** What the server does otherwise than it should. */
export type Misbehaviour = {
  /** Instead of the true usage; `null` leaves it out. */
  usage?: unknown;
  /** Called instead of answering. */
  instead?: (response: ServerResponse) => void;
  /** Words instead of those of the prompt. */
  words?: readonly string[];
  /** Milliseconds between two pieces of a stream. */
  pause?: number;
  /** Ends the stream after so many pieces. */
  cutAfter?: number;
  /** Breaks the connection after so many pieces. */
  breakAfter?: number;
  /** Changes what would be sent. */
  change?: (body: Record<string, unknown>) => unknown;
  headers?: Record<string, string>;
};

export async function startOpenAi(key = 'sk-test') {
  const state = {
    misbehave: {} as Misbehaviour,
    requests: [] as unknown[],
    heads: [] as IncomingMessage['headers'][],
    pieces: 0,
    aborted: 0,
  };
  const server = createServer(async (request, response) => {
    response.on('close', () => {
      if (!response.writableEnded) state.aborted++;
    });
    state.heads.push(request.headers);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = request.url as keyof typeof bodies;
    if (!Object.hasOwn(bodies, path)) return fail(response, 404, 'no such route');
    if (request.method !== 'POST') return fail(response, 405, 'use POST');
    if (request.headers.authorization !== `Bearer ${key}`) return fail(response, 401, `wrong key, account acme-42`);
    const body = bodies[path].safeParse(JSON.parse(Buffer.concat(chunks).toString()));
    if (!body.success) return fail(response, 400, z.prettifyError(body.error));
    state.requests.push(body.data);
    const { misbehave } = state;
    if (misbehave.instead) return misbehave.instead(response);
    if ('input' in body.data) return send(response, misbehave, embed(body.data.input));
    const words = misbehave.words ?? backwards(body.data);
    const max = body.data.max_tokens ?? 16;
    const said = misbehave.words ? words : words.slice(0, max);
    const finish = said.length < words.length ? 'length' : 'stop';
    const shape = shapes[path as keyof typeof shapes];
    if (body.data.stream) return stream(response, state, { shape, said, finish });
    return send(response, misbehave, {
      ...head,
      object: shape.object,
      choices: [shape.whole(said.join(' '), finish)],
      usage: usageOf(misbehave, said),
    });
  });
  const place = await serveLocally(server);
  return { state, ...place, url: `${place.origin}/v1` };
}

const head = { id: 'cmpl-1', created: 1_700_000_000, model: 'backwards', system_fingerprint: 'fp' };

const shapes = {
  '/v1/chat/completions': {
    object: 'chat.completion',
    chunk: 'chat.completion.chunk',
    whole: (content: string, finish_reason: string) => ({
      index: 0,
      message: { role: 'assistant', content, annotations: [] },
      finish_reason,
      logprobs: null,
    }),
    part: (content: string, finish_reason: string | null) => ({
      index: 0,
      delta: finish_reason ? {} : { role: 'assistant', content },
      finish_reason,
    }),
  },
  '/v1/completions': {
    object: 'text_completion',
    chunk: 'text_completion',
    whole: (text: string, finish_reason: string) => ({ index: 0, text, finish_reason, logprobs: null }),
    part: (text: string, finish_reason: string | null) => ({ index: 0, text, finish_reason, logprobs: null }),
  },
};

type Shape = (typeof shapes)[keyof typeof shapes];
type State = Awaited<ReturnType<typeof startOpenAi>>['state'];

async function stream(
  response: ServerResponse,
  state: State,
  answer: { shape: Shape; said: readonly string[]; finish: string },
) {
  const { shape, said, finish } = answer;
  const { misbehave } = state;
  response.writeHead(200, { 'content-type': 'text/event-stream', ...misbehave.headers });
  const write = (choices: unknown[], more: object = {}) => {
    const body = { ...head, object: shape.chunk, choices, ...more };
    response.write(`data: ${JSON.stringify(misbehave.change?.(body) ?? body)}\n\n`);
    state.pieces++;
  };
  response.write(': welcome\r\n\r\n');
  for (const [at, word] of said.entries()) {
    if (at === misbehave.cutAfter) return void response.end();
    if (at === misbehave.breakAfter) return void setTimeout(() => response.destroy(), 50);
    if (response.destroyed) return;
    write([shape.part(at === 0 ? word : ` ${word}`, null)]);
    if (misbehave.pause) await sleep(misbehave.pause);
  }
  write([shape.part('', finish)]);
  write([], { usage: usageOf(misbehave, said) });
  response.end('data: [DONE]\n\n');
}

function backwards(body: { prompt: string } | { messages: z.infer<typeof message>[] }): readonly string[] {
  const content = 'prompt' in body ? body.prompt : (body.messages.at(-1)?.content ?? '');
  const text = typeof content === 'string' ? content : content.map((part) => part.text).join(' ');
  return text.split(/\s+/).reverse();
}

/** Three numbers: letters, words, vowels. */
function embed(input: string | string[]) {
  const data = [input].flat().map((text, index) => ({
    object: 'embedding',
    index,
    embedding: [text.length, text.split(' ').length, text.replace(/[^aeiou]/g, '').length],
  }));
  return { object: 'list', data, model: 'backwards', usage: { prompt_tokens: 1, total_tokens: 1 } };
}

function usageOf({ usage }: Misbehaviour, said: readonly string[]): unknown {
  if (usage === undefined) return { prompt_tokens: 5, completion_tokens: said.length, total_tokens: 5 + said.length };
  return usage ?? undefined;
}

function send(response: ServerResponse, { headers, change }: Misbehaviour, body: Record<string, unknown>): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(change?.(body) ?? body));
}

function fail(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message, type: 'invalid_request_error' } }));
}
