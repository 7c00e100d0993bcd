import { constants } from 'node:fs';
import { lstat, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BaseError } from '../Errors.ts';
import { hasCode, isNotFound } from './files.ts';

const isWindows = process.platform === 'win32';

/** Makes a folder that only its owner can look into, or checks that an existing one is such. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await assertPrivateFolder(path);
}

/**
 * Reads a secret from a file that only its owner can read, in a folder that only its owner can look into. The checks
 * are made on the opened file, so that it cannot be exchanged between check and use. Absent files give `undefined`.
 */
export async function readPrivate(path: string): Promise<string | undefined> {
  const file = await openPlain(path);
  if (!file) return undefined;
  try {
    await assertPrivateFolder(dirname(path));
    const { mode, uid } = await file.stat();
    if (!isWindows && mode & 0o077)
      throw new InsecureFileError({ path, fault: 'others can read it', remedy: `chmod 600 ${path}` });
    if (!isOwn(uid))
      throw new InsecureFileError({ path, fault: 'it belongs to another user', remedy: `chown $USER ${path}` });
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/**
 * Reads a file that decides where money goes, such as an address book: everybody may read it, only its owner or the
 * administrator may have written it. Absent files give `undefined`.
 */
export async function readOwn(path: string): Promise<string | undefined> {
  const file = await openPlain(path);
  if (!file) return undefined;
  try {
    const { mode, uid } = await file.stat();
    if (!isWindows && mode & 0o022)
      throw new InsecureFileError({ path, fault: 'others can change it', remedy: `chmod go-w ${path}` });
    if (!isOwn(uid) && uid !== 0)
      throw new InsecureFileError({ path, fault: 'it belongs to another user', remedy: `chown $USER ${path}` });
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

export declare namespace readOwn {
  type ErrorType = InsecureFileError;
}

export declare namespace readPrivate {
  type ErrorType = InsecureFileError;
}

async function openPlain(path: string) {
  try {
    const link = await lstat(path);
    if (!link.isFile())
      throw new InsecureFileError({
        path,
        fault: link.isSymbolicLink() ? 'it is a symbolic link' : 'it is not a plain file',
      });
    return await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (cause) {
    if (isNotFound(cause)) return undefined;
    if (hasCode(cause, 'ELOOP')) throw new InsecureFileError({ path, fault: 'it is a symbolic link' });
    throw cause;
  }
}

async function assertPrivateFolder(path: string): Promise<void> {
  const { mode, uid, ...link } = await lstat(path).then((stat) => ({
    mode: stat.mode,
    uid: stat.uid,
    isLink: stat.isSymbolicLink(),
  }));
  if (link.isLink) throw new InsecureFileError({ path, fault: 'it is a symbolic link' });
  if (!isWindows && mode & 0o077)
    throw new InsecureFileError({ path, fault: 'others can look into it', remedy: `chmod 700 ${path}` });
  if (!isOwn(uid))
    throw new InsecureFileError({ path, fault: 'it belongs to another user', remedy: `chown $USER ${path}` });
}

function isOwn(uid: number): boolean {
  return process.getuid === undefined || uid === process.getuid();
}

/** A file or folder of secrets that others could read or exchange. */
export class InsecureFileError extends BaseError {
  override readonly name = 'privateFiles.InsecureFileError';
  constructor(options: { path: string; fault: string; remedy?: string }) {
    super(`${options.path} is not safe to use: ${options.fault}.`, {
      code: 'private_files.insecure',
      hint: options.remedy ? `If nobody else has touched it: ${options.remedy}` : 'Name the file itself.',
    });
  }
}
