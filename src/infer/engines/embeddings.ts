/**
 * Local engine of the Universal Sentence Encoder Lite: English sentences to 512 numbers of Euclidean length one.
 *
 * The graph runs in a worker thread, one text at a time. The graph pads a batch to its longest text, which changes the
 * last bits of the others; alone, a text gets the same bytes whatever it is sent with.
 */
import * as z from 'zod';
import type { Folder } from '../../publish/readFolder.ts';
import { type Engine, NO_UNITS, type Units } from '../Engine.ts';
import * as Float32 from './Float32.ts';
import type { Inputs } from './loadGraph.ts';
import { openGraph } from './openGraph.ts';
import * as SentencePiece from './SentencePiece.ts';
import { takeFile } from './takeFile.ts';

export const DIMENSIONS = 512;
/** The graph reads so many tokens of a text and ignores the rest, so longer texts are refused. */
export const MAX_TOKENS = 128;
const MAX_TEXTS = 64;
const MAX_CHARACTERS = 2_048;

const textSchema = z.string().min(1).max(MAX_CHARACTERS, { abort: true });

/** The body of OpenAI's `POST /v1/embeddings`, texts only. */
export const inputSchema = z.strictObject({
  model: z.string().min(1).max(200),
  input: z.union([textSchema, z.array(textSchema).min(1).max(MAX_TEXTS)]),
  encoding_format: z.enum(['float', 'base64']).optional(),
  dimensions: z.literal(DIMENSIONS).optional(),
  user: z.string().max(200).optional(),
});

export const outputSchema = z.strictObject({
  object: z.literal('list'),
  data: z.array(
    z.strictObject({
      object: z.literal('embedding'),
      index: z.int().min(0),
      embedding: z.union([z.array(z.number()).length(DIMENSIONS), z.base64()]),
    }),
  ),
  model: z.string(),
  usage: z.strictObject({ prompt_tokens: z.int().min(1), total_tokens: z.int().min(1) }),
});

type Input = z.infer<typeof inputSchema>;

/** How many tokens a text has, which is what the meter charges. */
export function countTokens(tokenizer: SentencePiece.SentencePiece, text: string): number {
  return SentencePiece.encode(tokenizer, text).length;
}

/**
 * Opens the encoder in a folder whose files were verified.
 *
 * @throws {openGraph.GraphError} when the graph does not load or does not answer with 512 numbers.
 * @throws {SentencePiece.VocabularyError} when the vocabulary is malformed.
 */
export async function openEmbeddings({ card, manifest, files }: Folder): Promise<Engine> {
  const tokenizer = SentencePiece.parse(takeFile(files, 'vocab.json'));
  const first = toInputs(Int32Array.of(FIRST_TOKEN));
  const graph = await openGraph({ files, dimensions: DIMENSIONS, first, method: 'executeAsync' });
  return {
    manifestRoot: manifest.root,
    route: '/v1/embeddings',
    rights: ['embed'],
    inputSchema: limitTokens(tokenizer),
    bound: (input) => measure(tokenizer, inputSchema.parse(input)),
    async run(input, signal) {
      const request = inputSchema.parse(input);
      const vectors: Float32Array[] = [];
      for (const text of texts(request)) {
        vectors.push(await graph.run(toInputs(SentencePiece.encode(tokenizer, text)), signal));
      }
      const units = measure(tokenizer, request);
      return { body: respond(card.name, request, vectors, units), units };
    },
    close: graph.close,
  };
}

/** The first token that is not reserved; any would do to warm the graph up. */
const FIRST_TOKEN = 6;

/** The graph takes a sparse matrix of tokens: `values`, and the text and place of each in `indices`. */
function toInputs(tokens: Int32Array): Inputs {
  const places = Int32Array.from({ length: tokens.length * 2 }, (_, at) => (at % 2 === 0 ? 0 : (at - 1) / 2));
  return {
    indices: { values: places, shape: [tokens.length, 2] },
    values: { values: tokens, shape: [tokens.length] },
  };
}

/** The schema with the limit of tokens, which only the vocabulary can tell. */
function limitTokens(tokenizer: SentencePiece.SentencePiece): z.ZodType {
  return inputSchema.check(({ value, issues }) => {
    // The first is said and no further one counted, since that takes time which nobody has paid.
    for (const text of texts(value)) {
      const tokens = countTokens(tokenizer, text);
      if (tokens <= MAX_TOKENS) continue;
      const message = `a text has ${tokens} tokens, at most ${MAX_TOKENS} are read`;
      issues.push({ code: 'custom', message, path: ['input'], input: value });
      return;
    }
  });
}

function measure(tokenizer: SentencePiece.SentencePiece, request: Input): Units {
  let tokens = 0;
  let bytes = 0;
  for (const text of texts(request)) {
    tokens += countTokens(tokenizer, text);
    bytes += Buffer.byteLength(text);
  }
  return { ...NO_UNITS, inputTokens: BigInt(tokens), bytes: BigInt(bytes) };
}

function texts({ input }: Input): readonly string[] {
  return typeof input === 'string' ? [input] : input;
}

function respond(model: string, request: Input, vectors: readonly Float32Array[], units: Units) {
  const write = request.encoding_format === 'base64' ? Float32.toBase64 : Float32.toDecimals;
  const tokens = Number(units.inputTokens);
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: write(vector) })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  } satisfies z.infer<typeof outputSchema>;
}
