/** The Asset Card: what a buyer reads before paying. It is one of the files of the manifest. */
import * as z from 'zod';
import { BaseError } from '../internal/Errors.ts';

/** Path of the card in every asset. */
export const FILE = 'card.json';

/** A card above this size is refused before it is parsed (bytes). */
export const MAX_BYTES = 262_144;

/** Text without control characters and without the invisible ones that reorder or hide what is read. */
const text = (max: number) => {
  return z
    .string()
    .min(1)
    .max(max)
    .refine((value) => value.isWellFormed() && !/\p{C}|\p{Zl}|\p{Zp}/u.test(value), 'holds invisible characters');
};
const slug = z
  .string()
  .max(64)
  .regex(/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/, 'is not lower-case words with dots or dashes');
const path = z.string().max(255);
const link = z.url({ protocol: /^https$/ }).max(500);
/** An SPDX licence expression, e.g. `Apache-2.0`. */
const spdx = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9.+() -]+$/, 'is not an SPDX expression');
/** A JSON Schema. It is shown and handed out, never executed, so its content is not checked here. */
const jsonSchema = z.record(z.string(), z.json());

export const schema = z.strictObject({
  version: z.literal(1),
  kind: z.enum(['model', 'dataset', 'tool']),
  /** Name on the wire, as in the `model` field of a request. */
  name: slug,
  title: text(80),
  summary: text(1_000),
  /** What the model does; picks the engine, e.g. `text-embedding`. */
  task: slug,
  /** How its weights or rows are written, e.g. `safetensors`; `remote` where another server has them. */
  format: slug,
  /** Of a model, where it is known. */
  parameters: z.int().min(1).optional(),
  route: z
    .string()
    .max(100)
    .regex(/^\/v1(?:\/[a-z0-9-]+)+$/, 'is not a path below /v1'),
  input: jsonSchema,
  output: jsonSchema,
  /** Of a dataset: how many rows it has, and what its columns mean. */
  rows: z.int().min(1).optional(),
  columns: z
    .array(z.strictObject({ name: text(100), description: text(500) }))
    .min(1)
    .max(1_000)
    .optional(),
  licence: z.strictObject({ weights: spdx, data: spdx }),
  sources: z
    .array(z.strictObject({ title: text(200), url: link, licence: spdx, use: text(500) }))
    .min(1)
    .max(50),
  intendedUse: z.array(text(500)).min(1).max(20),
  limits: z.array(text(500)).min(1).max(20),
  /** How well it does; a model whose weights are in the asset has one. */
  evaluation: z
    .strictObject({
      file: path,
      metric: text(80),
      value: z.number(),
      samples: z.int().min(1),
      command: text(200),
    })
    .optional(),
  /** How to make the weights again, where that is possible. */
  training: z.strictObject({ command: text(200), description: text(1_000) }).optional(),
  /** Files that stand beside the card. */
  files: z.array(path).max(1_000),
  /** Files that stand in an npm package, named as in the package. */
  package: z
    .strictObject({
      name: z
        .string()
        .max(214)
        .regex(/^(?:@[a-z0-9._-]+\/)?[a-z0-9][a-z0-9._-]*$/, 'is not the name of a package'),
      version: z
        .string()
        .max(64)
        .regex(/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/, 'is not an exact version'),
      files: z.array(path).min(1).max(1_000),
    })
    .optional(),
});

/** What a seller says about a model, dataset, agent or tool. */
export type Card = z.infer<typeof schema>;

/**
 * Reads the bytes of `card.json`.
 *
 * @throws {MalformedError} that names each field that is wrong.
 */
export function parse(bytes: Uint8Array): Card {
  if (bytes.length > MAX_BYTES) throw new MalformedError([`it is larger than ${MAX_BYTES} bytes`]);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new MalformedError(['it is not JSON in UTF-8'], cause);
  }
  const { success, data, error } = schema.safeParse(value);
  if (!success) throw new MalformedError(z.prettifyError(error).split('\n'), error);
  const { evaluation, kind, format, files } = data;
  if (evaluation && !files.includes(evaluation.file)) throw new MalformedError(['files does not list evaluation.file']);
  const holdsWeights = kind === 'model' && format !== 'remote';
  if (holdsWeights && !(evaluation && data.parameters)) {
    throw new MalformedError(['a model with weights has parameters and an evaluation']);
  }
  return data;
}

/** The card is not valid. */
export class MalformedError extends BaseError {
  override readonly name = 'Card.MalformedError';
  constructor(metaMessages: readonly string[], cause?: unknown) {
    super('The card is malformed.', {
      code: 'publish.card-malformed',
      docsPath: 'publish.md',
      metaMessages,
      cause,
    });
  }
}
