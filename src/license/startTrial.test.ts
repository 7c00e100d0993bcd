import type { LocalAccount } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { offerLicence } from '../../test/support/offerLicence.ts';
import { type Market, startMarket } from '../../test/support/startMarket.ts';
import { licensesAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';
import * as AllowList from './AllowList.ts';
import { buyLicence } from './buyLicence.ts';
import { readLicence } from './readLicence.ts';
import { startTrial } from './startTrial.ts';
import * as Terms from './Terms.ts';

let market: Market;
let seller: Client<LocalAccount>;
const price = 50_000n;

beforeAll(async () => {
  market = await startMarket();
  seller = await market.person();
});
afterAll(() => market?.stop());

describe('startTrial', () => {
  test('gives the time and the quota of the trial for nothing, once', async () => {
    const terms = await offerLicence(market, seller, { trial: 100, quota: 5n, seats: 2 });
    const { addresses } = market;
    const holder = await market.person();
    const first = await startTrial(holder, { addresses, terms });
    expect(first.licence).toMatchObject({ valid: true, quotaGranted: 5n, quotaSettled: 0n, seats: 2 });
    expect(first.licence.end - first.licence.start).toBe(100);
    expect(await startTrial(holder, { addresses, terms })).toEqual({ termsId: first.termsId, licence: first.licence });
    await market.wait(101);
    await expect(startTrial(holder, { addresses, terms })).rejects.toMatchObject({ errorName: 'Licenses_NoTrial' });
  });

  test('A-060 is refused to who has bought before', async () => {
    const terms = await offerLicence(market, seller, { trial: 100 });
    const { addresses } = market;
    const holder = await market.person(price);
    await buyLicence(holder, { addresses, terms, maxPrice: price });
    await market.wait(1_001);
    await expect(startTrial(holder, { addresses, terms })).rejects.toMatchObject({ errorName: 'Licenses_NoTrial' });
  });
});

describe('a list of admitted accounts', () => {
  test.each(['authorization', 'permit', 'allowance'] as const)(
    'lets who is on it buy by %s and try, and nobody else, whatever is shown',
    async (by) => {
      const { addresses } = market;
      const [friend, stranger] = [await market.person(price), await market.person(price)];
      const list = [seller.account.address, friend.account.address, addresses.vaults];
      const checked = { checker: addresses.allowList, policyRoot: AllowList.root(list), trial: 100 };
      const terms = await offerLicence(market, seller, checked);
      const shown = AllowList.show(list, friend.account.address);
      const query = { addresses, terms, maxPrice: price, by } as const;
      const refused = { errorName: 'Licenses_NotAdmitted' };
      await expect(buyLicence(stranger, { ...query, shown })).rejects.toMatchObject(refused);
      await expect(startTrial(stranger, { ...query, shown })).rejects.toMatchObject(refused);
      await expect(buyLicence(friend, query)).rejects.toMatchObject(refused);
      expect((await startTrial(friend, { ...query, shown })).licence.valid).toBe(true);
      expect((await buyLicence(friend, { ...query, shown, renew: true })).licence.valid).toBe(true);
      expect(await market.balanceOf(friend.account.address)).toBe(0n);
    },
  );
});

describe('a notice period', () => {
  test('lets anybody renew a licence that runs after the offer was closed, and sells no new one', async () => {
    const { addresses } = market;
    const terms = await offerLicence(market, seller, { period: 1_000, noticePeriod: 1_000 });
    const [holder, payer] = [await market.person(price), await market.person(3n * price)];
    await buyLicence(holder, { addresses, terms, maxPrice: price });
    await send(seller, { address: addresses.licenses, abi: licensesAbi, functionName: 'close', args: [terms] });
    const forHolder = { addresses, terms, maxPrice: price, renew: true, holder: holder.account.address };
    const renewed = await buyLicence(payer, forHolder);
    expect(renewed.licence.end - renewed.licence.start).toBe(2_000);
    expect(await market.balanceOf(payer.account.address)).toBe(2n * price);
    const refused = { errorName: 'Licenses_NotOffered' };
    await expect(buyLicence(payer, { addresses, terms, maxPrice: price })).rejects.toMatchObject(refused);
    await expect(buyLicence(payer, forHolder)).rejects.toMatchObject(refused);
    const query = { addresses, termsId: Terms.idOf(addresses, terms), holder: payer.account.address };
    expect((await readLicence(payer, query)).valid).toBe(false);
  });
});

describe('a limit of licences', () => {
  test('L3 sells as many as it says, and renews each', async () => {
    const { addresses } = market;
    const terms = await offerLicence(market, seller, { maxSupply: 1 });
    const [first, second] = [await market.person(2n * price), await market.person(price)];
    await buyLicence(first, { addresses, terms, maxPrice: price });
    await expect(buyLicence(second, { addresses, terms, maxPrice: price })).rejects.toMatchObject({
      errorName: 'Licenses_SoldOut',
    });
    expect((await buyLicence(first, { addresses, terms, maxPrice: price, renew: true })).paid).toBe(price);
  });
});
