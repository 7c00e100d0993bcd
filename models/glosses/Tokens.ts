/** Lines as tokens of the vocabulary. */
import * as BytePair from '../../src/infer/engines/BytePair.ts';

/** The lines as one stream. Words repeat, so each is encoded once. */
export function encodeLines(vocabulary: BytePair.BytePair, lines: readonly string[]): Uint16Array {
  const known = new Map<string, readonly number[]>();
  const stream: number[] = [];
  for (const line of lines) {
    for (const word of BytePair.words(line)) {
      const tokens = known.get(word) ?? BytePair.encode(vocabulary, word);
      known.set(word, tokens);
      for (const token of tokens) stream.push(token);
    }
  }
  return Uint16Array.from(stream);
}

/** The lines of a stream, each with its line feed; views of the same memory. */
export function linesOf(stream: Uint16Array): Uint16Array[] {
  const lines: Uint16Array[] = [];
  let start = 0;
  for (const [at, token] of stream.entries()) {
    if (token !== BytePair.LINE_FEED) continue;
    lines.push(stream.subarray(start, at + 1));
    start = at + 1;
  }
  return lines;
}
