/**
 * Byte-pair encoding: tokens 0 to 255 are bytes, each later token is two earlier ones joined.
 *
 * A text is first cut into words (letters, digits or signs, with the space before them), and no token crosses a cut.
 * Every text has tokens, and the tokens of a text give its UTF-8 bytes back.
 *
 * Source: Sennrich et al. 2016, https://arxiv.org/abs/1508.07909
 */
import * as z from 'zod';
import { BaseError } from '../../internal/Errors.ts';

/** A vocabulary: the bytes of each token, and the token that two neighbours join to. */
export type BytePair = {
  readonly pieces: readonly Uint8Array[];
  /** By `left * 65536 + right`. Lower tokens are joined first. */
  readonly joined: ReadonlyMap<number, number>;
};

/** The token that ends a line. */
export const LINE_FEED = 10;

const BYTES = 256;
const MAX_TOKENS = 65_536;
/** Words are cut at 32 characters, so that the time to encode grows with the length of the text and not its square. */
const WORD = / ?\p{L}{1,32}| ?\p{N}{1,32}| ?[^\s\p{L}\p{N}]{1,32}|\s/gu;

const joinsSchema = z.array(z.tuple([z.int().min(0), z.int().min(0)])).max(MAX_TOKENS - BYTES);

/** The vocabulary in which token `256 + n` is the pair `joins[n]`. */
export function from(joins: readonly (readonly [number, number])[]): BytePair {
  const pieces = Array.from({ length: BYTES }, (_, byte) => Uint8Array.of(byte));
  const joined = new Map<number, number>();
  for (const [left, right] of joins) {
    const one = pieces[left];
    const other = pieces[right];
    if (!one || !other) throw new VocabularyError('a pair names a token that comes later');
    joined.set(pair(left, right), pieces.length);
    pieces.push(Uint8Array.of(...one, ...other));
  }
  return { pieces, joined };
}

/**
 * Reads a vocabulary file, a JSON array of pairs.
 *
 * @throws {VocabularyError} when it is anything else.
 */
export function parse(bytes: Uint8Array): BytePair {
  let joins: z.infer<typeof joinsSchema>;
  try {
    joins = joinsSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw new VocabularyError('it is not an array of pairs', cause);
  }
  return from(joins);
}

/** The words that a text is cut into; joined they are the text. */
export function words(text: string): string[] {
  return text.toWellFormed().match(WORD) ?? [];
}

/** Tokens of `text`. */
export function encode(vocabulary: BytePair, text: string): number[] {
  return words(text).flatMap((word) => join(vocabulary, [...utf8.encode(word)]));
}

/** Joins neighbours, always the pair with the lowest token first, until no pair of the vocabulary is left. */
function join({ joined }: BytePair, tokens: number[]): number[] {
  for (;;) {
    let lowest = MAX_TOKENS;
    for (let at = 1; at < tokens.length; at++) {
      const token = joined.get(pair(tokens[at - 1] as number, tokens[at] as number));
      if (token !== undefined && token < lowest) lowest = token;
    }
    if (lowest === MAX_TOKENS) return tokens;
    replace({ joined }, tokens, lowest);
  }
}

/** Puts `token` wherever its pair stands, from left to right. */
function replace({ joined }: Pick<BytePair, 'joined'>, tokens: number[], token: number): void {
  let to = 0;
  for (let at = 0; at < tokens.length; at++) {
    const next = tokens[at + 1];
    const found = next !== undefined && joined.get(pair(tokens[at] as number, next)) === token;
    tokens[to++] = found ? token : (tokens[at] as number);
    if (found) at++;
  }
  tokens.length = to;
}

/** Key of two neighbours in `joined`. */
export function pair(left: number, right: number): number {
  return left * MAX_TOKENS + right;
}

const utf8 = new TextEncoder();

/** The vocabulary file is not one. */
export class VocabularyError extends BaseError {
  override readonly name = 'BytePair.VocabularyError';
  constructor(detail: string, cause?: unknown) {
    super(`The vocabulary is malformed: ${detail}.`, { code: 'infer.vocabulary-malformed', cause });
  }
}
