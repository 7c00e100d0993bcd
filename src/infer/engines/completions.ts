/** OpenAI's `POST /v1/completions` for local language models: goes on with the prompt. */
import * as z from 'zod';
import * as TextRoute from './TextRoute.ts';

export const inputSchema = z.strictObject({
  ...TextRoute.common,
  prompt: z.string().max(TextRoute.MAX_CHARACTERS),
  max_tokens: TextRoute.tokensSchema.default(TextRoute.DEFAULT_TOKENS),
});

export const outputSchema = TextRoute.answerSchema('text_completion', { text: z.string() });

/** Completions, for {@link TextRoute.open}. An answer and a piece of one have the same shape. */
export const route: TextRoute.TextRoute<z.infer<typeof inputSchema>> = {
  route: '/v1/completions',
  names: { id: 'cmpl', answer: 'text_completion', chunk: 'text_completion' },
  inputSchema,
  prompt: ({ prompt }) => prompt,
  maxTokens: ({ max_tokens }) => max_tokens,
  whole: (text) => ({ text }),
  part: (text) => ({ text }),
};
