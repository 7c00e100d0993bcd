import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { BaseError } from '../Errors.ts';

/**
 * Replaces a file so that a reader, and a machine that loses power, sees the old content or the new one and never a
 * part: a new file beside it is written and synced, renamed over it, and the folder is synced.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: writeFileAtomic.Options = {},
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', options.mode ?? 0o644);
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    if (options.exclusive) await link(temporary, path);
    else await rename(temporary, path);
  } catch (cause) {
    throw hasCode(cause, 'EEXIST') ? new ExistsError({ path }) : new WriteError({ path, cause });
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(path));
}

export declare namespace writeFileAtomic {
  type Options = {
    /** Permission bits of the new file, 0644 unless given. */
    mode?: number;
    /** Whether an existing file is an error instead of being replaced. */
    exclusive?: boolean;
  };
  type ErrorType = WriteError | ExistsError;
}

/** Makes a rename in a folder durable. Windows cannot open folders and needs no such call. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Reads a JSON file and checks it against a schema. An absent file gives `undefined`. */
export async function readJson<schema extends z.ZodType>(
  path: string,
  schema: schema,
): Promise<z.output<schema> | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InvalidFileError({ path, cause, reason: 'it is not JSON' });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const reason = issue ? `${issue.path.join('.') || 'the whole'}: ${issue.message}` : 'it has another shape';
  throw new InvalidFileError({ path, cause: parsed.error, reason });
}

export declare namespace readJson {
  type ErrorType = InvalidFileError;
}

/** Reads a text file. An absent file gives `undefined`. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw new InvalidFileError({ path, cause: error, reason: 'it cannot be read' });
  }
}

/** Whether a file system error says that the path does not exist. */
export function isNotFound(error: unknown): boolean {
  return hasCode(error, 'ENOENT');
}

/** Whether an error carries a code of the operating system. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** A file that does not hold what it should. It is left as it is. */
export class InvalidFileError extends BaseError {
  override readonly name = 'files.InvalidFileError';
  constructor(options: { path: string; reason: string; cause?: unknown }) {
    super(`The file ${options.path} cannot be used: ${options.reason}.`, {
      code: 'files.invalid',
      cause: options.cause,
      hint: 'It was left untouched. Restore it from a copy, or move it away.',
    });
  }
}

/** A file that could not be written. The former content, if any, is unchanged. */
export class WriteError extends BaseError {
  override readonly name = 'files.WriteError';
  constructor(options: { path: string; cause: unknown }) {
    super(`The file ${options.path} could not be written.`, {
      code: 'files.write',
      cause: options.cause,
      hint: 'Check that the folder exists, that you own it and that the disk has room.',
    });
  }
}

/** A file that is already there and must not be replaced. */
export class ExistsError extends BaseError {
  override readonly name = 'files.ExistsError';
  constructor(options: { path: string }) {
    super(`The file ${options.path} exists already.`, {
      code: 'files.exists',
      hint: 'Choose another name, or move it away first.',
    });
  }
}
