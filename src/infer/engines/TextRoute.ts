/** What the two routes of a local language model have in common: fields, meter, and OpenAI's answers with one choice. */
import * as z from 'zod';
import { keccak } from '../../internal/Hash.ts';
import * as Json from '../../internal/Json.ts';
import { type Engine, NO_UNITS, type Units } from '../Engine.ts';
import * as Meter from '../Meter.ts';
import type { Piece } from './Continuation.ts';
import type { LanguageModel } from './openLanguageModel.ts';

const MAX_STOPS = 4;
const stopSchema = z.string().min(1).max(100);

/** Most characters that the model goes on with. */
export const MAX_CHARACTERS = 8_192;

/** Tokens of an answer where the request names no limit. */
export const DEFAULT_TOKENS = 64;

/** Limit of the tokens of an answer. */
export const tokensSchema = z.int().min(1).max(1_024);

/** Fields that requests of both routes take. */
export const common = {
  model: z.string().min(1).max(200),
  temperature: z.number().min(0).max(2).default(1),
  top_p: z.number().min(0).max(1).default(1),
  seed: z.int().min(0).max(0xffff_ffff).default(0),
  stop: z.union([stopSchema, z.array(stopSchema).max(MAX_STOPS)]).default([]),
  n: z.literal(1).optional(),
  stream: z.boolean().optional(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).nullish(),
  user: z.string().max(200).optional(),
};

/** The schema of an answer whose one choice has such fields for its text. */
export function answerSchema<Name extends string, Text extends z.ZodRawShape>(name: Name, text: Text) {
  const choice = z.strictObject({
    index: z.literal(0),
    ...text,
    logprobs: z.null(),
    finish_reason: z.enum(['stop', 'length']),
  });
  return z.strictObject({
    id: z.string(),
    object: z.literal(name),
    /** Zero: an answer depends on its request alone. */
    created: z.literal(0),
    model: z.string(),
    choices: z.array(choice).length(1),
    usage: z.strictObject({
      prompt_tokens: z.int().min(0),
      completion_tokens: z.int().min(1),
      total_tokens: z.int().min(1),
    }),
  });
}

const baseSchema = z.object(common);
type Base = z.infer<typeof baseSchema>;

/** What tells one route from the other. */
export type TextRoute<Input extends Base = never> = {
  readonly route: string;
  readonly names: { readonly id: string; readonly answer: string; readonly chunk: string };
  readonly inputSchema: z.ZodType<Input>;
  /** The text that the model goes on with, and the only one that is charged. */
  prompt(input: Input): string;
  maxTokens(input: Input): number;
  /** The text in a choice of an answer. */
  whole(text: string): object;
  /** The text in a choice of a chunk. */
  part(text: string, isFirst: boolean): object;
};

/** The engine of a route. Any number of them can share one model. */
export function open<Input extends Base>(route: TextRoute<Input>, model: LanguageModel, name: string): Engine {
  const closed = new AbortController();
  const read = (input: unknown) => readRequest(route, model, route.inputSchema.parse(input));
  const write = (request: Input, object: string, text: object, finish: Piece['finish']) => ({
    id: `${route.names.id}-${idOf(request)}`,
    object,
    created: 0,
    model: name,
    choices: [{ index: 0, ...text, logprobs: null, finish_reason: finish ?? null }],
  });
  return {
    manifestRoot: model.manifestRoot,
    route: route.route,
    rights: ['infer'],
    inputSchema: route.inputSchema,
    bound: (input) => read(input).bound,
    async run(input, signal) {
      const { request, measure, generate } = read(input);
      const given: Piece[] = [];
      for await (const piece of generate(AbortSignal.any([signal, closed.signal]))) given.push(piece);
      const text = route.whole(given.map((piece) => piece.text).join(''));
      const units = measure(given.length);
      const body = write(request, route.names.answer, text, given.at(-1)?.finish);
      return { body: { ...body, usage: Meter.usage(units) }, units };
    },
    async *stream(input, signal) {
      const { request, measure, generate } = read(input);
      let count = 0;
      for await (const { text, finish } of generate(AbortSignal.any([signal, closed.signal]))) {
        const chunk = write(request, route.names.chunk, route.part(text, count === 0), finish);
        yield { chunk, units: measure(++count) };
      }
    },
    close: async () => closed.abort(),
  };
}

function readRequest<Input extends Base>(route: TextRoute<Input>, model: LanguageModel, request: Input) {
  const tokens = model.encode(route.prompt(request));
  const maxTokens = route.maxTokens(request);
  const measure = (outputTokens: number): Units => {
    return { ...NO_UNITS, inputTokens: BigInt(tokens.length), outputTokens: BigInt(outputTokens) };
  };
  const { temperature, top_p: topP, seed, stop } = request;
  return {
    request,
    measure,
    bound: measure(maxTokens),
    generate: (signal: AbortSignal) =>
      model.generate(tokens, { maxTokens, temperature, topP, seed, stop: [stop].flat(), signal }),
  };
}

/** The same for the same request, however it is answered. */
function idOf({ stream, stream_options, ...asked }: Base): string {
  return keccak(new TextEncoder().encode(Json.canonical(asked))).slice(2, 26);
}
