/** Local engine of language models: OpenAI's `POST /v1/completions`, the whole answer at once or token by token. */
import * as z from 'zod';
import { keccak } from '../../internal/Hash.ts';
import * as Json from '../../internal/Json.ts';
import type { Folder } from '../../publish/readFolder.ts';
import { type Engine, NO_UNITS, type Units } from '../Engine.ts';
import type { Piece } from './Continuation.ts';
import { type LanguageModel, openLanguageModel } from './openLanguageModel.ts';

const MAX_CHARACTERS = 8_192;
const MAX_TOKENS = 1_024;
const MAX_STOPS = 4;
const stopSchema = z.string().min(1).max(100);

export const inputSchema = z.strictObject({
  model: z.string().min(1).max(200),
  prompt: z.string().max(MAX_CHARACTERS),
  max_tokens: z.int().min(1).max(MAX_TOKENS).default(64),
  temperature: z.number().min(0).max(2).default(1),
  top_p: z.number().min(0).max(1).default(1),
  seed: z.int().min(0).max(0xffff_ffff).default(0),
  stop: z.union([stopSchema, z.array(stopSchema).max(MAX_STOPS)]).default([]),
  n: z.literal(1).optional(),
  stream: z.boolean().optional(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).nullish(),
  user: z.string().max(200).optional(),
});

export const outputSchema = z.strictObject({
  id: z.string(),
  object: z.literal('text_completion'),
  /** Zero: an answer depends on its request alone. */
  created: z.literal(0),
  model: z.string(),
  choices: z
    .array(
      z.strictObject({
        index: z.literal(0),
        text: z.string(),
        logprobs: z.null(),
        finish_reason: z.enum(['stop', 'length']),
      }),
    )
    .length(1),
  usage: z.strictObject({
    prompt_tokens: z.int().min(0),
    completion_tokens: z.int().min(1),
    total_tokens: z.int().min(1),
  }),
});

type Input = z.infer<typeof inputSchema>;

/** Opens the model in a folder whose files were verified. Errors are those of `openLanguageModel`. */
export async function openCompletions(folder: Folder): Promise<Engine> {
  const model = openLanguageModel(folder);
  const closed = new AbortController();
  const measure = ({ prompt }: Input, outputTokens: number): Units => {
    return { ...NO_UNITS, inputTokens: BigInt(model.encode(prompt).length), outputTokens: BigInt(outputTokens) };
  };
  const pieces = (request: Input, signal: AbortSignal) => {
    return complete(model, request, AbortSignal.any([signal, closed.signal]));
  };
  return {
    manifestRoot: model.manifestRoot,
    route: '/v1/completions',
    rights: ['infer'],
    inputSchema,
    bound(input) {
      const request = inputSchema.parse(input);
      return measure(request, request.max_tokens);
    },
    async run(input, signal) {
      const request = inputSchema.parse(input);
      const given: Piece[] = [];
      for await (const piece of pieces(request, signal)) given.push(piece);
      const text = given.map((piece) => piece.text).join('');
      const units = measure(request, given.length);
      const body = write(folder.card.name, request, text, given.at(-1)?.finish);
      return { body: { ...body, usage: usageOf(units) }, units };
    },
    async *stream(input, signal) {
      const request = inputSchema.parse(input);
      let units = measure(request, 0);
      for await (const { text, finish } of pieces(request, signal)) {
        units = { ...units, outputTokens: units.outputTokens + 1n };
        yield { chunk: write(folder.card.name, request, text, finish), units };
      }
    },
    close: async () => closed.abort(),
  };
}

function complete(model: LanguageModel, request: Input, signal: AbortSignal) {
  const { prompt, max_tokens: maxTokens, temperature, top_p: topP, seed, stop } = request;
  return model.generate(model.encode(prompt), { maxTokens, temperature, topP, seed, stop: [stop].flat(), signal });
}

/** An answer or a piece of one, which have the same shape on this route. */
function write(model: string, request: Input, text: string, finish: 'stop' | 'length' | undefined) {
  const { stream: _, stream_options, ...asked } = request;
  return {
    id: `cmpl-${keccak(new TextEncoder().encode(Json.canonical(asked))).slice(2, 26)}`,
    object: 'text_completion',
    created: 0,
    model,
    choices: [{ index: 0, text, logprobs: null, finish_reason: finish ?? null }],
  };
}

function usageOf({ inputTokens, outputTokens }: Units) {
  return {
    prompt_tokens: Number(inputTokens),
    completion_tokens: Number(outputTokens),
    total_tokens: Number(inputTokens + outputTokens),
  };
}
