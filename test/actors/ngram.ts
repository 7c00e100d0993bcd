/**
 * A small language model of real data: which word follows which two, counted in the project's README. It answers chat
 * and plain completions in OpenAI's shapes, in one piece and in many, with the same words for the same request.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hex } from 'viem';
import { stringToBytes } from 'viem/utils';
import * as z from 'zod';
import { type Engine, NO_UNITS, type Piece, type Units } from '../../src/infer/Engine.ts';
import { keccak } from '../../src/internal/Hash.ts';

/** What the model learns from. */
const text = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

/** Identity of the model: the hash of what it was made from. */
export const manifestRoot: Hex = keccak(stringToBytes(text));

/** Routes that the model serves. */
export const routes = { chat: '/v1/chat/completions', text: '/v1/completions' } as const;

const common = {
  model: z.string().max(64),
  max_tokens: z.int().min(1).max(5_000).default(16),
  stream: z.boolean().optional(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).nullish(),
};
const message = z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string().max(10_000) });
const schemas = {
  chat: z.strictObject({ ...common, messages: z.array(message).min(1).max(64) }),
  text: z.strictObject({ ...common, prompt: z.string().max(10_000) }),
};
type Input = z.output<typeof schemas.chat> | z.output<typeof schemas.text>;

/** Words with the white space before them. */
export function tokenize(words: string): readonly string[] {
  return words.match(/\s*\S+/g) ?? [];
}

const table = train(tokenize(text));

function train(tokens: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const followers = new Map<string, string[]>();
  const add = (context: string, token: string) => followers.set(context, [...(followers.get(context) ?? []), token]);
  tokens.forEach((token, at) => {
    add('', token);
    if (at > 0) add(tokens[at - 1] ?? '', token);
    if (at > 1) add(`${tokens[at - 2]}${tokens[at - 1]}`, token);
  });
  return followers;
}

/** The next word: one that followed the last two, or the last one, or any. */
function next(words: readonly string[], step: number): string {
  const [former = '', last = ''] = words.slice(-2);
  const found = table.get(`${former}${last}`) ?? table.get(last) ?? table.get('') ?? [];
  return found[(step * 7 + words.length) % found.length] ?? '';
}

/** Opens the model for one of its routes. `pace` is awaited before each word, so that a test can hold it. */
export function openNgram(kind: keyof typeof routes, pace: Pace = () => undefined): Engine {
  const of = (input: unknown) => schemas[kind].parse(input) as Input;
  return {
    manifestRoot,
    route: routes[kind],
    rights: ['infer'],
    inputSchema: schemas[kind],
    bound: (input) => unitsOf(promptOf(of(input)).length, of(input).max_tokens),
    async run(input, signal) {
      const words: string[] = [];
      for await (const { word } of generate(of(input), signal, pace)) words.push(word);
      const units = unitsOf(promptOf(of(input)).length, words.length);
      return { body: answerOf(kind, of(input), words.join(''), units), units };
    },
    async *stream(input, signal) {
      const prompt = promptOf(of(input));
      let count = 0;
      for await (const { word, last } of generate(of(input), signal, pace)) {
        const units = unitsOf(prompt.length, ++count);
        yield { chunk: chunkOf(kind, of(input), word, { first: count === 1, last }), units } satisfies Piece;
      }
    },
    close: async () => {},
  };
}

/** Called before the word of a number, from 0. */
export type Pace = (word: number, signal: AbortSignal) => Promise<void> | undefined;

async function* generate(input: Input, signal: AbortSignal, pace: Pace) {
  const words = [...promptOf(input)];
  for (let step = 0; step < input.max_tokens; step++) {
    await pace(step, signal);
    signal.throwIfAborted();
    const word = next(words, step);
    words.push(word);
    yield { word, last: step === input.max_tokens - 1 };
  }
}

function promptOf(input: Input): readonly string[] {
  return tokenize('prompt' in input ? input.prompt : input.messages.map(({ content }) => content).join(' '));
}

function unitsOf(input: number, output: number): Units {
  return { ...NO_UNITS, inputTokens: BigInt(input), outputTokens: BigInt(output) };
}

const head = { id: 'ngram', created: 0 };

function chunkOf(kind: keyof typeof routes, { model }: Input, word: string, at: { first: boolean; last: boolean }) {
  const finish = at.last ? 'length' : null;
  const role = at.first ? { role: 'assistant' } : {};
  return kind === 'chat'
    ? {
        ...head,
        object: 'chat.completion.chunk',
        model,
        choices: [{ index: 0, delta: { ...role, content: word }, finish_reason: finish }],
      }
    : {
        ...head,
        object: 'text_completion',
        model,
        choices: [{ index: 0, text: word, logprobs: null, finish_reason: finish }],
      };
}

function answerOf(kind: keyof typeof routes, { model }: Input, content: string, units: Units) {
  const [prompt, completion] = [Number(units.inputTokens), Number(units.outputTokens)];
  const usage = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  const choice =
    kind === 'chat'
      ? { index: 0, message: { role: 'assistant', content }, finish_reason: 'length' }
      : { index: 0, text: content, logprobs: null, finish_reason: 'length' };
  const object = kind === 'chat' ? 'chat.completion' : 'text_completion';
  return { ...head, object, model, choices: [choice], usage };
}

/** A model that stops before some word, until it is told to stop altogether. */
export function holdAt(word: number) {
  const reached = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<number>();
  const pace: Pace = (at, signal) => {
    if (at < word) return undefined;
    reached.resolve();
    return new Promise((_, reject) => {
      const stop = () => {
        stopped.resolve(Date.now());
        reject(signal.reason);
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
  };
  return { pace, reached: reached.promise, stopped: stopped.promise };
}
