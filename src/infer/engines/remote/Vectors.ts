/** `POST /v1/embeddings` of an upstream: texts to vectors. */
import * as z from 'zod';
import { NO_UNITS, type Units } from '../../Engine.ts';
import * as Float32 from '../Float32.ts';
import * as Declared from './Declared.ts';
import type { Protocol } from './Protocol.ts';
import * as Tokens from './Tokens.ts';

/** Largest number of single precision. */
const MOST = 3.4028234663852886e38;

const text = z.string().min(1).max(100_000);

/** The body of OpenAI's route, texts only. */
export const inputSchema = z.strictObject({
  model: z.string().min(1).max(200),
  input: z.union([text, z.array(text).min(1).max(256)]),
  encoding_format: z.enum(['float', 'base64']).optional(),
  user: z.string().max(200).optional(),
});

/** What single precision holds: the same vector can be asked for in base64, where more would be infinite. */
const single = z.number().min(-MOST).max(MOST);

type Input = z.infer<typeof inputSchema>;

/**
 * The protocol for a declared model.
 *
 * @throws {Declared.MalformedError} when the length of its vectors is not declared.
 */
export function protocol(declared: Declared.Declared, name: string): Protocol {
  const { dimensions } = declared;
  if (dimensions === undefined) throw new Declared.MalformedError('embeddings have dimensions');
  const bound = (input: unknown) => measure(input as Input);
  return {
    route: '/v1/embeddings',
    rights: ['embed'],
    inputSchema: inputSchema.check(({ value, issues }) => {
      if (texts(value).every((one) => Tokens.count(Tokens.bytesOf(one)) <= BigInt(declared.inputTokens))) return;
      const message = `a text has more than ${declared.inputTokens} tokens`;
      issues.push({ code: 'custom', message, path: ['input'], input: value });
    }),
    bound,
    ask: (input) => ({ model: declared.model, input: (input as Input).input, encoding_format: 'float' }),
    maxBytes: (input) => 65_536 + texts(input as Input).length * dimensions * 32,
    answer(body, input) {
      const request = input as Input;
      const vectors = read(body, texts(request).length, dimensions);
      const units = measure(request);
      const tokens = Number(units.inputTokens);
      const write = (vector: number[]) =>
        request.encoding_format === 'base64' ? Float32.toBase64(Float32Array.from(vector)) : vector;
      return {
        body: {
          object: 'list',
          data: vectors.map(({ embedding, index }) => ({ object: 'embedding', index, embedding: write(embedding) })),
          model: name,
          usage: { prompt_tokens: tokens, total_tokens: tokens },
        },
        units,
      };
    },
  };
}

/** The vectors of an answer in the order of their texts. */
function read(body: unknown, count: number, dimensions: number) {
  const row = z.object({ index: z.literal([...Array(count).keys()]), embedding: z.array(single).length(dimensions) });
  const rows = z.array(row).length(count).refine(isEachOnce, 'an index is there twice');
  const { data } = z.object({ data: rows }).parse(body);
  return data.toSorted((one, other) => one.index - other.index);
}

function isEachOnce(rows: readonly { readonly index: number }[]): boolean {
  return new Set(rows.map(({ index }) => index)).size === rows.length;
}

function texts({ input }: Input): readonly string[] {
  return typeof input === 'string' ? [input] : input;
}

function measure(input: Input): Units {
  const bytes = Tokens.bytesOf(input.input);
  return { ...NO_UNITS, inputTokens: Tokens.count(bytes), bytes: BigInt(bytes) };
}
