/** Local engine of language models: OpenAI's `POST /v1/completions`, the whole answer at once. */
import * as z from 'zod';
import { keccak } from '../../internal/Hash.ts';
import * as Json from '../../internal/Json.ts';
import type { Folder } from '../../publish/readFolder.ts';
import { type Engine, NO_UNITS, type Units } from '../Engine.ts';
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
  stream: z.literal(false).optional(),
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
  const measure = (input: Input, outputTokens: number): Units => {
    return { ...NO_UNITS, inputTokens: BigInt(model.encode(input.prompt).length), outputTokens: BigInt(outputTokens) };
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
      const { text, finish, count } = await complete(model, request, AbortSignal.any([signal, closed.signal]));
      const units = measure(request, count);
      const usage = {
        prompt_tokens: Number(units.inputTokens),
        completion_tokens: count,
        total_tokens: Number(units.inputTokens) + count,
      };
      const body = {
        id: `cmpl-${keccak(new TextEncoder().encode(Json.canonical(request))).slice(2, 26)}`,
        object: 'text_completion',
        created: 0,
        model: folder.card.name,
        choices: [{ index: 0, text, logprobs: null, finish_reason: finish }],
        usage,
      };
      return { body, units };
    },
    close: async () => closed.abort(),
  };
}

async function complete(model: LanguageModel, request: Input, signal: AbortSignal) {
  const { prompt, max_tokens: maxTokens, temperature, top_p: topP, seed, stop } = request;
  const options = { maxTokens, temperature, topP, seed, stop: [stop].flat(), signal };
  let text = '';
  let count = 0;
  let finish: 'stop' | 'length' | undefined;
  for await (const piece of model.generate(model.encode(prompt), options)) {
    text += piece.text;
    count += 1;
    finish = piece.finish;
  }
  return { text, count, finish };
}
