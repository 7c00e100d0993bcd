/**
 * The meter of text that another server computes on. A token is four bytes of UTF-8, begun ones counted, so that buyer,
 * seller and auditor get the same number from request and answer, whatever tokenizer the model has and whatever the
 * server claims. English has four to five bytes for a token of the usual tokenizers.
 */

/** Bytes of a token. */
export const BYTES = 4;

/** Tokens of so many bytes, rounded up. */
export function count(bytes: number): bigint {
  return BigInt(Math.ceil(bytes / BYTES));
}

/** Bytes of all text in a JSON value; the names of fields, numbers and brackets are not text. */
export function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, item) => sum + bytesOf(item), 0);
}
