/** What every store behind the `Ledger` interface must keep. A store's own test calls {@link describeLedger} with it. */
import fc from 'fast-check';
import type { Hex } from 'viem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type * as Ledger from '../../src/pay/Ledger.ts';
import { admission, config, holding, outcome, payer, sealer, transfer, word } from '../actors/ledgerRequests.ts';
import { createLedgerModel } from './createLedgerModel.ts';

/** A ledger with its data, which other handles can be opened on. */
export type Opened = {
  readonly ledger: Ledger.Ledger;
  /** One more handle on the same data that may write, as a second process has it. */
  another(): Promise<Ledger.Ledger>;
  /** Closes all handles and forgets the data. */
  remove(): Promise<void>;
};

const nothing: Hex = word(0);
const lease = 60_000;
const refundRow = { kind: 'refund', key: 'refund:1', payload: '{}' };

/** Runs the contract of the interface against a store. */
export function describeLedger(name: string, open: () => Promise<Opened>): void {
  describe(name, () => {
    let opened: Opened;
    let ledger: Ledger.Ledger;
    const [one, two] = [word(1), word(2)];

    beforeEach(async () => {
      opened = await open();
      ledger = opened.ledger;
      await ledger.putChannel(one, config, holding(100n), 'open');
    });
    afterEach(() => opened.remove());

    const statusOf = async (request: Ledger.Admission) => (await ledger.admit(request)).status;
    const serve = async (requestId: Hex, max: bigint, price: bigint, changes: Partial<Ledger.Admission> = {}) => {
      expect(await statusOf(admission(requestId, max, price, changes))).toBe('admitted');
      const [row] = await ledger.commit([outcome(requestId, price)], sealer);
      return row as Ledger.ReceiptRow;
    };

    describe('admit', () => {
      it('persists the voucher and reserves the bound before it answers', async () => {
        expect(await statusOf(admission(word(10), 8n, 8n))).toBe('admitted');
        expect(ledger.channel(one)).toMatchObject({ max: 8n, charged: 0n, signature: `0x${'8'.padStart(130, '0')}` });
        expect(ledger.request(word(10))).toMatchObject({
          state: 'reserved',
          bound: 8n,
          account: one,
          payer,
          leaseUntil: lease,
          answer: undefined,
          logIndex: undefined,
          context: `context of ${word(10)}`,
        });
        expect(ledger.counts()).toEqual({ requests: 1, reserved: 1 });
      });

      it('refuses what no channel, no money or no matching total stands behind', async () => {
        expect(await statusOf(admission(word(10), 8n, 8n, { account: two }))).toBe('unknown');
        expect(await ledger.admit(admission(word(11), 9n, 8n))).toMatchObject({
          status: 'mismatch',
          channel: { id: one, charged: 0n },
        });
        expect(await ledger.admit(admission(word(12), 101n, 101n))).toMatchObject({
          status: 'insufficient',
          channel: { balance: 100n },
        });
        expect(ledger.channel(one)).toMatchObject({ max: 0n });
        expect(ledger.counts()).toEqual({ requests: 0, reserved: 0 });
      });

      it('serves to the last atom of a deposit and not beyond it (A-035)', async () => {
        await serve(word(10), 100n, 100n);
        expect(await statusOf(admission(word(11), 101n, 1n))).toBe('insufficient');
      });

      it('admits one of 50 concurrent uses of a voucher (A-030)', async () => {
        const uses = Array.from({ length: 50 }, (_, i) => statusOf(admission(word(10 + i), 8n, 8n)));
        const statuses = await Promise.all(uses);
        expect(statuses.filter((status) => status === 'admitted')).toHaveLength(1);
        expect(statuses.filter((status) => status === 'spent')).toHaveLength(49);
      });

      it('admits one of 200 uses through two handles (A-031)', async () => {
        const other = await opened.another();
        const uses = Array.from({ length: 200 }, (_, i) =>
          (i % 2 === 0 ? ledger : other).admit(admission(word(10 + i), 8n, 8n)),
        );
        const statuses = (await Promise.all(uses)).map(({ status }) => status);
        expect(statuses.filter((status) => status === 'admitted')).toHaveLength(1);
        expect(other.channel(one)).toEqual(ledger.channel(one));
      });

      it('makes another voucher wait for the request that runs', async () => {
        await ledger.admit(admission(word(10), 8n, 8n));
        expect(await statusOf(admission(word(11), 9n, 9n))).toBe('busy');
        await ledger.commit([outcome(word(10), 8n)], sealer);
        expect(await statusOf(admission(word(11), 9n, 1n))).toBe('admitted');
      });

      it('admits a voucher again after it was charged nothing, and never after it was charged', async () => {
        await ledger.admit(admission(word(10), 8n, 8n));
        await ledger.commit([outcome(word(10), 0n, { outcome: 3 })], sealer);
        await serve(word(11), 8n, 5n, { bound: 8n });
        expect(await statusOf(admission(word(12), 8n, 3n))).toBe('spent');
      });

      it('admits requests that cost nothing by the voucher of the last charge, and moves nothing', async () => {
        await serve(word(10), 8n, 8n);
        await serve(word(11), 8n, 0n);
        await ledger.admit(admission(word(12), 8n, 0n));
        expect(await statusOf(admission(word(15), 8n, 0n))).toBe('busy');
        await ledger.commit([outcome(word(12), 0n)], sealer);
        expect(ledger.channel(one)).toMatchObject({ charged: 8n, max: 8n });
        expect(await statusOf(admission(word(13), 7n, 0n))).toBe('mismatch');
        await serve(word(14), 9n, 1n);
      });

      it('keeps the highest voucher when a lower one is used', async () => {
        await ledger.admit(admission(word(10), 50n, 50n));
        await ledger.commit([outcome(word(10), 5n)], sealer);
        await serve(word(11), 20n, 15n);
        expect(ledger.channel(one)).toMatchObject({
          max: 50n,
          signature: `0x${'32'.padStart(130, '0')}`,
          charged: 20n,
        });
      });

      it('admits an authorization that stands alone once, with the row that settles it and nothing else (C1)', async () => {
        expect(await statusOf(transfer(word(10), word(90)))).toBe('admitted');
        expect(await statusOf(transfer(word(11), word(90)))).toBe('spent');
        await ledger.commit([outcome(word(10), 5n)], sealer);
        expect(await statusOf(transfer(word(12), word(90)))).toBe('spent');
        expect(ledger.outbox(0, 10).map(({ key }) => key)).toEqual([`exact:${word(90)}`]);
        const outbox = { kind: 'exact', key: `exact:${word(90)}`, payload: '{"of":"another payer"}' };
        expect(await statusOf(transfer(word(13), word(91), { outbox }))).toBe('spent');
      });
    });

    describe('a request id', () => {
      it('is running, then replays its stored answer (A-156)', async () => {
        await ledger.admit(admission(word(10), 8n, 8n));
        expect(await statusOf(admission(word(10), 8n, 8n))).toBe('running');
        await ledger.commit([outcome(word(10), 8n)], sealer);
        const replay = await ledger.admit(admission(word(10), 8n, 8n));
        expect(replay).toMatchObject({
          status: 'replay',
          request: { state: 'done', price: 8n, outcome: 0, logIndex: 0, answer: outcome(word(10), 8n).answer },
        });
        expect(ledger.channel(one)).toMatchObject({ charged: 8n });
      });

      it('is refused with another body and on another account (A-156)', async () => {
        await ledger.putChannel(two, config, holding(100n), 'open');
        await serve(word(10), 8n, 8n);
        expect(await statusOf(admission(word(10), 16n, 8n, { bodyHash: word(8) }))).toBe('conflict');
        expect(await statusOf(admission(word(10), 8n, 8n, { account: two }))).toBe('conflict');
        expect(ledger.channel(two)).toMatchObject({ charged: 0n, max: 0n });
      });
    });

    describe('commit', () => {
      it('charges at most what was reserved, and ends a request once', async () => {
        await ledger.admit(admission(word(10), 8n, 8n));
        const over = { code: 'ledger.overcharge' };
        await expect(ledger.commit([outcome(word(10), 9n)], sealer)).rejects.toMatchObject(over);
        await expect(ledger.commit([outcome(word(10), -1n)], sealer)).rejects.toMatchObject(over);
        await ledger.commit([outcome(word(10), 3n)], sealer);
        await expect(ledger.commit([outcome(word(10), 3n)], sealer)).rejects.toMatchObject({ code: 'ledger.ended' });
        await expect(ledger.commit([outcome(word(99), 1n)], sealer)).rejects.toMatchObject({ code: 'ledger.ended' });
        expect(ledger.channel(one)).toMatchObject({ charged: 3n });
        expect(ledger.logSize()).toBe(1);
      });

      it('leaves nothing of a batch of which one part fails', async () => {
        await ledger.admit(admission(word(10), 8n, 8n));
        await expect(ledger.commit([outcome(word(10), 8n), outcome(word(11), 1n)], sealer)).rejects.toThrow();
        const broken: Ledger.Sealer = {
          ...sealer,
          sign: () => {
            throw new TypeError('the key is gone');
          },
        };
        await expect(ledger.commit([outcome(word(10), 8n)], broken)).rejects.toThrow('the key is gone');
        expect(ledger.request(word(10))).toMatchObject({ state: 'reserved', price: 0n });
        expect(ledger.channel(one)).toMatchObject({ charged: 0n });
        expect(ledger.receiptOf(word(10))).toBeUndefined();
        expect(ledger.logSize()).toBe(0);
      });

      it('numbers and links the receipts of each account without a gap, and of all in one log (X6)', async () => {
        await ledger.putChannel(two, config, holding(100n), 'open');
        await serve(word(10), 5n, 5n);
        await ledger.admit(admission(word(11), 9n, 4n));
        await ledger.admit(admission(word(12), 7n, 7n, { account: two }));
        await ledger.commit([outcome(word(12), 7n), outcome(word(11), 0n, { outcome: 3 })], sealer);
        await serve(word(13), 8n, 3n);
        const rows = ledger.receipts(0, 10);
        expect(rows.map(({ requestId, seq }) => [requestId, seq])).toEqual([
          [word(10), 1n],
          [word(12), 1n],
          [word(11), 2n],
          [word(13), 3n],
        ]);
        expect(rows.map(({ logIndex }) => logIndex)).toEqual([0, 1, 2, 3]);
        const prevs = rows.map(({ body }) => (JSON.parse(body) as { prev: Hex }).prev);
        expect(prevs).toEqual([nothing, nothing, rows[0]?.hash, rows[2]?.hash]);
        const totals = rows.map(({ body }) => (JSON.parse(body) as { cumulative: string }).cumulative);
        expect(totals).toEqual(['5', '7', '5', '8']);
        expect(rows.map(({ proof }) => proof)).toEqual(rows.map(({ hash }) => `proof of ${hash}`));
        expect(ledger.receipts(1, 2)).toEqual(rows.slice(1, 3));
        expect(ledger.receiptOf(word(11))).toEqual(rows[2]);
        expect(ledger.logSize()).toBe(4);
      });

      it('remembers since when money is not claimed, until it is', async () => {
        await ledger.admit(admission(word(10), 8n, 8n));
        await ledger.commit([outcome(word(10), 8n, { now: 5 })], sealer);
        await ledger.admit(admission(word(11), 9n, 1n));
        await ledger.commit([outcome(word(11), 1n, { now: 6 })], sealer);
        expect(ledger.channel(one)?.unclaimedSince).toBe(5n);
        await ledger.putChannel(one, config, holding(100n, { claimed: 8n }), 'open');
        expect(ledger.channel(one)?.unclaimedSince).toBe(5n);
        await ledger.putChannel(one, config, holding(100n, { claimed: 9n }), 'open');
        expect(ledger.channel(one)?.unclaimedSince).toBe(0n);
      });

      it('adds work for the settler in the same write', async () => {
        await ledger.admit(transfer(word(10), word(90)));
        const credit = (hash: Hex) => ({ kind: 'credit', key: `credit:${hash}`, payload: '{}' });
        const [row] = await ledger.commit([outcome(word(10), 5n, { outcome: 3, outbox: credit })], sealer);
        expect(ledger.outbox(0, 10).map(({ key }) => key)).toEqual([`exact:${word(90)}`, `credit:${row?.hash}`]);
      });
    });

    describe('expired', () => {
      it('lists reservations whose leases ended, until they are ended (A-040)', async () => {
        await ledger.putChannel(two, config, holding(100n), 'open');
        await ledger.admit(admission(word(10), 8n, 8n, { leaseUntil: 100 }));
        await ledger.admit(admission(word(11), 8n, 8n, { leaseUntil: 200, account: two }));
        const ids = (now: number) => ledger.expired(now).map(({ id }) => id);
        expect(ids(99)).toEqual([]);
        expect(ids(100)).toEqual([word(10)]);
        expect(ids(Number.MAX_SAFE_INTEGER).sort()).toEqual([word(10), word(11)]);
        await ledger.commit([outcome(word(10), 0n)], sealer);
        expect(ids(Number.MAX_SAFE_INTEGER)).toEqual([word(11)]);
        expect(ledger.counts()).toEqual({ requests: 2, reserved: 1 });
      });
    });

    describe('putChannel', () => {
      it('refreshes what the chain says and nothing that was authorised or charged', async () => {
        await serve(word(10), 8n, 8n);
        const facts = holding(70n, { claimed: 8n, refundNonce: 3n, withdrawInitiatedAt: 17n });
        await ledger.putChannel(one, config, facts, 'leaving');
        expect(ledger.channel(one)).toMatchObject({ ...facts, state: 'leaving', max: 8n, charged: 8n, config });
        expect(await statusOf(admission(word(11), 9n, 1n))).toBe('leaving');
        await ledger.putChannel(one, config, holding(70n), 'open');
        expect(await statusOf(admission(word(11), 9n, 1n))).toBe('admitted');
      });

      it('never revives a dead channel (A-007, C8)', async () => {
        await ledger.putChannel(one, config, holding(0n, { refundNonce: 1n }), 'dead');
        await ledger.putChannel(one, config, holding(500n), 'open');
        await ledger.putChannel(one, config, holding(500n), 'leaving');
        expect(ledger.channel(one)).toMatchObject({ state: 'dead', balance: 500n });
        expect(await statusOf(admission(word(10), 8n, 8n))).toBe('dead');
        expect(ledger.channels()).toEqual([]);
        expect(ledger.channels({ dead: true })).toHaveLength(1);
      });

      it('knows a channel that was dead when it was met', async () => {
        await ledger.putChannel(two, config, holding(9n), 'dead');
        expect(await statusOf(admission(word(10), 8n, 8n, { account: two }))).toBe('dead');
      });
    });

    describe('leave', () => {
      it('gives a channel up with the row that refunds it (A-007, C8)', async () => {
        await serve(word(10), 8n, 8n);
        expect(await ledger.leave(one, 8n, refundRow, 1)).toBe(true);
        expect(ledger.outbox(0, 10)).toEqual([{ id: 1, ...refundRow }]);
        expect(await statusOf(admission(word(11), 9n, 1n))).toBe('dead');
        await ledger.putChannel(one, config, holding(100n), 'open');
        expect(await statusOf(admission(word(11), 9n, 1n))).toBe('dead');
      });

      it('is refused while a request runs and after another charge, and changes nothing then', async () => {
        await ledger.admit(admission(word(10), 8n, 8n));
        expect(await ledger.leave(one, 0n, refundRow, 1)).toBe(false);
        await ledger.commit([outcome(word(10), 8n)], sealer);
        expect(await ledger.leave(one, 0n, refundRow, 1)).toBe(false);
        expect(await ledger.leave(two, 0n, refundRow, 1)).toBe(false);
        expect(ledger.outbox(0, 10)).toEqual([]);
        expect(await statusOf(admission(word(11), 9n, 1n))).toBe('admitted');
      });
    });

    describe('outbox', () => {
      it('keeps the order of arrival, and the first of two rows with one key', async () => {
        const row = (key: string, payload = '{}') => ({ kind: 'exact', key, payload });
        await Promise.all(['a', 'b', 'c'].map((key) => ledger.enqueue(row(key), 1)));
        await ledger.enqueue(row('b', '{"other":1}'), 2);
        await ledger.enqueue(row('d'), 3);
        const rows = ledger.outbox(0, 10);
        expect(rows.map(({ key, payload }) => [key, payload])).toEqual([
          ['a', '{}'],
          ['b', '{}'],
          ['c', '{}'],
          ['d', '{}'],
        ]);
        const [, second, third] = rows;
        expect(ledger.outbox(second?.id ?? 0, 1)).toEqual([third]);
      });
    });

    it('has after reopening everything that it acknowledged (X14)', async () => {
      await serve(word(10), 8n, 8n);
      await ledger.admit(admission(word(11), 9n, 1n));
      await ledger.enqueue(refundRow, 1);
      const state = (of: Ledger.Ledger) => ({
        channels: of.channels({ dead: true }),
        requests: [of.request(word(10)), of.request(word(11))],
        receipts: of.receipts(0, 10),
        outbox: of.outbox(0, 10),
        counts: of.counts(),
        size: of.logSize(),
      });
      const before = state(ledger);
      await ledger.close();
      const reopened = await opened.another();
      expect(state(reopened)).toEqual(before);
      await expect(reopened.admit(admission(word(11), 9n, 1n))).resolves.toMatchObject({ status: 'running' });
      expect(() => ledger.counts()).toThrow();
    });

    describeOrders(open);
  });
}

const step = fc.record({
  kind: fc.constantFrom('pay', 'pay', 'pay', 'pay', 'end', 'end', 'end', 'fund', 'leave'),
  channel: fc.integer({ min: 0, max: 1 }),
  /** Multiple of the price that the voucher is for. */
  units: fc.integer({ min: 1, max: 6 }),
  share: fc.integer({ min: 0, max: 2 }),
});

/** Orders of vouchers, outcomes and deposits on two channels of one payer. */
function describeOrders(open: () => Promise<Opened>): void {
  const price = 4n;
  it('serves each unit once in any order of vouchers and outcomes, and credits no other channel (A-032, A-033)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { ledger, remove } = await open();
        const balances = [20n, 12n];
        const model = createLedgerModel(balances);
        const running = new Map<Hex, Ledger.Admission>();
        const prices = new Map<Hex, bigint>();
        for (const [i, balance] of balances.entries())
          await ledger.putChannel(word(i + 1), config, holding(balance), 'open');
        const writes: Promise<void>[] = [];
        for (const [i, { kind, channel, units, share }] of steps.entries()) {
          const id = word(channel + 1);
          const request = admission(word(100 + i), BigInt(units) * price, price, { account: id });
          // What was decided before is not waited for: writes are taken in the order in which they were asked for.
          if (kind === 'pay') {
            const expected = model.admits(request);
            if (expected) running.set(id, request);
            const said = ledger.admit(request);
            writes.push(said.then(({ status }) => expect(status === 'admitted', `step ${i}`).toBe(expected)));
          }
          const runs = running.get(id);
          if (kind === 'end' && runs) {
            const charged = (price * BigInt(share)) / 2n;
            model.ends(runs, charged);
            running.delete(id);
            prices.set(id, (prices.get(id) ?? 0n) + charged);
            writes.push(ledger.commit([outcome(runs.requestId, charged)], sealer).then(() => undefined));
          }
          if (kind === 'fund') {
            const known = model.channels.get(id) as { balance: bigint };
            known.balance += price;
            writes.push(ledger.putChannel(id, config, holding(known.balance), 'open'));
          }
          if (kind === 'leave' && units === 1) {
            const row = { ...refundRow, key: `refund:${id}` };
            const expected = model.leaves(id);
            const said = ledger.leave(id, prices.get(id) ?? 0n, row, 1);
            writes.push(said.then((left) => expect(left, `step ${i}`).toBe(expected)));
          }
        }
        await Promise.all(writes);
        for (const [id, { balance, charged, max, open }] of model.channels) {
          const row = ledger.channel(id);
          expect(row).toMatchObject({ balance, charged, max, state: open ? 'open' : 'dead' });
          expect(charged).toBe(prices.get(id) ?? 0n);
          expect(charged <= max && max <= balance).toBe(true);
        }
        expect(ledger.counts().reserved).toBe(running.size);
        await remove();
      }),
      { numRuns: 60 },
    );
  });
}
