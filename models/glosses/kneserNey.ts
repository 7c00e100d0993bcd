/**
 * The baseline: an interpolated 5-gram model with modified Kneser-Ney smoothing over the same tokens.
 *
 * Source: Chen and Goodman 1998, https://dash.harvard.edu/handle/1/25104739, section 3
 */
import * as Elementary from '../../src/internal/kernel/Elementary.ts';

/** Counts of one order. An n-gram is keyed by the id of its first n-1 tokens and its last token. */
type Order = {
  readonly ids: Map<number, number>;
  /** How often the n-gram occurs; below the highest order, after how many different tokens. */
  counts: Uint32Array;
  /** By id of a context: the sum of the counts of what follows, and how many of them are 1, 2, and 3 or more. */
  totals: Float64Array;
  kinds: Uint32Array;
  discounts: readonly [number, number, number];
};

/** A trained model; `size` is the size of the vocabulary. */
export type KneserNey = { readonly orders: readonly Order[]; readonly size: number };

const ORDER = 5;
const TOKENS = 65_536;

/** Counts `tokens`, a stream of lines; a line starts after `lineFeed`, and no context reaches over it. */
export function train(tokens: Uint16Array, size: number, lineFeed: number): KneserNey {
  const ids = Array.from({ length: ORDER }, () => new Map<number, number>());
  const counts = Array.from({ length: ORDER }, () => [] as number[]);
  let start = 0;
  for (let at = 0; at < tokens.length; at++) {
    if (at > 0 && tokens[at - 1] === lineFeed) start = at;
    countAt(ids, counts, lineContext(tokens, start, at, lineFeed));
  }
  const orders = ids.map((map, index) => summarize(map, counts[index] as number[], ids[index - 1]?.size ?? 1));
  return { orders, size };
}

/** The token at `at` with up to four before it in its line; the line starts with a line feed of its own. */
function lineContext(tokens: Uint16Array, start: number, at: number, lineFeed: number): number[] {
  const from = Math.max(start, at - ORDER + 1);
  const context = [...tokens.subarray(from, at + 1)];
  return at - start < ORDER - 1 ? [lineFeed, ...context] : context;
}

/** Raises the longest n-gram that ends here, and the shorter ones when the longer one was new: continuation counts. */
function countAt(ids: readonly Map<number, number>[], counts: readonly number[][], context: readonly number[]): void {
  for (let from = 0; from < context.length; from++) {
    const order = context.length - from;
    let parent = 0;
    for (let k = 1; k < order; k++) parent = intern(ids, counts, k - 1, parent, context[from + k - 1] as number);
    const known = ids[order - 1]?.size;
    const id = intern(ids, counts, order - 1, parent, context.at(-1) as number);
    const list = counts[order - 1] as number[];
    list[id] = (list[id] as number) + 1;
    if (list[id] !== 1 && known === ids[order - 1]?.size) return;
  }
}

function intern(
  ids: readonly Map<number, number>[],
  counts: readonly number[][],
  order: number,
  parent: number,
  token: number,
): number {
  const map = ids[order] as Map<number, number>;
  const key = parent * TOKENS + token;
  const found = map.get(key);
  if (found !== undefined) return found;
  const id = map.size;
  map.set(key, id);
  (counts[order] as number[]).push(0);
  return id;
}

function summarize(ids: Map<number, number>, list: readonly number[], contexts: number): Order {
  const counts = Uint32Array.from(list);
  const totals = new Float64Array(contexts);
  const kinds = new Uint32Array(contexts * 3);
  for (const [key, id] of ids) {
    const count = counts[id] as number;
    if (count === 0) continue;
    const context = Math.floor(key / TOKENS);
    totals[context] = (totals[context] as number) + count;
    const kind = context * 3 + Math.min(count, 3) - 1;
    kinds[kind] = (kinds[kind] as number) + 1;
  }
  return { ids, counts, totals, kinds, discounts: discountsOf(counts) };
}

/** The closed-form discounts of modified Kneser-Ney. */
function discountsOf(counts: Uint32Array): [number, number, number] {
  const [n1, n2, n3, n4] = [1, 2, 3, 4].map((wanted) => {
    return counts.reduce((sum, count) => sum + (count === wanted ? 1 : 0), 0);
  }) as [number, number, number, number];
  const y = n1 / (n1 + 2 * n2);
  return [1 - (2 * y * n2) / n1, 2 - (3 * y * n3) / n2, 3 - (4 * y * n4) / n3];
}

/** Probability of `token` after `context` (its last four tokens count). */
export function probability({ orders, size }: KneserNey, context: readonly number[], token: number): number {
  let estimate = 1 / size;
  for (let order = 1; order <= Math.min(ORDER, context.length + 1); order++) {
    const { ids, counts, totals, kinds, discounts } = orders[order - 1] as Order;
    const parent = findContext(orders, context.slice(context.length - order + 1));
    const total = parent === undefined ? 0 : (totals[parent] as number);
    if (parent === undefined || total === 0) break;
    const id = ids.get(parent * TOKENS + token);
    const count = id === undefined ? 0 : (counts[id] as number);
    const own = count === 0 ? 0 : count - (discounts[Math.min(count, 3) - 1] as number);
    const left = discounts.reduce((sum, discount, kind) => sum + discount * (kinds[parent * 3 + kind] as number), 0);
    estimate = (own + left * estimate) / total;
  }
  return estimate;
}

function findContext(orders: readonly Order[], context: readonly number[]): number | undefined {
  let id: number | undefined = 0;
  for (const [index, token] of context.entries()) {
    id = orders[index]?.ids.get(id * TOKENS + token);
    if (id === undefined) return undefined;
  }
  return id;
}

/** Sum of the negative logarithms (nats) of the tokens of a line, which begins after a line feed. */
export function surprise(model: KneserNey, line: readonly number[], lineFeed: number): number {
  const context = [lineFeed];
  let nats = 0;
  for (const token of line) {
    nats -= Elementary.log(probability(model, context, token));
    context.push(token);
    if (context.length >= ORDER) context.shift();
  }
  return nats;
}
