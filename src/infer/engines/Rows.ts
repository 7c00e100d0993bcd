/** The rows of a dataset's file: CSV with a first line of names, or one JSON object a line (NDJSON). */
import { parse as parseCsv } from 'csv-parse/sync';
import { BaseError } from '../../internal/Errors.ts';
import * as Json from '../../internal/Json.ts';

/** A row by the names of its columns. Fields of CSV are text; an object may lack columns. */
export type Row = Readonly<Record<string, unknown>>;

/** A dataset in memory. */
export type Rows = { readonly columns: readonly string[]; readonly rows: readonly Row[] };

/** Most rows, columns, and bytes of a row. */
export const MAX = { rows: 1_000_000, columns: 1_000, rowBytes: 1_048_576 } as const;

/**
 * Reads a file.
 *
 * @throws {MalformedError} that names the row, from 1, where it can.
 */
export function parse(content: Uint8Array, format: 'csv' | 'ndjson'): Rows {
  const text = decode(content);
  const dataset = format === 'csv' ? readCsv(text) : readLines(text);
  if (dataset.rows.length === 0) throw new MalformedError('it has no rows');
  if (dataset.rows.length > MAX.rows) throw new MalformedError(`it has more than ${MAX.rows} rows`);
  if (dataset.columns.length > MAX.columns) throw new MalformedError(`it has more than ${MAX.columns} columns`);
  if (new Set(dataset.columns).size < dataset.columns.length) throw new MalformedError('two columns have one name');
  return dataset;
}

/** Some rows from a place on, with some of their columns, in the order of the names. */
export function select({ rows }: Rows, from: number, limit: number, columns?: readonly string[]): readonly Row[] {
  const part = rows.slice(from, from + limit);
  if (!columns) return part;
  return part.map((row) =>
    Object.fromEntries(columns.filter((name) => Object.hasOwn(row, name)).map((name) => [name, row[name]])),
  );
}

function decode(content: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (cause) {
    throw new MalformedError('it is not UTF-8', cause);
  }
}

function readCsv(text: string): Rows {
  let records: string[][];
  try {
    records = parseCsv(text, { max_record_size: MAX.rowBytes, skip_empty_lines: true });
  } catch (cause) {
    throw new MalformedError(cause instanceof Error ? cause.message : 'it is not CSV', cause);
  }
  const [columns = [], ...fields] = records;
  if (columns.some((name) => name === '' || name === '__proto__'))
    throw new MalformedError('a column has no usable name');
  const toRow = (values: string[]) => Object.fromEntries(columns.map((name, at) => [name, values[at]]));
  return { columns, rows: fields.map(toRow) };
}

function readLines(text: string): Rows {
  const columns = new Set<string>();
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const rows = lines.map((line, at) => {
    const row = Buffer.byteLength(line) <= MAX.rowBytes ? readObject(line) : undefined;
    if (!row) throw new MalformedError(`row ${at + 1} is not a JSON object of at most ${MAX.rowBytes} bytes`);
    for (const name of Object.keys(row)) columns.add(name);
    return row;
  });
  return { columns: [...columns], rows };
}

function readObject(line: string): Row | undefined {
  try {
    const value = Json.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : undefined;
  } catch {
    return undefined;
  }
}

/** The file does not hold rows. */
export class MalformedError extends BaseError {
  override readonly name = 'Rows.MalformedError';
  constructor(reason: string, cause?: unknown) {
    super(`The dataset cannot be read: ${reason}.`, { code: 'infer.rows-malformed', docsPath: 'infer.md', cause });
  }
}
