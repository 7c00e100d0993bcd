import { readFile } from 'node:fs/promises';
import { BaseError } from '../../internal/Errors.ts';
import * as Text from '../../internal/Text.ts';
import * as Failure from '../Failure.ts';
import type { Run } from '../Verb.ts';

/** The table of all codes is a page of the documentation; what is said here is what stands there. */
const page = new URL('../../../docs/errors.md', import.meta.url);

/** `agorai explain <code>`: what an error code means, what to do, and with which exit code a verb ends on it. */
export const run: Run = async (_context, [code = '']) => {
  const rows = readRows(await readFile(page, 'utf8'));
  const row = rows.find((one) => one.code === code);
  if (!row) throw new UnknownCodeError(code, rows);
  const exit = Failure.exitOf(row);
  const text = `${row.code}  ${row.meaning}\n  do    ${row.remedy}\n  exit  ${exit}`;
  return { value: { ...row, exit }, text };
};

type Row = { readonly code: string; readonly meaning: string; readonly remedy: string };

function readRows(markdown: string): readonly Row[] {
  const found = markdown.matchAll(/^\| `([a-z_.-]+)` \| (.+) \| (.+) \|$/gm);
  return [...found].map(([, code = '', meaning = '', remedy = '']) => ({
    code,
    meaning: meaning.replaceAll('`', ''),
    remedy: remedy.replaceAll('`', ''),
  }));
}

/** A code that no error has. */
export class UnknownCodeError extends BaseError {
  override readonly name = 'explain.UnknownCodeError';
  constructor(code: string, rows: readonly Row[]) {
    const near = rows.filter((row) => row.code.split('.')[0] === code.split('.')[0]).map((row) => row.code);
    super(`There is no error code ${JSON.stringify(Text.plain(code, 60))}.`, {
      code: 'usage.code',
      docsPath: 'errors.md',
      hint:
        near.length > 0
          ? `Name one of ${near.join(', ')}`
          : 'Name it as it is printed, for example: agorai explain up.stale',
    });
  }
}
