import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Bucket from './Bucket.ts';

const window = fc.bigInt({ min: 30n, max: 30n * 86_400n });
const time = fc.bigInt({ min: 0n, max: 2n ** 39n });

describe('maturesAt', () => {
  test('is never before the window has passed and never later than a width after it', () => {
    fc.assert(
      fc.property(time, window, (now, length) => {
        const at = Bucket.maturesAt(Bucket.indexOf(now, length), length);
        expect(at - now >= length).toBe(true);
        expect(at - now <= Bucket.longestWait(length)).toBe(true);
      }),
    );
  });

  test('has passed for a bucket when its slot comes round again', () => {
    fc.assert(
      fc.property(time, window, (now, length) => {
        const index = Bucket.indexOf(now, length);
        const again = (index + Bucket.slots) * Bucket.widthUp(length);
        expect(Bucket.maturesAt(index, length) <= again).toBe(true);
      }),
    );
  });
});
