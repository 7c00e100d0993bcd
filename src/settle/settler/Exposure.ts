/**
 * How much a seller risks on blocks that may vanish: the larger the sum, the more blocks lie on top before it counts.
 * The sum is that of everything that counts already and lies less deep, so that many small deposits are worth no more
 * than a large one. Amounts are atoms.
 */

/** At most `atoms` count with fewer than `confirmations` blocks on top. */
export type Limit = { readonly atoms: bigint; readonly confirmations: number };

/** A sum that counts, or shall count, and the blocks on top of it. */
export type Sum = { readonly atoms: bigint; readonly depth: number };

/** Whether a sum may count besides the others that do. */
export function allows(limits: readonly Limit[], sum: Sum, others: readonly Sum[]): boolean {
  return limits.every(({ atoms, confirmations }) => {
    if (sum.depth >= confirmations) return true;
    const shallow = others.filter(({ depth }) => depth < confirmations);
    return shallow.reduce((total, other) => total + other.atoms, sum.atoms) <= atoms;
  });
}
