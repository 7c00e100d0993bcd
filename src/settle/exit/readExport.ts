import { createReadStream } from 'node:fs';
import { BaseError } from '../../internal/Errors.ts';
import { isNotFound } from '../../internal/node/files.ts';
import { recover } from '../../internal/node/secp256k1.ts';
import * as Export from './Export.ts';
import * as Holdings from './Holdings.ts';

/** Reads a whole export and checks every line. A last line without an end, left by a cut, is not counted. */
export async function readExport(file: string): Promise<Holdings.Holdings> {
  let holdings: Holdings.Holdings | undefined;
  for await (const { text, number } of linesOf(file)) {
    if (holdings) Holdings.add(holdings, Export.parse(text, number), recover);
    else holdings = Holdings.from(Export.parseHeader(text));
  }
  if (!holdings) throw new EmptyError(file);
  return holdings;
}

export declare namespace readExport {
  type ErrorType = EmptyError | Export.InvalidError | Export.FormatError;
}

/** Reads the first line alone. */
export async function readHeader(file: string): Promise<Export.Header> {
  for await (const { text } of linesOf(file)) return Export.parseHeader(text);
  throw new EmptyError(file);
}

/** The lines of a file that have an end, with their numbers from 1. */
export async function* linesOf(file: string): AsyncGenerator<{ readonly text: string; readonly number: number }> {
  const stream = createReadStream(file, { encoding: 'utf8' });
  let rest = '';
  let number = 0;
  try {
    for await (const chunk of stream as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) yield { text, number: ++number };
    }
  } catch (error) {
    throw isNotFound(error) ? new EmptyError(file) : error;
  } finally {
    stream.destroy();
  }
}

/** There is no file, or nothing in it. */
export class EmptyError extends BaseError {
  override readonly name = 'readExport.EmptyError';
  constructor(file: string) {
    super(`There is no export at ${file}.`, {
      code: 'export.missing',
      docsPath: 'settle.md',
      hint: 'Write one while the books are there: agorai export --to <file>',
    });
  }
}
