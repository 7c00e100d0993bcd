import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as Prices from '../license/Prices.ts';
import { NO_UNITS, type Units } from './Engine.ts';
import * as Meter from './Meter.ts';

const bound: Units = { inputTokens: 100n, outputTokens: 20n, images: 1n, bytes: 784n };
const kinds = Object.keys(bound) as (keyof Units)[];

it.each([undefined, {}, { inputTokens: undefined }, { inputTokens: null }])('counts %j as nothing (A-042)', (claim) => {
  expect(Meter.within(claim, bound)).toEqual(NO_UNITS);
});

it.each([-1n, 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', '0x10', true, [1n], { valueOf: () => 1n }])(
  'counts a claim of %s as nothing (A-042)',
  (claim) => {
    for (const kind of kinds) expect(Meter.within({ [kind]: claim }, bound)[kind]).toBe(0n);
  },
);

it('is what is claimed within what was reserved, kind by kind, and its price within the reserved price (A-042, A-157)', () => {
  const claims = fc.record(
    Object.fromEntries(kinds.map((kind) => [kind, fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n })])),
    { requiredKeys: [] },
  );
  const price = fc.bigInt({ min: 0n, max: 2n ** 40n });
  const prices = fc.record({
    perCall: price,
    perInputToken: price,
    perOutputToken: price,
    perImage: price,
    perByte: price,
  });
  fc.assert(
    fc.property(claims, prices, (claim, partial) => {
      const units = Meter.within(claim, bound);
      for (const kind of kinds) {
        const said = claim[kind] ?? 0n;
        expect(units[kind]).toBe(said < 0n ? 0n : said < bound[kind] ? said : bound[kind]);
      }
      const all = Prices.from(partial);
      const cost = Prices.costUp(all, Meter.of(units));
      expect(cost).toBeLessThanOrEqual(Prices.costUp(all, Meter.of(bound)));
      const exact = all.perCall + kinds.reduce((sum, kind) => sum + priceOf(all, kind) * units[kind], 0n);
      expect(cost * 1_000_000n - exact).toBeLessThan(1_000_000n);
      expect(cost * 1_000_000n).toBeGreaterThanOrEqual(exact);
    }),
  );
});

const priceOf = (prices: Prices.Prices, kind: keyof Units) =>
  ({
    inputTokens: prices.perInputToken,
    outputTokens: prices.perOutputToken,
    images: prices.perImage,
    bytes: prices.perByte,
  })[kind];
