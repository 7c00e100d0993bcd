import type { LocalAccount } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { offerLicence } from '../../test/support/offerLicence.ts';
import { type Market, startMarket } from '../../test/support/startMarket.ts';
import { vaultsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { buyLicence } from './buyLicence.ts';
import { leaveLicence, NotRefundableError, planLeave } from './leaveLicence.ts';
import { readEscrow } from './readEscrow.ts';
import { readLicence } from './readLicence.ts';
import { releaseEscrow } from './releaseEscrow.ts';
import { settleUsage } from './settleUsage.ts';
import * as Terms from './Terms.ts';
import * as Usage from './Usage.ts';

let market: Market;
let seller: Client<LocalAccount>;
let holder: Client<LocalAccount>;
const price = 50_000n;
const day = 86_400;
const proRata = { refundPolicy: 2, period: 10 * day } as const;

beforeAll(async () => {
  market = await startMarket();
  seller = await market.person();
});
afterAll(() => market?.stop());
beforeEach(async () => {
  holder = await market.person(3n * price);
});

async function buy(options: Parameters<typeof offerLicence>[2]): Promise<Terms.Terms> {
  const terms = await offerLicence(market, seller, options);
  await buyLicence(holder, { ...market, terms, maxPrice: price });
  return terms;
}

const wallet = () => market.balanceOf(holder.account.address);
const earned = async (terms: Terms.Terms) => {
  const vaults = { address: market.addresses.vaults, abi: vaultsAbi } as const;
  const { asset } = terms;
  return market.balanceOf(await seller.readContract({ ...vaults, functionName: 'payoutOf', args: [asset] }));
};
const escrow = (terms: Terms.Terms) => readEscrow(holder, { ...market, terms, holder: holder.account.address });

describe('a whole refund within a window', () => {
  const full = { refundPolicy: 1, refundWindow: 500 } as const;

  test('R2 comes back within it, and is said before anything is sent', async () => {
    const terms = await buy(full);
    expect(await escrow(terms)).toEqual({ held: price, refund: price, final: 0n });
    const sent = await holder.getTransactionCount({ address: holder.account.address });
    expect(await planLeave(holder, { ...market, terms })).toEqual({ kind: 'leave', refund: price });
    expect(await holder.getTransactionCount({ address: holder.account.address })).toBe(sent);
    expect(await leaveLicence(holder, { ...market, terms })).toMatchObject({ kind: 'leave', refund: price });
    expect(await wallet()).toBe(3n * price);
    const query = { ...market, termsId: Terms.idOf(market.addresses, terms), holder: holder.account.address };
    expect(await readLicence(holder, query)).toMatchObject({ valid: false, seats: 0 });
    await expect(leaveLicence(holder, { ...market, terms })).rejects.toThrow(NotRefundableError);
  });

  test('does not come back after it, and becomes the money of the seller', async () => {
    const terms = await buy({ ...full, maxSupply: 7 });
    await market.wait(501);
    await expect(leaveLicence(holder, { ...market, terms })).rejects.toThrow(NotRefundableError);
    const before = await earned(terms);
    const anybody = await market.person();
    const release = { ...market, terms, holder: holder.account.address };
    expect(await releaseEscrow(anybody, release)).toMatchObject({ amount: price });
    expect((await earned(terms)) - before).toBe(price);
    expect(await releaseEscrow(anybody, release)).toEqual({ amount: 0n });
  });
});

describe('a refund of what is unused', () => {
  test('R2 is the share of the time, less the penalty, and the rest is released', async () => {
    const terms = await buy({ ...proRata, refundPenaltyBps: 1_000 });
    await market.wait(4 * day);
    const { refund } = await planLeave(holder, { ...market, terms });
    // Six days of ten, less a tenth, and some seconds.
    expect(refund).toBeGreaterThan(26_990n);
    expect(refund).toBeLessThanOrEqual(27_000n);
    const left = await leaveLicence(holder, { ...market, terms });
    expect(left.refund).toBeGreaterThan(26_990n);
    expect(await wallet()).toBe(2n * price + left.refund);
    const before = await earned(terms);
    await releaseEscrow(seller, { ...market, terms, holder: holder.account.address });
    expect((await earned(terms)) - before).toBe(price - left.refund);
  });

  test('goes to the account that the holder names', async () => {
    const terms = await buy(proRata);
    const friend = await market.person();
    const { refund } = await leaveLicence(holder, { ...market, terms, to: friend.account.address });
    expect(await market.balanceOf(friend.account.address)).toBe(refund);
  });

  test('is refused under terms without one', async () => {
    const terms = await buy({});
    await expect(planLeave(holder, { ...market, terms })).rejects.toThrow(NotRefundableError);
  });
});

describe('leaving a quota', () => {
  const metered = { ...proRata, quota: 10n } as const;

  async function state(terms: Terms.Terms, used: bigint, last: boolean) {
    const termsId = Terms.idOf(market.addresses, terms);
    const { start } = await readLicence(holder, { ...market, termsId, holder: holder.account.address });
    const usage = { holder: holder.account.address, start, used, last };
    const data = Usage.typedData(market.addresses, termsId, usage);
    const [holderSignature, sellerSignature] = [
      await holder.account.signTypedData(data),
      await seller.account.signTypedData(data),
    ];
    return { usage, holderSignature, seller: seller.account.address, sellerSignature };
  }

  test('is announced first, ends the licence at once and pays three days later', async () => {
    const terms = await buy(metered);
    const announced = await leaveLicence(holder, { ...market, terms });
    expect(announced.kind).toBe('announce');
    const query = { ...market, termsId: Terms.idOf(market.addresses, terms), holder: holder.account.address };
    expect((await readLicence(holder, query)).valid).toBe(false);
    const waiting = await leaveLicence(holder, { ...market, terms });
    expect({ kind: waiting.kind, hash: waiting.hash }).toEqual({ kind: 'wait', hash: undefined });
    expect(await wallet()).toBe(2n * price);
    await market.wait(3 * day);
    const left = await leaveLicence(holder, { ...market, terms });
    // Counted from the announcement, not from three days later.
    expect(left.refund).toBe(waiting.refund);
    expect(left.refund).toBeGreaterThan(49_990n);
    expect(await wallet()).toBe(2n * price + left.refund);
  });

  test('L2 A-060 is at once with a last statement of the seller once it is announced, and pays the unused calls', async () => {
    const terms = await buy({ ...metered, seats: 3 });
    const statement = await state(terms, 4n, true);
    expect(await leaveLicence(holder, { ...market, terms, statement })).toMatchObject({ kind: 'announce' });
    expect(await planLeave(holder, { ...market, terms, statement })).toEqual({ kind: 'leave', refund: 30_000n });
    await leaveLicence(holder, { ...market, terms, statement });
    expect(await wallet()).toBe(2n * price + 30_000n);
    const other = await buy({ ...metered, seats: 4 });
    const notLast = await state(other, 1n, false);
    await leaveLicence(holder, { ...market, terms: other });
    await expect(leaveLicence(holder, { ...market, terms: other, statement: notLast })).rejects.toMatchObject({
      errorName: 'Licenses_NotLast',
    });
  });

  test('L2 a statement is settled once, never back, and only when both have signed it', async () => {
    const terms = await buy({ ...metered, seats: 5 });
    const anybody = await market.person();
    const query = { ...market, terms };
    const statement = await state(terms, 6n, false);
    const forged = {
      ...statement,
      holderSignature: statement.sellerSignature.replace(/^0x../, '0x11') as `0x${string}`,
    };
    await expect(settleUsage(anybody, { ...query, ...forged })).rejects.toMatchObject({
      errorName: 'Licenses_InvalidSignature',
    });
    expect((await settleUsage(anybody, { ...query, ...statement })).hash).toBeDefined();
    expect(await settleUsage(anybody, { ...query, ...statement })).toEqual({});
    await expect(settleUsage(anybody, { ...query, ...(await state(terms, 5n, false)) })).rejects.toMatchObject({
      errorName: 'Licenses_UsageDecreased',
    });
    const read = { ...market, termsId: Terms.idOf(market.addresses, terms), holder: holder.account.address };
    expect(await readLicence(holder, read)).toMatchObject({ quotaGranted: 10n, quotaSettled: 6n });
    // A holder that hides its use announces: what it signed counts all the same.
    await leaveLicence(holder, query);
    expect((await planLeave(holder, query)).refund).toBe(20_000n);
  });

  test('R2 once announced is finished also when the seller settles everything meanwhile', async () => {
    const terms = await buy({ ...metered, seats: 6 });
    const query = { ...market, terms };
    await leaveLicence(holder, query);
    await settleUsage(await market.person(), { ...query, ...(await state(terms, 10n, false)) });
    expect(await planLeave(holder, query)).toMatchObject({ kind: 'wait', refund: 0n });
    await market.wait(3 * day);
    expect(await leaveLicence(holder, query)).toMatchObject({ kind: 'leave', refund: 0n });
    await expect(planLeave(holder, query)).rejects.toThrow(NotRefundableError);
  });
});
