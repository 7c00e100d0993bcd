/** What the two routes that generate text have in common: limits, meter, and answers with choices. */
import * as z from 'zod';
import { NO_UNITS, type Units } from '../../Engine.ts';
import * as Meter from '../../Meter.ts';
import type { Declared } from './Declared.ts';
import type { Protocol, Reader } from './Protocol.ts';
import * as Tokens from './Tokens.ts';

/** Fields of a request that both routes take. */
export const common = {
  model: z.string().min(1).max(200),
  max_tokens: z.int().min(1).max(1_000_000).optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  presence_penalty: z.number().min(-2).max(2).optional(),
  frequency_penalty: z.number().min(-2).max(2).optional(),
  seed: z.int().optional(),
  stop: z.union([z.string().max(200), z.array(z.string().max(200)).min(1).max(4)]).nullish(),
  n: z.literal(1).optional(),
  stream: z.boolean().optional(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).nullish(),
  user: z.string().max(200).optional(),
};

const baseSchema = z.object({
  ...common,
  max_completion_tokens: z.int().optional(),
});
type Base = z.infer<typeof baseSchema>;

/** What tells one route from the other. */
export type Kind = {
  readonly route: string;
  readonly names: { readonly answer: string; readonly chunk: string };
  readonly inputSchema: z.ZodType;
  /** The part of a request that the model reads. */
  prompt(input: never): unknown;
  /** One choice of an answer, one of a chunk; what they do not name is dropped. */
  readonly choice: z.ZodType;
  readonly part: z.ZodType<{ finish_reason?: string | null | undefined }>;
  /** The text in either. */
  text(choice: never): unknown;
};

const id = z.string().max(200).catch('');
const created = z.int().min(0).catch(0);

/** The protocol of a kind for a declared model. `name` is the asset's, as answers show it. */
export function protocol(kind: Kind, declared: Declared, name: string): Protocol {
  const read = (input: unknown) => measure(kind, declared, input);
  const answerSchema = z.object({ id, created, choices: z.array(kind.choice).length(1) });
  return {
    route: kind.route,
    rights: ['infer'],
    inputSchema: limitInput(kind, declared),
    bound: (input) => read(input).units(Number.POSITIVE_INFINITY),
    ask: (input, stream) => {
      const { stream: _, stream_options, user, max_tokens, max_completion_tokens, ...rest } = input as Base;
      return { ...rest, model: declared.model, [declared.limit ?? 'max_tokens']: read(input).most, stream };
    },
    maxBytes: (input, stream) => 65_536 + read(input).most * (stream ? 1_024 : 64),
    answer(body, input) {
      const { choices, ...head } = answerSchema.parse(body);
      const units = read(input).units(Tokens.bytesOf(kind.text(choices[0] as never)));
      return { body: { ...head, object: kind.names.answer, model: name, choices, usage: Meter.usage(units) }, units };
    },
    stream: (input) => reader(kind, name, read(input)),
  };
}

type Measure = {
  /** Most tokens of the answer. */
  readonly most: number;
  /** Units of the request with so many bytes of answer; what exceeds the limit is not charged. */
  units(bytes: number): Units;
};

function measure(kind: Kind, declared: Declared, input: unknown): Measure {
  const { max_tokens, max_completion_tokens } = input as Base;
  const most = Math.min(max_completion_tokens ?? max_tokens ?? declared.outputTokens, declared.outputTokens);
  const read = Tokens.bytesOf(kind.prompt(input as never));
  const base = { ...NO_UNITS, inputTokens: Tokens.count(read), bytes: BigInt(read) };
  const cap = most * Tokens.BYTES;
  return { most, units: (bytes) => ({ ...base, outputTokens: Tokens.count(Math.min(bytes, cap)) }) };
}

function limitInput(kind: Kind, declared: Declared): z.ZodType {
  return kind.inputSchema.check(({ value, issues }) => {
    const tokens = Tokens.count(Tokens.bytesOf(kind.prompt(value as never)));
    if (tokens <= BigInt(declared.inputTokens)) return;
    const message = `the prompt has ${tokens} tokens, at most ${declared.inputTokens} are read`;
    issues.push({ code: 'custom', message, path: ['model'], input: value });
  });
}

function reader(kind: Kind, name: string, { units }: Measure): Reader {
  const schema = z.object({ id, created, choices: z.array(kind.part).max(1) });
  let bytes = 0;
  let finished = false;
  return {
    read(chunk) {
      const { choices, ...head } = schema.parse(chunk);
      const [part] = choices;
      if (!part) return undefined;
      bytes += Tokens.bytesOf(kind.text(part as never));
      finished ||= typeof part.finish_reason === 'string';
      return { body: { ...head, object: kind.names.chunk, model: name, choices }, units: units(bytes) };
    },
    finished: () => finished,
  };
}
