/** Items that can be done together, and those that would make the whole fail. */
export type Sifted<item> = {
  readonly good: readonly item[];
  readonly bad: readonly { readonly item: item; readonly error: string }[];
};

/**
 * Tries to do all items at once and, when that would fail, their halves, down to the ones that are to blame. `attempt`
 * answers why it would fail, or undefined. Of n items with k bad ones about 2 k log2(n) attempts are made.
 */
export async function sift<item>(
  items: readonly item[],
  attempt: (items: readonly item[]) => Promise<string | undefined>,
): Promise<Sifted<item>> {
  const [first] = items;
  if (first === undefined) return { good: [], bad: [] };
  const error = await attempt(items);
  if (error === undefined) return { good: items, bad: [] };
  if (items.length === 1) return { good: [], bad: [{ item: first, error }] };
  const middle = Math.ceil(items.length / 2);
  const left = await sift(items.slice(0, middle), attempt);
  const right = await sift(items.slice(middle), attempt);
  return { good: [...left.good, ...right.good], bad: [...left.bad, ...right.bad] };
}
