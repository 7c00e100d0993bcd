/** Local engine of datasets: gives rows of the asset's one file, for those who may train on them or evaluate with them. */
import * as z from 'zod';
import { BaseError } from '../../internal/Errors.ts';
import type { Folder } from '../../publish/readFolder.ts';
import { type Engine, NO_UNITS, type Units } from '../Engine.ts';
import * as Rows from './Rows.ts';
import { takeFile } from './takeFile.ts';

/** Most rows of an answer. */
export const MAX_ROWS = 1_000;

/** Most bytes of the rows of an answer, as JSON. */
export const MAX_BYTES = 4_194_304;

const formats = ['csv', 'ndjson'] as const;

export const inputSchema = z.strictObject({
  model: z.string().min(1).max(200),
  /** Rows to leave out at the start of the file. */
  from: z.int().min(0).max(Rows.MAX.rows),
  limit: z.int().min(1).max(MAX_ROWS),
  columns: z.array(z.string().max(1_000)).min(1).max(100).optional(),
});

export const outputSchema = z.strictObject({
  object: z.literal('rows'),
  model: z.string(),
  /** Rows of the file. */
  total: z.int().min(1),
  from: z.int().min(0),
  /** Where to go on, or null at the end. */
  next: z.int().min(1).nullable(),
  rows: z.array(z.record(z.string(), z.json())),
});

type Input = z.infer<typeof inputSchema>;

/**
 * Opens the dataset in a folder whose files were verified.
 *
 * @throws {FormatError} when the card names another format.
 * @throws {Rows.MalformedError} when the file does not hold rows.
 */
export async function openDataset({ card, manifest, files }: Folder): Promise<Engine> {
  const format = formats.find((known) => known === card.format);
  if (!format) throw new FormatError(card.format);
  const dataset = Rows.parse(takeFile(files, `.${format}`), format);
  const select = ({ from, limit, columns }: Input) => Rows.select(dataset, from, limit, columns);
  return {
    manifestRoot: manifest.root,
    route: '/v1/rows',
    rights: ['train', 'evaluate'],
    inputSchema: limitAnswer(dataset),
    bound: (input) => measure(select(inputSchema.parse(input))),
    async run(input, signal) {
      signal.throwIfAborted();
      const request = inputSchema.parse(input);
      const rows = select(request);
      const total = dataset.rows.length;
      const next = request.from + rows.length;
      const body = {
        object: 'rows',
        model: card.name,
        total,
        from: request.from,
        next: next < total ? next : null,
        rows,
      };
      return { body, units: measure(rows) };
    },
    close: async () => {},
  };
}

/** The schema with what only the dataset can tell: its columns, and how large an answer is. */
function limitAnswer(dataset: Rows.Rows): z.ZodType {
  const known = new Set(dataset.columns);
  return inputSchema.check(({ value, issues }) => {
    const add = (message: string, field: string) =>
      issues.push({ code: 'custom', message, path: [field], input: value });
    const unknown = value.columns?.find((name) => !known.has(name));
    if (unknown !== undefined) add('there is no such column', 'columns');
    else if (Rows.bytesOf(Rows.select(dataset, value.from, value.limit, value.columns), MAX_BYTES) > MAX_BYTES)
      add(`the rows have more than ${MAX_BYTES} bytes`, 'limit');
  });
}

/** A row is one unit of output; bytes are those of the rows as JSON. */
function measure(rows: readonly Rows.Row[]): Units {
  return { ...NO_UNITS, outputTokens: BigInt(rows.length), bytes: BigInt(Rows.bytesOf(rows)) };
}

/** The card names a format of rows that is not read. */
export class FormatError extends BaseError {
  override readonly name = 'dataset.FormatError';
  constructor(format: string) {
    super(`Rows are not read from ${format}.`, {
      code: 'infer.rows-format',
      docsPath: 'infer.md',
      metaMessages: [`formats: ${formats.join(', ')}`],
    });
  }
}
