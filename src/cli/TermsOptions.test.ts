import { describe, expect, test } from 'vitest';
import * as AllowList from '../license/AllowList.ts';
import * as Prices from '../license/Prices.ts';
import * as Right from '../license/Right.ts';
import type * as Terms from '../license/Terms.ts';
import * as TermsOptions from './TermsOptions.ts';
import type { Options } from './Verb.ts';

const account = (digit: string) => `0x${digit.repeat(40)}` as const;
const allowList = account('a');

function termsOf(options: Options, allowed?: readonly `0x${string}`[]): Terms.Terms {
  const prices = TermsOptions.prices(options);
  return TermsOptions.terms(options, { needed: 'infer', currency: account('c'), prices, allowList, allowed });
}

describe('terms from options', () => {
  test.each<[Options, Partial<Terms.Terms>]>([
    [{}, { price: 0n, period: 0, rights: Right.setOf(['infer']) }],
    [{ price: '0.05' }, { price: 50_000n, period: 30 * 86_400 }],
    [
      { price: '1', period: '12h', notice: '1d' },
      { period: 43_200, noticePeriod: 86_400 },
    ],
    [
      { price: '1', quota: '1000', overage: '50' },
      { quota: 1_000n, overageBps: 5_000 },
    ],
    [
      { price: '1', trial: '1h', seats: '3' },
      { trial: 3_600, seats: 3 },
    ],
    [
      { price: '1', refund: 'full:7d' },
      { refundPolicy: 1, refundWindow: 7 * 86_400, refundPenaltyBps: 0 },
    ],
    [
      { price: '1', refund: 'prorata' },
      { refundPolicy: 2, refundPenaltyBps: 0 },
    ],
    [
      { price: '1', refund: 'prorata:2.5%' },
      { refundPolicy: 2, refundPenaltyBps: 250 },
    ],
    [
      { price: '1', resale: '10' },
      { rights: Right.setOf(['infer', 'resell']), resaleRoyaltyBps: 1_000, maxResales: 0 },
    ],
    [
      { price: '1', resale: '10%:3', rights: 'resell, commercial' },
      { rights: Right.setOf(['resell', 'commercial']), maxResales: 3 },
    ],
    [{ price: '1', supply: '100' }, { maxSupply: 100 }],
    [{ perCall: '0.0002' }, { pricesHash: Prices.hash(Prices.from({ perCall: 200_000_000n })) }],
  ])('%j', (options, expected) => {
    expect(termsOf(options)).toMatchObject(expected);
  });

  test('commit to a list of those who may hold them', () => {
    const list = [account('1'), account('2')];
    expect(termsOf({ price: '1' }, list)).toMatchObject({ checker: allowList, policyRoot: AllowList.root(list) });
  });

  test.each<[Options]>([
    [{ quota: '0' }],
    [{ quota: '-1' }],
    [{ seats: '65536' }],
    [{ supply: '1e3' }],
    [{ overage: 'half' }],
    [{ refund: 'full' }],
    [{ refund: 'some:7d' }],
    [{ refund: 'prorata:1.234' }],
    [{ resale: '' }],
    [{ resale: '10:0' }],
    [{ resale: '10:256' }],
  ])('%j is refused', (options) => {
    expect(() => termsOf({ price: '1', ...options })).toThrow(TermsOptions.OptionError);
  });
});
