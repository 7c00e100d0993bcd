import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Exposure from './Exposure.ts';

const limits = [
  { atoms: 1_000n, confirmations: 2 },
  { atoms: 50_000n, confirmations: 6 },
];

test.each([
  [1_000n, 0, [], true],
  [1_001n, 1, [], false],
  [1_001n, 2, [], true],
  [50_001n, 5, [], false],
  [50_001n, 6, [], true],
  [400n, 0, [{ atoms: 700n, depth: 1 }], false],
  [400n, 0, [{ atoms: 700n, depth: 2 }], true],
  [400n, 2, [{ atoms: 49_601n, depth: 5 }], false],
] as const)('%s atoms at depth %s, row %#', (atoms, depth, others, allowed) => {
  expect(Exposure.allows(limits, { atoms, depth }, others)).toBe(allowed);
});

test('whatever the order, no more than the limit counts with too few blocks on top (X4)', () => {
  const sum = fc.record({ atoms: fc.bigInt({ min: 1n, max: 40_000n }), depth: fc.integer({ min: 0, max: 8 }) });
  fc.assert(
    fc.property(fc.array(sum, { maxLength: 30 }), (sums) => {
      const counted: Exposure.Sum[] = [];
      for (const one of sums) if (Exposure.allows(limits, one, counted)) counted.push(one);
      for (const { atoms, confirmations } of limits) {
        const shallow = counted.filter(({ depth }) => depth < confirmations);
        expect(shallow.reduce((total, one) => total + one.atoms, 0n) <= atoms).toBe(true);
      }
    }),
  );
});
