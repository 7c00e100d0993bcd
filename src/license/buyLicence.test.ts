import type { LocalAccount } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Market, startMarket } from '../../test/support/startMarket.ts';
import { licensesAbi, testDollarAbi, vaultsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import * as Asset from '../publish/Asset.ts';
import { publishAsset } from '../publish/publishAsset.ts';
import { buyLicence, InsufficientError, TooExpensiveError } from './buyLicence.ts';
import { offerTerms } from './offerTerms.ts';
import * as Prices from './Prices.ts';
import * as Right from './Right.ts';
import { readLicence } from './readLicence.ts';
import { readOffers } from './readOffers.ts';
import { nonceOf } from './signPurchase.ts';
import * as Terms from './Terms.ts';

const prices = Prices.from({ perCall: 200_000_000n, perInputToken: 1n, perByte: 3n });
const price = 50_000n;

let market: Market;
let seller: Client<LocalAccount>;
let asset: bigint;
let terms: Terms.Terms;

beforeAll(async () => {
  market = await startMarket();
});
afterAll(async () => {
  await market.stop();
});

beforeEach(async () => {
  seller = await market.person();
  const { addresses } = market;
  const attached = Terms.from({ ...base(), price, period: 60 });
  const published = await publishAsset(seller, {
    addresses,
    publication: { kind: 'model', manifestRoot: `0x${'7'.repeat(64)}`, salt: Asset.noSalt, uri: 'agorai:none' },
    attachments: [{ module: addresses.licenses, data: Terms.encodeAttachment([{ terms: attached, prices }]) }],
  });
  asset = published.id;
  terms = { ...attached, asset, version: 1 };
});

describe('readOffers', () => {
  test('gives the terms attached to a publication, with the hashes that the contract computes', async () => {
    const [offer, ...others] = await readOffers(seller, { ...market, asset });
    expect(others).toEqual([]);
    expect(offer).toMatchObject({ terms, prices, standing: true, seller: seller.account.address });
    expect(offer?.termsId).toBe(Terms.idOf(market.addresses, terms));
    const licenses = { address: market.addresses.licenses, abi: licensesAbi } as const;
    expect(await seller.readContract({ ...licenses, functionName: 'idOf', args: [terms] })).toBe(offer?.termsId);
  });

  test('computes the hash of terms whose every field is set as the contract does', async () => {
    const word = (digit: string) => `0x${digit.repeat(64)}` as const;
    const full: Terms.Terms = {
      ...terms,
      ...{ duties: 255, noticePeriod: 1, trial: 2, quota: 3n, overageBps: 4, seats: 5, maxSupply: 6 },
      ...{ resaleRoyaltyBps: 7, maxResales: 8, derivativeShareBps: 9, refundPolicy: 10, refundWindow: 11 },
      ...{ refundPenaltyBps: 12, slaId: word('a'), policyRoot: word('b'), textHash: word('c') },
      checker: `0x${'d'.repeat(40)}`,
    };
    const licenses = { address: market.addresses.licenses, abi: licensesAbi } as const;
    const id = await seller.readContract({ ...licenses, functionName: 'idOf', args: [full] });
    expect(Terms.idOf(market.addresses, full)).toBe(id);
    const salt = word('e');
    const args = [id, seller.account.address, salt] as const;
    const nonce = await seller.readContract({ ...licenses, functionName: 'authorizationNonceOf', args });
    expect(nonceOf(id, seller.account.address, salt)).toBe(nonce);
  });
});

describe('offerTerms', () => {
  test('offers once', async () => {
    const next = Terms.from({ ...base(), asset, version: 1, price: 1n, period: 60 });
    const options = { addresses: market.addresses, terms: next, prices };
    expect((await offerTerms(seller, options)).hash).toBeDefined();
    expect((await offerTerms(seller, options)).hash).toBeUndefined();
    expect(await readOffers(seller, { ...market, asset })).toHaveLength(2);
  });
});

describe.each(['authorization', 'permit', 'allowance'] as const)('buyLicence by %s', (by) => {
  test('pays exactly the price to the asset and leaves no allowance', async () => {
    const buyer = await market.person(1_000_000n);
    const { addresses } = market;
    const bought = await buyLicence(buyer, { addresses, terms, maxPrice: price, by });
    expect(bought).toMatchObject({ paid: price, licence: { valid: true, forever: false } });
    expect(bought.licence.end - bought.licence.start).toBe(60);
    const vaults = { address: addresses.vaults, abi: vaultsAbi } as const;
    const payout = await buyer.readContract({ ...vaults, functionName: 'payoutOf', args: [asset] });
    expect(await market.balanceOf(payout)).toBe(price);
    expect(await market.balanceOf(buyer.account.address)).toBe(1_000_000n - price);
    const args = [buyer.account.address, addresses.licenses] as const;
    const token = { address: addresses.token, abi: testDollarAbi } as const;
    expect(await buyer.readContract({ ...token, functionName: 'allowance', args })).toBe(0n);
  });

  test('A-141 pays once when it is started again, and again only to renew', async () => {
    const buyer = await market.person(1_000_000n);
    const options = { addresses: market.addresses, terms, maxPrice: price, by };
    const first = await buyLicence(buyer, options);
    const again = await buyLicence(buyer, options);
    expect(again).toEqual({ termsId: first.termsId, licence: first.licence, paid: 0n });
    const renewed = await buyLicence(buyer, { ...options, renew: true });
    expect(renewed.licence.end - renewed.licence.start).toBe(120);
    expect(await market.balanceOf(buyer.account.address)).toBe(1_000_000n - 2n * price);
  });

  test('A-069 ends exactly when it says and can be bought again', async () => {
    const buyer = await market.person(1_000_000n);
    const options = { addresses: market.addresses, terms, maxPrice: price, by };
    const { termsId } = await buyLicence(buyer, options);
    await market.wait(61);
    const holder = buyer.account.address;
    expect((await readLicence(buyer, { ...market, termsId, holder })).valid).toBe(false);
    expect((await buyLicence(buyer, options)).paid).toBe(price);
  });
});

describe('buyLicence', () => {
  test('A-054 does not pay more than allowed, nor more than there is', async () => {
    const buyer = await market.person(price - 1n);
    const options = { addresses: market.addresses, terms };
    await expect(buyLicence(buyer, { ...options, maxPrice: price - 1n })).rejects.toThrow(TooExpensiveError);
    const poor = await buyLicence(buyer, { ...options, maxPrice: price }).catch((error: unknown) => error);
    expect(poor).toBeInstanceOf(InsufficientError);
    expect(poor).toMatchObject({ code: 'payment.insufficient' });
    expect(await buyer.getTransactionCount({ address: buyer.account.address })).toBe(0);
  });

  test('A-054 refuses terms whose price was changed on the way', async () => {
    const buyer = await market.person(1_000_000n);
    const cheaper = { ...terms, price: 1n };
    await expect(buyLicence(buyer, { ...market, terms: cheaper, maxPrice: price })).rejects.toMatchObject({
      errorName: 'Licenses_NotOffered',
    });
    expect(await market.balanceOf(buyer.account.address)).toBe(1_000_000n);
  });

  test('buys for another holder', async () => {
    const buyer = await market.person(1_000_000n);
    const holder = seller.account.address;
    const { termsId } = await buyLicence(buyer, { ...market, terms, maxPrice: price, holder });
    expect((await readLicence(buyer, { ...market, termsId, holder })).valid).toBe(true);
    const own = await readLicence(buyer, { ...market, termsId, holder: buyer.account.address });
    expect(own).toMatchObject({ start: 0, end: 0, seats: 0, valid: false, forever: false });
  });
});

function base() {
  return { rights: Right.setOf(['infer']), currency: market.addresses.token, prices } as const;
}
