/**
 * A compact model of token sequences: the probability of a token after up to four others, from what was counted.
 *
 * A sequence that is kept has its probability; after a context without it, the probability is that after the context
 * without its first token, times the backoff of the context. Logarithms are kept in steps of 1/16 in one byte.
 *
 * Source: Katz 1987, https://doi.org/10.1109/TASSP.1987.1165125, for the form; the numbers are whatever the builder chose.
 */
import { BaseError } from '../Errors.ts';
import * as Elementary from './Elementary.ts';
import * as Safetensors from './Safetensors.ts';

/** Sequences of one length, ordered by the sequence without its last token and then by that token. */
export type Level = {
  readonly tokens: Uint16Array;
  readonly probabilities: Uint8Array;
  readonly backoffs: Uint8Array;
  /** Where the longer sequences that begin with each one stand in the next level, and one end more. */
  readonly starts: Uint32Array;
};

/** Levels from single tokens upwards; the first holds every token in order. */
export type NGrams = { readonly levels: readonly Level[] };

const STEPS = 16;
/** e^(-code / 16) for every code. */
const VALUES = Float64Array.from({ length: 256 }, (_, code) => Elementary.exp(-code / STEPS));

/** The code of a probability or backoff. */
export function encode(value: number): number {
  return Math.max(0, Math.min(255, Math.round(-Elementary.log(value) * STEPS)));
}

/** What a code stands for. */
export function decode(code: number): number {
  return VALUES[code] as number;
}

/** Writes the probability of every token after `context` to `out`; they add up to one. Only the last tokens count. */
export function distribution({ levels }: NGrams, context: readonly number[], out: Float64Array): void {
  const single = levels[0] as Level;
  for (let token = 0; token < out.length; token++) out[token] = decode(single.probabilities[token] as number);
  for (let length = 1; length < levels.length && length <= context.length; length++) {
    const place = find(levels, context, context.length - length);
    if (place === undefined) continue;
    const { starts, backoffs } = levels[length - 1] as Level;
    const { tokens, probabilities } = levels[length] as Level;
    const [from, to] = [starts[place] as number, starts[place + 1] as number];
    if (from === to) continue;
    const backoff = decode(backoffs[place] as number);
    for (let token = 0; token < out.length; token++) out[token] = (out[token] as number) * backoff;
    for (let at = from; at < to; at++) out[tokens[at] as number] = decode(probabilities[at] as number);
  }
  let total = 0;
  for (let token = 0; token < out.length; token++) total += out[token] as number;
  for (let token = 0; token < out.length; token++) out[token] = (out[token] as number) / total;
}

/** Place of the sequence `tokens[from..]` in its level. */
export function find(levels: readonly Level[], tokens: readonly number[], from: number): number | undefined {
  let place = tokens[from] as number;
  for (let length = 1; length < tokens.length - from; length++) {
    const { starts } = levels[length - 1] as Level;
    const next = search(levels[length]?.tokens, tokens[from + length] as number, starts[place], starts[place + 1]);
    if (next === undefined) return undefined;
    place = next;
  }
  return place;
}

/** Place of a token among ascending ones. */
function search(tokens: Uint16Array | undefined, token: number, from = 0, to = 0): number | undefined {
  let low = from;
  let high = to;
  while (tokens && low < high) {
    const middle = (low + high) >>> 1;
    if ((tokens[middle] as number) < token) low = middle + 1;
    else high = middle;
  }
  return low < to && tokens?.[low] === token ? low : undefined;
}

/** The levels in safetensors form; the starts are kept as numbers of longer sequences. */
export function serialize({ levels }: NGrams): Uint8Array {
  return Safetensors.serialize(
    levels.flatMap(({ tokens, probabilities, backoffs, starts }, level) => {
      const lengths = Uint16Array.from(backoffs, (_, at) => (starts[at + 1] as number) - (starts[at] as number));
      const parts = { tokens, lengths, probabilities, backoffs };
      return Object.entries(parts).map(([name, values]) => ({
        name: `${level}.${name}`,
        shape: [values.length],
        values,
      }));
    }),
  );
}

/**
 * Reads what `serialize` wrote.
 *
 * @throws {Safetensors.MalformedError} when the bytes are not a safetensors file.
 * @throws {MalformedError} when its tensors are not levels that fit together.
 */
export function parse(bytes: Uint8Array): NGrams {
  const tensors = new Map(Safetensors.parse(bytes).map(({ name, values }) => [name, values]));
  const levels: Level[] = [];
  for (let level = 0; tensors.has(`${level}.tokens`); level++) {
    const [tokens, lengths, probabilities, backoffs] = ['tokens', 'lengths', 'probabilities', 'backoffs'].map(
      (part) => {
        return tensors.get(`${level}.${part}`);
      },
    );
    if (!(tokens instanceof Uint16Array && lengths instanceof Uint16Array)) throw new MalformedError(level);
    if (!(probabilities instanceof Uint8Array && backoffs instanceof Uint8Array)) throw new MalformedError(level);
    if (probabilities.length !== tokens.length || backoffs.length !== lengths.length) throw new MalformedError(level);
    levels.push({ tokens, probabilities, backoffs, starts: sumUp(lengths) });
  }
  for (const [level, { tokens, backoffs, starts }] of levels.entries()) {
    const next = levels[level + 1];
    const size = levels[0]?.tokens.length ?? 0;
    if (tokens.some((token) => token >= size)) throw new MalformedError(level);
    if (next && (backoffs.length !== tokens.length || starts.at(-1) !== next.tokens.length))
      throw new MalformedError(level);
  }
  if (levels.length === 0) throw new MalformedError(0);
  return { levels };
}

/** Running totals, from zero. */
export function sumUp(lengths: ArrayLike<number>): Uint32Array {
  const starts = new Uint32Array(lengths.length + 1);
  for (let at = 0; at < lengths.length; at++) starts[at + 1] = (starts[at] as number) + (lengths[at] as number);
  return starts;
}

/** Tensors that are not levels of sequences. */
export class MalformedError extends BaseError {
  override readonly name = 'NGrams.MalformedError';
  constructor(level: number) {
    super(`The sequences of ${level + 1} tokens are malformed.`, { code: 'kernel.ngrams-malformed' });
  }
}
