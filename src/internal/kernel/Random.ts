/**
 * xoshiro128** 1.1, a seeded generator of 32-bit words with a period of 2^128 - 1. Not for keys or secrets.
 *
 * Source: Blackman and Vigna, https://prng.di.unimi.it/xoshiro128starstar.c
 */
export type Random = { readonly state: Uint32Array };

/** A generator whose four words of state are drawn from `seed` (an unsigned 32-bit integer) by splitmix32. */
export function from(seed: number): Random {
  const state = new Uint32Array(4);
  let word = seed >>> 0;
  for (let index = 0; index < 4; index++) {
    word = (word + 0x9e3779b9) >>> 0;
    let z = word;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    state[index] = z ^ (z >>> 16);
  }
  return { state };
}

/** The next word, uniform in [0, 2^32). Advances the generator. */
export function next({ state }: Random): number {
  const [s0, s1, s2, s3] = state as unknown as [number, number, number, number];
  const result = Math.imul(rotate(Math.imul(s1, 5), 7), 9) >>> 0;
  const third = s2 ^ s0;
  const fourth = s3 ^ s1;
  state[1] = s1 ^ third;
  state[0] = s0 ^ fourth;
  state[2] = third ^ (s1 << 9);
  state[3] = rotate(fourth, 11);
  return result;
}

/** Uniform in [0, 1) with 24 bits, so the value is exact as a float32. */
export function unit(random: Random): number {
  return (next(random) >>> 8) / 0x1000000;
}

/** Uniform integer in [0, limit) for 1 <= limit <= 2^32, without modulo bias: words past the last full range are drawn again. */
export function below(random: Random, limit: number): number {
  const ceiling = 0x100000000 - (0x100000000 % limit);
  let word = next(random);
  while (word >= ceiling) word = next(random);
  return word % limit;
}

/** Permutes `items` in place (Fisher-Yates from the end). */
export function shuffle(random: Random, items: { [index: number]: number; readonly length: number }): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = below(random, last + 1);
    const held = items[last] as number;
    items[last] = items[other] as number;
    items[other] = held;
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
