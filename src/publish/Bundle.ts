/**
 * Card and manifest of an asset's version as one piece of text, addressed by its hash: what a publication's URI names.
 * Both are carried as the exact text that was hashed, so that nothing is lost in between.
 */
import type { Hex } from 'viem';
import { bytesToString, stringToBytes } from 'viem/utils';
import * as z from 'zod';
import { BaseError } from '../internal/Errors.ts';
import { keccak } from '../internal/Hash.ts';
import * as Json from '../internal/Json.ts';
import * as Card from './Card.ts';
import * as Manifest from './Manifest.ts';

/** Card and manifest, each as its text. */
export type Bundle = { readonly version: 1; readonly card: string; readonly manifest: string };

/** What a bundle says. */
export type Content = { readonly card: Card.Card; readonly manifest: Manifest.Manifest };

/** A bundle above this size is refused before it is parsed (bytes). */
export const maxBytes = 16_777_216;

const scheme = 'agorai:';
const schema = z.strictObject({ version: z.literal(1), card: z.string(), manifest: z.string() });

/** The bundle of a folder: its manifest, and the card among its files. */
export function from(manifest: Manifest.Manifest, files: ReadonlyMap<string, Uint8Array>): Bundle {
  const card = files.get(Card.FILE);
  if (!card) throw new Manifest.MissingFileError(Card.FILE);
  return { version: 1, card: bytesToString(card), manifest: Manifest.serialize(manifest) };
}

/** The text that is kept and hashed. */
export function serialize(bundle: Bundle): string {
  return Json.canonical(bundle);
}

/** The URI of a bundle: `agorai:` and the hash of its text. */
export function uriOf(bundle: Bundle): string {
  return `${scheme}${keccak(stringToBytes(serialize(bundle)))}`;
}

/** The hash in a URI, or `undefined` for a URI of another form. */
export function hashOf(uri: string): Hex | undefined {
  return /^agorai:0x[0-9a-f]{64}$/.test(uri) ? (uri.slice(scheme.length) as Hex) : undefined;
}

/**
 * Reads text that a URI names, whoever it came from.
 *
 * @throws {MismatchError} when it is another text, or its manifest is not the published one.
 * @throws {Card.MalformedError}, {Manifest.MalformedError} when card or manifest is not valid.
 */
export function open(text: string, expected: { readonly uri: string; readonly manifestRoot: Hex }): Content {
  const bytes = stringToBytes(text);
  if (bytes.length > maxBytes) throw new MismatchError(`it is larger than ${maxBytes} bytes`);
  if (keccak(bytes) !== hashOf(expected.uri)) throw new MismatchError('its hash is not the published one');
  const parsed = schema.safeParse(Json.parse(text));
  if (!parsed.success) throw new MismatchError('it is not card and manifest', parsed.error);

  const manifest = Manifest.parse(parsed.data.manifest);
  if (manifest.root !== expected.manifestRoot) throw new MismatchError('its manifest has another root');
  const card = stringToBytes(parsed.data.card);
  const listed = manifest.files.find(({ path }) => path === Card.FILE);
  if (listed?.hash !== keccak(card)) throw new MismatchError('its card is not the one of the manifest');
  return { card: Card.parse(card), manifest };
}

/** Text that is not the one that was published. */
export class MismatchError extends BaseError {
  override readonly name = 'Bundle.MismatchError';
  constructor(reason: string, cause?: unknown) {
    super(`Card and manifest are not the published ones: ${reason}.`, {
      code: 'publish.bundle-mismatch',
      docsPath: 'docs/publish.md',
      hint: 'Get them again, from another source if need be; what does not match is never used.',
      cause,
    });
  }
}
