import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Random from './Random.ts';

describe('next', () => {
  test('gives the words of the reference implementation', () => {
    const random = { state: Uint32Array.of(1, 2, 3, 4) };
    expect(Array.from({ length: 10 }, () => Random.next(random))).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });
});

describe('below', () => {
  test('stays below its limit and reaches every value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 1, max: 10 }), (seed, limit) => {
        const random = Random.from(seed);
        const seen = new Set(Array.from({ length: 300 }, () => Random.below(random, limit)));
        expect(Math.max(...seen)).toBeLessThan(limit);
        expect(seen.size).toBe(limit);
      }),
    );
  });
});

describe('unit', () => {
  test('is at least zero, less than one and exact as a float32', () => {
    const random = Random.from(3);
    for (let draw = 0; draw < 10_000; draw++) {
      const value = Random.unit(random);
      expect(value >= 0 && value < 1 && Math.fround(value) === value).toBe(true);
    }
  });
});

describe('shuffle', () => {
  test('permutes, and the same way for the same seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.array(fc.integer()), (seed, items) => {
        const once = [...items];
        const again = [...items];
        Random.shuffle(Random.from(seed), once);
        Random.shuffle(Random.from(seed), again);
        expect(once).toEqual(again);
        expect([...once].sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
      }),
    );
  });
});
