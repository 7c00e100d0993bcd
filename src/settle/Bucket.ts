/**
 * Time buckets of the payout vaults: money waits in the bucket of the time at which it was harvested until that bucket
 * matures. The same arithmetic as the library `Buckets`. Times are unix seconds.
 */

/** Number of buckets that a ring holds. */
export const slots = 8n;

/** Seconds that one bucket covers, rounded up so that seven of them cover the window. */
export function widthUp(window: bigint): bigint {
  return (window + 6n) / 7n;
}

/** Bucket of a time. */
export function indexOf(time: bigint, window: bigint): bigint {
  return time / widthUp(window);
}

/** Second at which a bucket matures. */
export function maturesAt(index: bigint, window: bigint): bigint {
  return (index + 1n) * widthUp(window) + window;
}

/** Seconds after which everything that was harvested at any one moment has matured. */
export function longestWait(window: bigint): bigint {
  return window + widthUp(window);
}
