/**
 * The list of an asset's files and the Merkle root that names them all. The root is what goes on chain.
 *
 * The leaf of a file is the double keccak256 of `0x00 || abi.encode(string path, uint64 bytes, bytes32 hash)`, where
 * `hash` is the keccak256 of its content; leaves stand in the order of the UTF-8 bytes of their paths.
 */
import type { Hex } from 'viem';
import { concatBytes, encodeAbiParameters, hexToBytes, parseAbiParameters } from 'viem';
import * as z from 'zod';
import { BaseError } from '../internal/Errors.ts';
import { keccak } from '../internal/Hash.ts';
import * as Merkle from '../internal/Merkle.ts';
import * as Path from './Path.ts';

/** A file of an asset. */
export type File = {
  /** Relative, with `/` between folders (see `Path`). */
  readonly path: string;
  /** Size of the content. */
  readonly bytes: number;
  /** keccak256 of the content. */
  readonly hash: Hex;
};

/** The files of an asset and the Merkle root over them. */
export type Manifest = { readonly version: 1; readonly files: readonly File[]; readonly root: Hex };

/** More files than this are refused: ship an archive instead. */
export const MAX_FILES = 10_000;

/** Size and hash of one file. */
export async function describe(path: string, content: Uint8Array): Promise<File> {
  return { path, bytes: content.length, hash: keccak(content) };
}

/**
 * The manifest of `files`, in any order.
 *
 * @throws {Path.RefusedError} when a path is not portable or two paths collide.
 * @throws {CountError} when there are no files or more than `MAX_FILES`.
 */
export function from(files: readonly File[]): Manifest {
  if (files.length === 0 || files.length > MAX_FILES) throw new CountError(files.length);
  Path.assertAll(files.map(({ path }) => path));

  const sorted = files.map(({ path, bytes, hash }) => ({ path, bytes, hash }));
  sorted.sort((one, other) => Path.compare(one.path, other.path));
  return { version: 1, files: sorted, root: Merkle.root(sorted.map(leaf)) };
}

/** The Merkle leaf of one file. */
export function leaf({ path, bytes, hash }: File): Hex {
  const encoding = encodeAbiParameters(parseAbiParameters('string, uint64, bytes32'), [path, BigInt(bytes), hash]);
  return Merkle.leaf(concatBytes([Uint8Array.of(0), hexToBytes(encoding)]));
}

/**
 * Proof that the file at `path` belongs to the manifest.
 *
 * @throws {MissingFileError} when it does not.
 */
export function proof({ files }: Manifest, path: string): readonly Hex[] {
  const index = files.findIndex((file) => file.path === path);
  if (index < 0) throw new MissingFileError(path);
  return Merkle.proof(files.map(leaf), index);
}

/** Whether `proof` shows that `file` belongs to the manifest with that root. */
export function verifyFile({ root, file, proof }: verifyFile.Options): boolean {
  return Merkle.verify({ root, leaf: leaf(file), proof });
}

export declare namespace verifyFile {
  type Options = { readonly root: Hex; readonly file: File; readonly proof: readonly Hex[] };
}

/**
 * Checks that `contents` are exactly the files of the manifest and that the root is theirs.
 *
 * @throws {RootError} when the root is not that of the listed files.
 * @throws {MissingFileError} when a listed file is absent.
 * @throws {UnlistedFileError} when there is a file the manifest does not list.
 * @throws {ChangedFileError} when a content differs in any byte.
 */
export async function verify(manifest: Manifest, contents: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const { files, root } = manifest;
  const expected = from(files).root;
  if (root !== expected) throw new RootError({ expected, actual: root });

  const listed = new Set(files.map(({ path }) => path));
  for (const path of contents.keys()) if (!listed.has(path)) throw new UnlistedFileError(path);
  for (const file of files) {
    const content = contents.get(file.path);
    if (content === undefined) throw new MissingFileError(file.path);
    const actual = await describe(file.path, content);
    if (actual.bytes !== file.bytes || actual.hash !== file.hash)
      throw new ChangedFileError({ expected: file, actual });
  }
}

/** The text of `manifest.json`. */
export function serialize({ version, root, files }: Manifest): string {
  return `${JSON.stringify({ version, root, files }, null, 2)}\n`;
}

/**
 * Reads the text of `manifest.json`.
 *
 * @throws {MalformedError} when it is not a manifest.
 * @throws {RootError} when its root is not that of its files.
 * @throws {Path.RefusedError} when a path is not portable or two paths collide.
 */
export function parse(text: string): Manifest {
  const { files, root } = parseSchema(text);
  const manifest = from(files);
  if (manifest.root !== root) throw new RootError({ expected: manifest.root, actual: root });
  return manifest;
}

const hashSchema = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]{64}$/)]);
const schema = z.strictObject({
  version: z.literal(1),
  root: hashSchema,
  files: z
    .array(z.strictObject({ path: z.string(), bytes: z.int().min(0), hash: hashSchema }))
    .min(1)
    .max(MAX_FILES),
});

function parseSchema(text: string): z.infer<typeof schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new MalformedError(cause);
  }
}

const docsPath = 'publish.md';

/** The text is not a manifest. */
export class MalformedError extends BaseError {
  override readonly name = 'Manifest.MalformedError';
  constructor(cause: unknown) {
    const metaMessages = cause instanceof z.ZodError ? [z.prettifyError(cause)] : [];
    super('The manifest is malformed.', { code: 'publish.manifest-malformed', docsPath, cause, metaMessages });
  }
}

/** No files, or too many. */
export class CountError extends BaseError {
  override readonly name = 'Manifest.CountError';
  constructor(count: number) {
    super(`A manifest lists 1 to ${MAX_FILES} files, not ${count}.`, { code: 'publish.manifest-count', docsPath });
  }
}

/** The root is not that of the listed files. */
export class RootError extends BaseError {
  override readonly name = 'Manifest.RootError';
  readonly expected: Hex;
  readonly actual: Hex;
  constructor({ expected, actual }: { expected: Hex; actual: Hex }) {
    super('The manifest root is not that of its files.', {
      code: 'publish.manifest-root',
      docsPath,
      metaMessages: [`expected ${expected}`, `actual   ${actual}`],
    });
    this.expected = expected;
    this.actual = actual;
  }
}

/** A file of the manifest is absent. */
export class MissingFileError extends BaseError {
  override readonly name = 'Manifest.MissingFileError';
  readonly path: string;
  constructor(path: string) {
    super(`There is no file ${JSON.stringify(path)}.`, { code: 'publish.file-missing', docsPath });
    this.path = path;
  }
}

/** A file that the manifest does not list. */
export class UnlistedFileError extends BaseError {
  override readonly name = 'Manifest.UnlistedFileError';
  readonly path: string;
  constructor(path: string) {
    super(`The manifest does not list ${JSON.stringify(path)}.`, { code: 'publish.file-unlisted', docsPath });
    this.path = path;
  }
}

/** The content of a file is not the one the manifest names. */
export class ChangedFileError extends BaseError {
  override readonly name = 'Manifest.ChangedFileError';
  readonly expected: File;
  readonly actual: File;
  constructor({ expected, actual }: { expected: File; actual: File }) {
    super(`The content of ${JSON.stringify(expected.path)} is not the published one.`, {
      code: 'publish.file-changed',
      docsPath,
      hint: 'Restore the file, or publish a new version of the asset.',
      metaMessages: [
        `expected ${expected.hash} (${expected.bytes} bytes)`,
        `actual   ${actual.hash} (${actual.bytes} bytes)`,
      ],
    });
    this.expected = expected;
    this.actual = actual;
  }
}
