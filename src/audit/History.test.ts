import type { Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import * as Split from '../settle/Split.ts';
import { type Balances, checkMoney } from './checkMoney.ts';
import * as History from './History.ts';
import * as Report from './Report.ts';

const [payer, seller, other, token] = [1, 2, 3, 4].map((n) => `0x${`${n}`.repeat(40)}` as Hex) as [Hex, Hex, Hex, Hex];
const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;
const event = (contract: History.Event['contract'], name: string, args: object, transaction = hash(1)) =>
  ({ contract, name, args, transaction }) as History.Event;
const transfer = (to: Hex, transaction?: Hex) =>
  event('token', 'Transfer', { from: payer, to, value: 5n }, transaction);
const used = (nonce: number, transaction?: Hex) =>
  event('token', 'AuthorizationUsed', { authorizer: payer, nonce: hash(nonce) }, transaction);

describe('an authorization', () => {
  it('moved what the token tells of right after it, and nothing else (X1)', () => {
    const events = [
      transfer(other),
      used(1),
      transfer(seller),
      transfer(other),
      used(2),
      used(3, hash(2)),
      transfer(other, hash(2)),
    ];
    expect([...History.replay(events, token).authorizations.values()]).toEqual([
      `${payer}|${seller}|5`,
      undefined,
      `${payer}|${other}|5`,
    ]);
  });
});

describe('what is passed on to a parent', () => {
  const parent = 10n ** 60n;
  const child = parent + 1n;
  const upstream = [{ account: parent, bps: 2_000 }];
  const shares = {
    payees: [{ account: seller, bps: 10_000 }],
    owner: seller,
    treasury: hash(0).slice(0, 42) as Hex,
    feeBps: 0,
    window: 60,
  };
  const splitId = Split.resolvedId({ ...shares, upstream });

  /** The residuals of X8 when a split accrued 1,000 atoms and passed some on. */
  function residuals(amount: bigint) {
    const events = [
      event('vaults', 'Bind', { account: child, upstream }),
      event('vaults', 'Configure', { account: child, splitId, ...shares }),
      event('vaults', 'Harvest', { account: child, token, splitId, amount: 1_000n, payout: other }),
      event('vaults', 'Mature', { account: child, token, splitId, amount: 1_000n }),
      event('vaults', 'Cascade', { splitId, token, account: parent, into: hash(9), index: 0n, amount }),
    ];
    const chain: Balances = {
      supply: 0n,
      balanceOf: () => 0n,
      channel: () => ({ balance: 0n, claimed: 0n }),
      settlement: other,
      vaults: other,
    };
    const collector = Report.collect();
    checkMoney(History.replay(events, token), chain, collector);
    return collector.residuals.filter(({ subject }) => subject.startsWith('asset '));
  }

  it('may be all of its share', () => {
    expect(residuals(200n)).toEqual([]);
  });

  it('X8 is found when it is an atom more', () => {
    expect(residuals(201n)).toMatchObject([{ rule: 'X8', expected: 'at most 200', found: '201' }]);
  });
});
