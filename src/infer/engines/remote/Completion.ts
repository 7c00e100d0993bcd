/** `POST /v1/completions`: one prompt of text. */
import * as z from 'zod';
import * as Generation from './Generation.ts';

/** The body of OpenAI's route with one prompt and one choice. */
export const inputSchema = z.strictObject({
  ...Generation.common,
  prompt: z.string().min(1).max(1_000_000),
  suffix: z.string().max(100_000).nullish(),
});

const choice = z.object({ index: z.literal(0), text: z.string(), finish_reason: z.string().max(50).nullish() });

/** Completion, for {@link Generation.protocol}. */
export const kind: Generation.Kind = {
  route: '/v1/completions',
  names: { answer: 'text_completion', chunk: 'text_completion' },
  inputSchema,
  prompt: ({ prompt, suffix }: z.infer<typeof inputSchema>) => [prompt, suffix],
  choice,
  part: choice,
  text: ({ text }: z.infer<typeof choice>) => text,
};
