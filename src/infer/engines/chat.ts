/**
 * OpenAI's `POST /v1/chat/completions` for local language models that were not trained to converse: goes on with the
 * last message of the user. No other message is read, and none is charged.
 */
import * as z from 'zod';
import * as TextRoute from './TextRoute.ts';

const text = z.string().max(TextRoute.MAX_CHARACTERS);
const part = z.strictObject({ type: z.literal('text'), text });
const message = z.strictObject({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([text, z.array(part).min(1).max(64)]),
  name: z.string().min(1).max(64).optional(),
});

type Message = z.infer<typeof message>;

/** The body of OpenAI's route with text alone. Somebody has to have said something that the model can go on with. */
export const inputSchema = z
  .strictObject({
    ...TextRoute.common,
    messages: z.array(message).min(1).max(512),
    max_tokens: TextRoute.tokensSchema.optional(),
    max_completion_tokens: TextRoute.tokensSchema.optional(),
  })
  .check(({ value, issues }) => {
    const add = (reason: string) =>
      issues.push({ code: 'custom', message: reason, path: ['messages'], input: value.messages });
    const said = promptOf(value.messages);
    if (said === undefined) add('there is none of the user, and the model goes on with the last of those');
    else if (said.length > TextRoute.MAX_CHARACTERS)
      add(`the last of the user has more than ${TextRoute.MAX_CHARACTERS} characters`);
  });

export const outputSchema = TextRoute.answerSchema('chat.completion', {
  message: z.strictObject({ role: z.literal('assistant'), content: z.string(), refusal: z.null() }),
});

/** Chat, for {@link TextRoute.open}. */
export const route: TextRoute.TextRoute<z.infer<typeof inputSchema>> = {
  route: '/v1/chat/completions',
  names: { id: 'chatcmpl', answer: 'chat.completion', chunk: 'chat.completion.chunk' },
  inputSchema,
  prompt: ({ messages }) => promptOf(messages) ?? '',
  maxTokens: ({ max_completion_tokens, max_tokens }) => max_completion_tokens ?? max_tokens ?? TextRoute.DEFAULT_TOKENS,
  whole: (content) => ({ message: { role: 'assistant', content, refusal: null } }),
  part: (content, isFirst) => ({ delta: { ...(isFirst ? { role: 'assistant' } : {}), content } }),
};

/** The text of the last message of the user. */
function promptOf(messages: readonly Message[]): string | undefined {
  const content = messages.findLast(({ role }) => role === 'user')?.content;
  return typeof content === 'object' ? content.map((piece) => piece.text).join('') : content;
}
