/** Builds the byte-pair vocabulary of a corpus; the same one on every machine. */
import * as BytePair from '../../src/infer/engines/BytePair.ts';

/** A distinct word of the corpus: its tokens so far, and how often it occurs. */
type Word = { tokens: number[]; readonly count: number };
/** How often a pair of neighbours occurs, and in which words it may. */
type Pairs = { readonly counts: Map<number, number>; readonly places: Map<number, Set<Word>> };

/**
 * The pairs that become tokens, `size - 256` of them: each time the most frequent pair of neighbours, the one with the
 * lower tokens where two are equally frequent.
 */
export function buildVocabulary(lines: readonly string[], size: number): [number, number][] {
  const pairs: Pairs = { counts: new Map(), places: new Map() };
  for (const word of countWords(lines)) note(pairs, word, 1);
  const joins: [number, number][] = [];
  while (joins.length < size - 256) {
    const best = mostFrequent(pairs.counts);
    const left = Math.floor(best / 65_536);
    const right = best % 65_536;
    for (const word of pairs.places.get(best) ?? []) {
      note(pairs, word, -1);
      word.tokens = replace(word.tokens, left, right, 256 + joins.length);
      note(pairs, word, 1);
    }
    joins.push([left, right]);
  }
  return joins;
}

function countWords(lines: readonly string[]): Word[] {
  const counts = new Map<string, number>();
  for (const line of lines) for (const word of BytePair.words(line)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Array.from(counts, ([word, count]) => ({ tokens: [...Buffer.from(word)], count }));
}

/** Adds the pairs of a word to the counts, or takes them away. */
function note({ counts, places }: Pairs, word: Word, sign: 1 | -1): void {
  for (let at = 1; at < word.tokens.length; at++) {
    const key = BytePair.pair(word.tokens[at - 1] as number, word.tokens[at] as number);
    counts.set(key, (counts.get(key) ?? 0) + sign * word.count);
    const known = places.get(key);
    if (known) known.add(word);
    else places.set(key, new Set([word]));
  }
}

function mostFrequent(counts: ReadonlyMap<number, number>): number {
  let best = -1;
  let most = 0;
  for (const [key, count] of counts) {
    if (count < most || (count === most && key > best)) continue;
    best = key;
    most = count;
  }
  return best;
}

function replace(tokens: readonly number[], left: number, right: number, token: number): number[] {
  const replaced: number[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const found = tokens[at] === left && tokens[at + 1] === right;
    replaced.push(found ? token : (tokens[at] as number));
    if (found) at++;
  }
  return replaced;
}
