/** The rows of a dataset's file: CSV with a first line of names, or one JSON object a line (NDJSON). */

import { isUtf8 } from 'node:buffer';
import { CsvError, parse as parseCsv } from 'csv-parse/sync';
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
 * @throws {MalformedError} that names line and column, from 1: of CSV the column of the table, else that of the text.
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

/**
 * Bytes of rows as JSON. No more rows are counted than it takes to see that there are more than `most`, and the result is
 * then above it.
 */
export function bytesOf(rows: readonly Row[], most = Number.POSITIVE_INFINITY): number {
  // Brackets, and a comma between two rows.
  let bytes = 1 + Math.max(1, rows.length);
  for (const row of rows) {
    bytes += Buffer.byteLength(JSON.stringify(row));
    if (bytes > most) break;
  }
  return bytes;
}

function decode(content: Uint8Array): string {
  try {
    return utf8.decode(content);
  } catch (cause) {
    throw new MalformedError('it is not UTF-8', { line: firstBroken(content), cause });
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The line with the first bytes that are not UTF-8; a line feed is never part of another character. */
function firstBroken(content: Uint8Array): number {
  const lines = Buffer.from(content).toString('latin1').split('\n');
  return 1 + lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1')));
}

function readCsv(text: string): Rows {
  const [columns = [], ...fields] = readRecords(text);
  const nameless = columns.findIndex((name) => name === '' || name === '__proto__');
  if (nameless >= 0) throw new MalformedError('a column has no usable name', { line: 1, column: nameless + 1 });
  const toRow = (values: string[]) => Object.fromEntries(columns.map((name, at) => [name, values[at]]));
  return { columns, rows: fields.map(toRow) };
}

function readRecords(text: string): string[][] {
  try {
    return parseCsv(text, { max_record_size: MAX.rowBytes, skip_empty_lines: true });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw new MalformedError('it is not CSV', { cause });
    const { lines: line, column } = cause as CsvError & { readonly lines?: number; readonly column?: unknown };
    // Counted from zero where a field is being read, and of a whole row its fields.
    const before = cause.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH' ? 0 : 1;
    const place = { line, column: typeof column === 'number' ? column + before : undefined };
    throw new MalformedError(faults[cause.code] ?? 'it is not CSV', { ...place, cause });
  }
}

/** The library's own words repeat what is in the file. */
const faults: Readonly<Record<string, string>> = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'a row has another number of fields than the first line',
  CSV_QUOTE_NOT_CLOSED: 'a quote is not closed',
  CSV_INVALID_CLOSING_QUOTE: 'something follows a closing quote',
  INVALID_OPENING_QUOTE: 'a quote stands within a field without quotes',
  CSV_MAX_RECORD_SIZE: `a row has more than ${MAX.rowBytes} bytes`,
};

function readLines(text: string): Rows {
  const columns = new Set<string>();
  const rows: Row[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const row = readObject(line, at + 1);
    for (const name of Object.keys(row)) columns.add(name);
    rows.push(row);
  }
  return { columns: [...columns], rows };
}

function readObject(text: string, line: number): Row {
  if (Buffer.byteLength(text) > MAX.rowBytes)
    throw new MalformedError(`a row has more than ${MAX.rowBytes} bytes`, { line });
  let value: unknown;
  try {
    value = Json.parse(text);
  } catch (cause) {
    throw new MalformedError('a row is not JSON', { line, column: columnOf(cause, text), cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MalformedError('a row is not a JSON object', { line, column: 1 });
  return value as Row;
}

/** Where the engine of the language says that it stopped, which it does not always. */
function columnOf(error: unknown, text: string): number | undefined {
  const said = error instanceof Json.InvalidError && error.cause instanceof Error ? error.cause.message : '';
  const place = /at position (\d+)/.exec(said)?.[1];
  if (place !== undefined) return Number(place) + 1;
  return said.startsWith('Unexpected end') ? text.length + 1 : undefined;
}

type Place = { readonly line?: number | undefined; readonly column?: number | undefined; readonly cause?: unknown };

/** The file does not hold rows. */
export class MalformedError extends BaseError {
  override readonly name = 'Rows.MalformedError';
  constructor(reason: string, { line, column, cause }: Place = {}) {
    const place = [line === undefined ? [] : `line ${line}`, column === undefined ? [] : `column ${column}`].flat();
    super(`The dataset cannot be read: ${[...place, reason].join(', ')}.`, {
      code: 'infer.rows-malformed',
      docsPath: 'infer.md',
      cause,
    });
  }
}
