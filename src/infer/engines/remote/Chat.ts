/** `POST /v1/chat/completions`: text only. */
import * as z from 'zod';
import * as Json from '../../../internal/Json.ts';
import * as Generation from './Generation.ts';

const text = z.string().max(1_000_000);
const name = z.string().min(1).max(64);
const content = z.union([
  text,
  z
    .array(z.strictObject({ type: z.literal('text'), text }))
    .min(1)
    .max(64),
]);
const call = z.strictObject({
  id: z.string().max(200),
  type: z.literal('function'),
  function: z.strictObject({ name, arguments: text }),
});

const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.enum(['system', 'developer', 'user']), content, name: name.optional() }),
  z.strictObject({
    role: z.literal('assistant'),
    content: content.nullish(),
    name: name.optional(),
    refusal: text.nullish(),
    tool_calls: z.array(call).max(64).optional(),
  }),
  z.strictObject({ role: z.literal('tool'), content, tool_call_id: z.string().max(200) }),
]);

const tool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name,
    description: z.string().max(4_000).optional(),
    parameters: z.record(z.string(), z.json()).optional(),
    strict: z.boolean().nullish(),
  }),
});

/** The body of OpenAI's route without pictures, sound, several choices and what only its own servers know. */
export const inputSchema = z.strictObject({
  ...Generation.common,
  messages: z.array(message).min(1).max(512),
  max_completion_tokens: z.int().min(1).max(1_000_000).optional(),
  tools: z.array(tool).min(1).max(64).optional(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.strictObject({ type: z.literal('function'), function: z.strictObject({ name }) }),
    ])
    .optional(),
  parallel_tool_calls: z.boolean().optional(),
  response_format: z
    .union([
      z.strictObject({ type: z.enum(['text', 'json_object']) }),
      z.strictObject({ type: z.literal('json_schema'), json_schema: z.record(z.string(), z.json()) }),
    ])
    .optional(),
});

const given = z.string().nullish();
const calls = z.array(
  z.object({
    index: z.int().min(0).optional(),
    id: z.string().max(200).optional(),
    type: z.literal('function').optional(),
    function: z.object({ name: z.string().optional(), arguments: z.string().optional() }).optional(),
  }),
);
const said = z.object({
  role: z.literal('assistant').optional(),
  content: given,
  refusal: given,
  reasoning_content: given,
  reasoning: given,
  tool_calls: calls.nullish(),
});
const end = z.string().max(50).nullish();

type Said = z.infer<typeof said>;
type Input = z.infer<typeof inputSchema>;

/**
 * Chat, for {@link Generation.protocol}. The model reads what describes tools and format as JSON, names and numbers
 * included, so that text is charged. Reasoning is charged as far as it is shown.
 */
export const kind: Generation.Kind = {
  route: '/v1/chat/completions',
  names: { answer: 'chat.completion', chunk: 'chat.completion.chunk' },
  inputSchema,
  prompt: ({ messages, tools, response_format }: Input) => [messages, asText(tools), asText(response_format)],
  choice: z.object({ index: z.literal(0), message: said, finish_reason: end }),
  part: z.object({ index: z.literal(0), delta: said, finish_reason: end }),
  text(choice: { message: Said } | { delta: Said }) {
    const { content, refusal, reasoning, reasoning_content, tool_calls } =
      'message' in choice ? choice.message : choice.delta;
    return [content, refusal, reasoning, reasoning_content, tool_calls?.map((one) => one.function)];
  },
};

function asText(value: unknown): string | undefined {
  return value === undefined ? undefined : Json.stringify(value);
}
