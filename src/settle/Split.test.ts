import fc from 'fast-check';
import { type Account, type Address, parseEventLogs, zeroAddress } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actors, mint, pass, startWorld, type World, write } from '../../test/actors/settlement.ts';
import { testDollarAbi, vaultsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import * as Bucket from './Bucket.ts';
import { harvest } from './harvest.ts';
import * as Split from './Split.ts';

const owner = '0x00000000000000000000000000000000000000aa' as const;
const treasury = '0x00000000000000000000000000000000000000bb' as const;
const payout = '0x00000000000000000000000000000000000000cc' as const;

/** Payees whose shares and the fee make up the whole. */
const arbitrary = fc
  .record({
    cuts: fc.uniqueArray(fc.integer({ min: 1, max: 9_499 }), { minLength: 1, maxLength: 12 }),
    feeBps: fc.integer({ min: 0, max: 500 }),
  })
  .map(({ cuts, feeBps }): Split.Split => {
    const edges = [0, ...cuts.sort((a, b) => a - b), Split.whole - feeBps];
    const payees = edges.slice(1).map((edge, i) => ({
      account: `0x${(i === 0 ? 0 : 1_000 + i).toString(16).padStart(40, '0')}` as Address,
      bps: edge - (edges[i] ?? 0),
    }));
    const upstream =
      cuts.length % 2 === 0
        ? []
        : [
            { account: 7n, bps: 1_500 },
            { account: 2n ** 200n, bps: cuts.length },
          ];
    return { upstream, payees, owner, treasury: feeBps === 0 ? zeroAddress : treasury, feeBps, window: 30 };
  });

describe('rows', () => {
  test('names the owner in its place and puts the fee behind the payees', () => {
    const payees = [
      { account: zeroAddress, bps: 9_000 },
      { account: treasury, bps: 900 },
    ];
    expect(Split.rows({ upstream: [], payees, owner, treasury, feeBps: 100, window: 30 })).toEqual([
      { index: 0, payee: owner, bps: 9_000, parts: 90_000_000 },
      { index: 1, payee: treasury, bps: 900, parts: 9_000_000 },
      { index: 2, payee: treasury, bps: 100, parts: 1_000_000 },
    ]);
  });

  test('puts the assets first, and shares what they leave', () => {
    const upstream = [{ account: 7n, bps: 2_000 }];
    const split = {
      upstream,
      payees: [{ account: zeroAddress, bps: 9_000 }],
      owner,
      treasury,
      feeBps: 1_000,
      window: 30,
    };
    expect(Split.rows(split)).toEqual([
      { index: 1, payee: owner, bps: 9_000, parts: 72_000_000 },
      { index: 2, payee: treasury, bps: 1_000, parts: 8_000_000 },
    ]);
    expect(Split.credits(split, 1_001n)).toEqual([200n, 720n, 80n]);
  });

  test('share the whole (P1)', () => {
    fc.assert(
      fc.property(arbitrary, (split) => {
        Split.assertPayees(split.payees, split.feeBps, payout);
        const passed = split.upstream.reduce((sum, { bps }) => sum + bps * Split.whole, 0);
        expect(Split.rows(split).reduce((sum, { parts }) => sum + parts, passed)).toBe(Split.whole ** 2);
      }),
    );
  });
});

describe('credits', () => {
  test('leave less than one atom for each row, and each row loses less than one (P2, P3)', () => {
    fc.assert(
      fc.property(arbitrary, fc.bigInt({ min: 0n, max: 2n ** 120n }), (split, accrued) => {
        const credits = Split.credits(split, accrued);
        const rest = accrued - credits.reduce((sum, credit) => sum + credit, 0n);
        expect(rest >= 0n && rest < BigInt(credits.length)).toBe(true);
        for (const { index, parts } of Split.rows(split))
          expect(accrued * BigInt(parts) - (credits[index] ?? 0n) * 10n ** 8n < 10n ** 8n).toBe(true);
      }),
    );
  });
});

describe('assertPayees', () => {
  const whole = [{ account: zeroAddress, bps: Split.whole }];
  test.each([
    [[], 0],
    [[...whole, { account: owner, bps: 0 }], 0],
    [whole, 1],
    [[{ account: payout, bps: Split.whole }], 0],
    [
      [
        { account: owner, bps: 5_000 },
        { account: owner, bps: 5_000 },
      ],
      0,
    ],
    [
      [
        { account: treasury, bps: 5_000 },
        { account: owner, bps: 5_000 },
      ],
      0,
    ],
    [Array.from({ length: 65 }, (_, i) => ({ account: `0x${String(i).padStart(40, '0')}` as Address, bps: 1 })), 0],
  ])('refuses payees that the contract refuses: %#', (payees, feeBps) => {
    expect(() => Split.assertPayees(payees, feeBps, payout)).toThrow(Split.InvalidError);
  });
});

describe('the contract agrees', () => {
  let world: World;
  let seller: Client<Account>;
  beforeAll(async () => {
    world = await startWorld();
    seller = (await world.as(actors.seller)) as Client<Account>;
  });
  afterAll(() => world.stop());

  test('on the identity and on the credits of splits', async () => {
    const { vaults, token } = world.addresses;
    const contract = { address: vaults, abi: vaultsAbi } as const;
    let current = Split.none;
    for (const sample of fc.sample(arbitrary, { numRuns: 5, seed: 7 })) {
      const [first, ...rest] = sample.payees as [Split.Payee, ...Split.Payee[]];
      const payees = [{ ...first, bps: first.bps + sample.feeBps }, ...rest];
      const owner = actors.seller.address;
      const split = { upstream: [], payees, owner, treasury: zeroAddress, feeBps: 0, window: 30 };
      const args = [world.asset, payees, split.window, [token]] as const;
      await write(seller, { ...contract, functionName: 'announce', args: [world.asset, payees] });
      await pass(world, 30);
      const receipt = await write(seller, { ...contract, functionName: 'configure', args: [...args, current] });
      current = split;
      const [event] = parseEventLogs({ abi: vaultsAbi, eventName: 'Configure', logs: receipt.logs });
      expect(event?.args.splitId).toBe(Split.resolvedId(split));
      const terms = await seller.readContract({ ...contract, functionName: 'termsOf', args: [world.asset] });
      expect(terms).toEqual(Split.termsOf(split));

      await mint(world, actors.seller, 9_973n);
      const pay = { address: token, abi: testDollarAbi, functionName: 'transfer', args: [world.payout, 9_973n] };
      await write(seller, pay);
      await harvest(seller, { vaults, account: world.asset, token });
      await pass(world, Number(Bucket.longestWait(30n)));
      await harvest(seller, { vaults, account: world.asset, token });
      for (const [i, credit] of Split.credits(split, 9_973n).entries()) {
        const args = [split, BigInt(i), token] as const;
        expect(await seller.readContract({ ...contract, functionName: 'creditOf', args })).toBe(credit);
      }
    }
  });
});
