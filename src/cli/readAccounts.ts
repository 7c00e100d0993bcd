import { readFile } from 'node:fs/promises';
import type { Address } from 'viem';
import { BaseError } from '../internal/Errors.ts';
import * as AllowList from '../license/AllowList.ts';

/** The accounts that a file lists, one a line; undefined when no file is named. */
export async function readAccounts(file: string | boolean | undefined): Promise<readonly Address[] | undefined> {
  if (typeof file !== 'string') return undefined;
  return AllowList.parse(await readGiven(file));
}

/** The text of a file that a person named. */
export async function readGiven(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UnreadableError(file, cause);
  });
}

/** A file that was named and cannot be read. */
export class UnreadableError extends BaseError {
  override readonly name = 'readAccounts.UnreadableError';
  constructor(file: string, cause: unknown) {
    super(`${JSON.stringify(file)} cannot be read.`, {
      code: 'usage.file',
      cause,
      hint: 'Name a file that is there and that you may read.',
    });
  }
}
