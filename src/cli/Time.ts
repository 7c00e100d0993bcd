/** Points in time for people. */

/** Unix seconds as `2026-12-22 14:03:20 UTC`. */
export function format(seconds: bigint | number): string {
  return `${new Date(Number(seconds) * 1_000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** How long a licence lasts: `until 2026-12-22 14:03:20 UTC`, or `for ever`. */
export function lasting({ end, forever }: { readonly end: number; readonly forever: boolean }): string {
  return forever ? 'for ever' : `until ${format(end)}`;
}
