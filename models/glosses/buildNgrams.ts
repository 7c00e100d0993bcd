/** Builds the part of the model that counts: the 5-gram model without the long sequences that occur once. */
import * as NGrams from '../../src/internal/kernel/NGrams.ts';
import * as KneserNey from './kneserNey.ts';

/** From which count on sequences of one to five tokens are kept; what a kept one begins with stays as well. */
const LEAST = [0, 1, 1, 2, 2];
const KEY = 65_536;

/** A sequence that is kept: place of its beginning in the level below, last token, and the id of its own. */
type Kept = { readonly parent: number; readonly token: number; readonly id: number };

export function buildNgrams(model: KneserNey.KneserNey): NGrams.NGrams {
  const kept = keep(model);
  const levels: NGrams.Level[] = [];
  let sequences: number[][] = [[]];
  let below: Kept[] = [{ parent: 0, token: 0, id: 0 }];
  for (const [level, order] of kept.entries()) {
    const places = new Map(below.map(({ id }, place) => [id, place]));
    const entries = order
      .map(({ parent, token, id }) => ({ parent: places.get(parent) as number, token, id }))
      .sort((one, other) => one.parent - other.parent || one.token - other.token);
    const before = sequences;
    const lengths = new Uint16Array(before.length);
    for (const { parent } of entries) lengths[parent] = (lengths[parent] as number) + 1;
    const probabilities = Uint8Array.from(entries, ({ parent, token }) => {
      return NGrams.encode(KneserNey.probability(model, before[parent] as number[], token));
    });
    const tokens = Uint16Array.from(entries, ({ token }) => token);
    if (level > 0) finish(levels, before, tokens, probabilities, NGrams.sumUp(lengths));
    const last = level === kept.length - 1;
    const backoffs = new Uint8Array(last ? 0 : entries.length);
    levels.push({ tokens, probabilities, backoffs, starts: new Uint32Array(backoffs.length + 1) });
    sequences = entries.map(({ parent, token }) => [...(before[parent] as number[]), token]);
    below = entries;
  }
  return { levels };
}

/** Which sequences stay, by order: every token, pair and triple, the frequent ones, and the beginnings of those. */
function keep({ orders, size }: KneserNey.KneserNey): Kept[][] {
  const wanted = orders.map(({ ids }) => new Uint8Array(ids.size));
  const kept: Kept[][] = orders.map(() => []);
  for (let order = orders.length - 1; order >= 1; order--) {
    const { ids, counts } = orders[order] as KneserNey.KneserNey['orders'][number];
    for (const [key, id] of ids) {
      if ((counts[id] as number) < (LEAST[order] as number) && !wanted[order]?.[id]) continue;
      const parent = Math.floor(key / KEY);
      kept[order]?.push({ parent, token: key % KEY, id });
      (wanted[order - 1] as Uint8Array)[parent] = 1;
    }
  }
  const ids = orders[0]?.ids;
  // Tokens that never occur stay as well, under ids that nothing else has.
  kept[0] = Array.from({ length: size }, (_, token) => ({ parent: 0, token, id: ids?.get(token) ?? -1 - token }));
  return kept;
}

/** Sets where the sequences of a new level begin, and the backoffs that make the probabilities add up to one. */
function finish(
  levels: NGrams.Level[],
  contexts: readonly (readonly number[])[],
  tokens: Uint16Array,
  probabilities: Uint8Array,
  starts: Uint32Array,
): void {
  const { backoffs } = levels.at(-1) as NGrams.Level;
  for (const [place, context] of contexts.entries()) {
    let own = 0;
    let lower = 0;
    for (let at = starts[place] as number; at < (starts[place + 1] as number); at++) {
      own += NGrams.decode(probabilities[at] as number);
      lower += probabilityOf(levels, context.slice(1), tokens[at] as number);
    }
    backoffs[place] = NGrams.encode(Math.max(1e-7, 1 - own) / Math.max(1e-7, 1 - lower));
  }
  const level = levels.at(-1) as NGrams.Level;
  levels[levels.length - 1] = { ...level, starts };
}

/** What the levels so far say of a token after a context. */
function probabilityOf(levels: readonly NGrams.Level[], context: readonly number[], token: number): number {
  const place = NGrams.find(levels, [...context, token], 0);
  if (place !== undefined) return NGrams.decode(levels[context.length]?.probabilities[place] as number);
  const at = NGrams.find(levels, context, 0);
  const shorter = probabilityOf(levels, context.slice(1), token);
  return at === undefined ? shorter : NGrams.decode(levels[context.length - 1]?.backoffs[at] as number) * shorter;
}
