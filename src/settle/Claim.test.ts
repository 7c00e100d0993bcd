import fc from 'fast-check';
import type { Hex } from 'viem';
import { describe, expect, test } from 'vitest';
import type * as Ledger from '../pay/Ledger.ts';
import * as Claim from './Claim.ts';

const policy = { threshold: 1_000n, maxAgeMs: 60_000 };
const now = 1_000_000;

function channel(n: number, changes: Partial<Ledger.ChannelRow> = {}): Ledger.ChannelRow {
  return {
    id: `0x${n.toString(16).padStart(64, '0')}`,
    config: {
      payer: '0x1000000000000000000000000000000000000001',
      payerAuthorizer: '0x1000000000000000000000000000000000000001',
      receiver: '0x2000000000000000000000000000000000000002',
      receiverAuthorizer: '0x3000000000000000000000000000000000000003',
      token: '0x4000000000000000000000000000000000000004',
      withdrawDelay: 900,
      salt: `0x${n.toString(16).padStart(64, '0')}`,
    },
    state: 'open',
    balance: 10_000n,
    confirmed: 10_000n,
    claimed: 0n,
    refundNonce: 0n,
    withdrawInitiatedAt: 0n,
    charged: 0n,
    max: 10_000n,
    signature: '0xab',
    unclaimedSince: 0n,
    ...changes,
  };
}

const ids = (batches: readonly Claim.Batch[]): readonly (readonly Hex[])[] =>
  batches.map((batch) => batch.channels.map((row) => row.id));

describe('plan', () => {
  test('takes what reached the threshold, what waited and who leaves', () => {
    const rows = [
      channel(1, { charged: 999n, unclaimedSince: BigInt(now - 59_999) }),
      channel(2, { charged: 1_000n, unclaimedSince: BigInt(now) }),
      channel(3, { charged: 1n, unclaimedSince: BigInt(now - 60_000) }),
      channel(4, { charged: 1n, unclaimedSince: BigInt(now), state: 'leaving' }),
      channel(5, { charged: 500n, claimed: 500n, unclaimedSince: 1n }),
      channel(6, { state: 'leaving' }),
    ];
    expect(ids(Claim.plan(rows, policy, now))).toEqual([[rows[3]?.id, rows[1]?.id, rows[2]?.id]]);
  });

  test('does not hold a claim back for its age while the payer is leaving (A-009, A-050)', () => {
    const rows = [channel(1, { charged: 1n, state: 'leaving' })];
    expect(Claim.plan(rows, { threshold: 2n ** 127n, maxAgeMs: 2 ** 50 }, now)).toHaveLength(1);
  });

  test('makes batches of one authorizer and of at most 100 rows', () => {
    const other: Ledger.ChannelRow = channel(999, { charged: 5_000n });
    const config = { ...other.config, receiverAuthorizer: '0x5000000000000000000000000000000000000005' as const };
    const rows = Array.from({ length: 201 }, (_, i) => channel(i + 1, { charged: 2_000n }));
    const batches = Claim.plan([...rows, { ...other, config }], policy, now);
    expect(batches.map((batch) => batch.channels.length)).toEqual([100, 100, 1, 1]);
    for (const batch of batches)
      for (const row of batch.channels) expect(row.config.receiverAuthorizer).toBe(batch.authorizer);
  });

  test('never claims more than was charged, signed for or is there, and nothing twice', () => {
    const amount = fc.bigInt({ min: 0n, max: 3_000n });
    const arbitrary = fc.record({ charged: amount, max: amount, balance: amount, claimed: amount });
    fc.assert(
      fc.property(fc.array(arbitrary, { maxLength: 20 }), (list) => {
        const rows = list.map((facts, i) => channel(i, { ...facts, state: 'leaving' }));
        const planned = Claim.plan(rows, policy, now).flatMap((batch) => batch.channels);
        const claims = Claim.toRows(planned);
        claims.forEach((claim, i) => {
          const row = planned[i] as Ledger.ChannelRow;
          expect(claim.totalClaimed <= claim.voucher.maxClaimableAmount).toBe(true);
          expect(claim.totalClaimed <= row.charged && claim.totalClaimed <= row.balance).toBe(true);
          expect(claim.totalClaimed > row.claimed).toBe(true);
        });
        expect(new Set(planned.map((row) => row.id)).size).toBe(planned.length);
      }),
    );
  });
});

describe('toRows', () => {
  test('is what the contract takes', () => {
    const row = channel(7, { charged: 1_200n, max: 1_500n });
    expect(Claim.toRows([row])).toEqual([
      { voucher: { channel: row.config, maxClaimableAmount: 1_500n }, signature: '0xab', totalClaimed: 1_200n },
    ]);
  });
});
