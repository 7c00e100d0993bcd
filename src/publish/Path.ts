/**
 * Paths inside an asset. A path names the same file on every system or it is refused, and it never leads outside.
 */
import { BaseError } from '../internal/Errors.ts';

/** Longest path (UTF-8 bytes); the limit of a name on common file systems. */
const MAX_BYTES = 255;

/** Names that Windows gives to devices, with or without an ending. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/**
 * Checks one path.
 *
 * @throws {RefusedError} with the reason.
 */
export function assert(path: string): void {
  const reason = refuse(path);
  if (reason !== undefined) throw new RefusedError(path, reason);
}

/**
 * Checks each path, that no two collide when case and compatibility forms are ignored, and that none is a folder of
 * another.
 *
 * @throws {RefusedError} with the reason.
 */
export function assertAll(paths: readonly string[]): void {
  const files = new Map<string, string>();
  for (const path of paths) {
    assert(path);
    const other = files.get(fold(path));
    if (other === path) throw new RefusedError(path, 'it is listed twice');
    if (other !== undefined) throw new RefusedError(path, `it collides with ${JSON.stringify(other)}`);
    files.set(fold(path), path);
  }
  const folders = new Map<string, string>();
  for (const path of paths) {
    for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
      const folder = path.slice(0, end);
      const spelled = folders.get(fold(folder)) ?? folder;
      if (files.has(fold(folder))) throw new RefusedError(path, 'one of its folders is listed as a file');
      if (spelled !== folder) throw new RefusedError(path, `a folder collides with ${JSON.stringify(spelled)}`);
      folders.set(fold(folder), folder);
    }
  }
}

/** Order of the UTF-8 bytes, which is that of code points and not that of JavaScript strings. */
export function compare(one: string, other: string): number {
  const a = new TextEncoder().encode(one);
  const b = new TextEncoder().encode(other);
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = (a[at] as number) - (b[at] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function refuse(path: string): string | undefined {
  if (path === '') return 'it is empty';
  if (!path.isWellFormed()) return 'it is not Unicode';
  if (new TextEncoder().encode(path).length > MAX_BYTES) return `it is longer than ${MAX_BYTES} bytes`;
  if (path.normalize('NFC') !== path) return 'it is not in Unicode normal form C';
  // C: control, format (zero width, right-to-left), private and unassigned. Z without the space: other separators.
  if (/\p{C}|\p{Zl}|\p{Zp}|(?! )\p{Zs}/u.test(path)) return 'it holds a character that cannot be seen';
  if (/[\\:*?"<>|]/.test(path)) return 'it holds one of \\ : * ? " < > |';
  if (path.startsWith('/')) return 'it is absolute';
  return path.split('/').map(refuseName).find(Boolean);
}

function refuseName(name: string): string | undefined {
  if (name === '') return 'it has an empty part';
  if (name === '.' || name === '..') return 'it has a part that is . or ..';
  if (/[. ]$|^ /.test(name)) return 'a part begins with a space or ends with a space or a dot';
  if (DEVICE.test(name)) return 'a part is the name of a device';
  return undefined;
}

/** Equal for paths that some file system takes for one. */
function fold(path: string): string {
  return path.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}

/** A path that is not portable, or that collides with another. */
export class RefusedError extends BaseError {
  override readonly name = 'Path.RefusedError';
  readonly path: string;
  readonly reason: string;
  constructor(path: string, reason: string) {
    super(`The path ${JSON.stringify(path)} is refused: ${reason}.`, {
      code: 'publish.path-refused',
      docsPath: 'docs/publish.md',
    });
    this.path = path;
    this.reason = reason;
  }
}
