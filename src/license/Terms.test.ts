import { describe, expect, test } from 'vitest';
import * as Prices from './Prices.ts';
import * as Right from './Right.ts';
import * as Terms from './Terms.ts';

const currency = `0x${'11'.repeat(20)}` as const;
const prices = Prices.from({ perCall: 200_000_000n });

describe('sentence', () => {
  test('says what is permitted, refused, demanded, paid and until when', () => {
    const terms = Terms.from({
      rights: Right.setOf(['infer', 'commercial']),
      duties: Right.dutySetOf(['attribute']),
      price: 50_000n,
      period: 30 * 86_400,
      currency,
      prices,
    });
    expect(Terms.sentence(terms, prices)).toMatchInlineSnapshot(
      `"You may run the model and use its output and use it for profit. You may not compute embeddings, measure its quality, adapt the weights, train on the data, train another model on the output, publish a derived asset, sell the licence on, grant licences of your own or take a copy of the files away. You must name the source (promised, not enforced). You pay $0.05 for 30 days, and $0.0002 per call. It ends 30 days after it begins, unless you pay again, and you alone hold it. You get nothing back."`,
    );
  });

  test('says every field that is set, and of each whether anything enforces it', () => {
    const hash = (digit: string) => `0x${digit.repeat(64)}` as const;
    const base = { rights: Right.setOf(['infer', 'derive']), price: 1_000_000n, period: 86_400, currency, prices };
    const words = (options: Partial<Terms.Terms>) => Terms.sentence(Terms.from({ ...base, ...options }), prices);
    const duties = Right.dutySetOf(['share-alike', 'log', 'tee-only']);
    expect(words({ duties })).toContain(
      'You must put derived assets under the same terms. You must keep a log of use and use it inside a trusted execution environment only (promised, not enforced).',
    );
    for (const [options, text] of [
      [{ trial: 3_600 }, 'You may try it for 1 hour before you first pay, once.'],
      [{ quota: 5n }, 'Each payment covers 5 calls; further calls are refused.'],
      [
        { quota: 5n, overageBps: 5_000 },
        'Each payment covers 5 calls; a further call costs 50 % of the prices of use.',
      ],
      [{ seats: 3 }, 'and 3 at a time can use it.'],
      [{ noticePeriod: 172_800 }, 'When it is offered no more, you can pay again for 2 days.'],
      [{ derivativeShareBps: 250 }, 'You owe 2.5 % of what a derived asset earns.'],
      [{}, 'You get nothing back.'],
      [{ refundPolicy: 1, refundWindow: 3_600 }, 'You get your last payment back whole within 1 hour.'],
      [{ refundPolicy: 2, refundPenaltyBps: 1_000 }, 'When you leave, you get back unused time, less 10 %.'],
      [{ refundPolicy: 2, quota: 5n }, 'whichever is worth less. That takes three days, or the word of the seller.'],
      [{ rights: Right.setOf(['resell']) }, 'It can be sold on any number of times, without a royalty.'],
      [
        { rights: Right.setOf(['resell']), resaleRoyaltyBps: 1_000, maxResales: 2 },
        'It can be sold on 2 times, with 10 % for the seller.',
      ],
      [{ maxSupply: 9 }, 'At most 9 hold it.'],
      [{ checker: currency }, `Only those whom ${currency} admits can hold it.`],
      [{ textHash: hash('a') }, `hash ${hash('a')} is part of the terms (promised, not enforced).`],
      [{ slaId: hash('b') }, `Service level ${hash('b')} is named, which nothing enforces yet.`],
    ] as const)
      expect(words(options)).toContain(text);
  });

  test('needs no licence where every call is paid for, and may cost nothing', () => {
    const free = Prices.from({});
    const terms = Terms.from({ rights: Right.setOf(['embed']), currency, prices: free });
    expect(Terms.sentence(terms, free)).toContain('You pay nothing. This holds for every call that is paid for.');
  });

  test('names a licence without end', () => {
    const terms = Terms.from({ rights: 1, price: 4_000_000n, currency, prices: Prices.from({}) });
    expect(Terms.sentence(terms, Prices.from({}))).toContain('You pay $4.00 once. It has no end');
  });
});

describe('coverage', () => {
  const none = Prices.from({});
  const base = { rights: 1, currency } as const;

  test.each([
    ['a period without prices of use: every call of its time', { price: 1n }, none, 'time', false],
    ['a period with prices of use: none, each call is paid', { price: 1n }, prices, 'none', true],
    ['a quota: calls up to it, and no more', { price: 1n, quota: 5n }, prices, 'quota', false],
    [
      'a quota and an overage: more at prices of use',
      { price: 1n, quota: 5n, overageBps: 5_000 },
      prices,
      'quota',
      true,
    ],
    ['an overage of nothing sells nothing', { price: 1n, quota: 5n, overageBps: 5_000 }, none, 'quota', false],
    ['no price: each call is one', {}, prices, 'none', true],
  ] as const)('%s', (_, options, use, covered, isSold) => {
    const terms = Terms.from({ ...base, ...options, prices: use });
    expect(Terms.coverage(terms, use)).toBe(covered);
    expect(Terms.sellsUse(terms, use)).toBe(isSold);
  });

  test('asks the share of the overage beyond a quota, rounded up, and the whole price elsewhere', () => {
    const terms = Terms.from({ ...base, price: 1n, quota: 5n, overageBps: 3_333, prices });
    expect(Prices.shareUp(Prices.from({ perByte: 10n, perCall: 3n }), Terms.useBps(terms))).toEqual(
      Prices.from({ perByte: 4n, perCall: 1n }),
    );
    expect(Terms.useBps(Terms.from({ ...base, prices }))).toBe(10_000);
  });
});

describe('duration', () => {
  test('takes the largest unit that divides', () => {
    expect([1, 60, 90, 3_600, 86_400, 30 * 86_400].map(Terms.duration)).toEqual([
      '1 second',
      '1 minute',
      '90 seconds',
      '1 hour',
      '1 day',
      '30 days',
    ]);
  });

  test('reads what it is given and refuses the rest', () => {
    expect(['30d', '12h', '5m', '90s'].map(Terms.parseDuration)).toEqual([2_592_000, 43_200, 300, 90]);
    for (const text of ['', '0d', '-1d', '1.5h', '30', '1w', '1d ']) {
      expect(() => Terms.parseDuration(text), text).toThrow(Terms.DurationError);
    }
  });
});

describe('Right', () => {
  test('sets and names are inverse', () => {
    expect(Right.inSet((1 << 11) - 1)).toEqual(Right.rights);
    expect(Right.setOf([...Right.rights])).toBe((1 << 11) - 1);
    expect(Right.dutySetOf([...Right.duties])).toBe((1 << 8) - 1);
    expect(Right.has(Right.setOf(['embed']), 'infer')).toBe(false);
  });

  test('a route without a right is refused', () => {
    expect(Right.ofRoute('/v1/embeddings')).toBe('embed');
    expect(() => Right.ofRoute('/v1/train')).toThrow(Right.UnknownError);
    expect(() => Right.ofRoute('toString')).toThrow(Right.UnknownError);
  });
});
