import type { Address, LocalAccount } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { offerLicence } from '../../test/support/offerLicence.ts';
import { type Market, startMarket } from '../../test/support/startMarket.ts';
import { resalesAbi, vaultsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';
import * as Eip712 from '../internal/Eip712.ts';
import { buyLicence, TooExpensiveError } from './buyLicence.ts';
import { buyResellable } from './buyResellable.ts';
import { buySale } from './buySale.ts';
import { readToken } from './readToken.ts';
import { reviveToken } from './reviveToken.ts';
import { NotSellableError, signSale } from './signSale.ts';
import type * as Terms from './Terms.ts';

let market: Market;
let seller: Client<LocalAccount>;
let owner: Client<LocalAccount>;
let buyer: Client<LocalAccount>;
let terms: Terms.Terms;
let payout: Address;
const price = 50_000n;
const validUntil = 2 ** 40 - 2;

beforeAll(async () => {
  market = await startMarket();
  seller = await market.person();
  terms = await offerLicence(market, seller, {
    rights: ['infer', 'resell'],
    resaleRoyaltyBps: 1_000,
    maxResales: 2,
    period: 10_000,
  });
  payout = await seller.readContract({
    ...({ address: market.addresses.vaults, abi: vaultsAbi, functionName: 'payoutOf' } as const),
    args: [terms.asset],
  });
});
afterAll(() => market?.stop());
beforeEach(async () => {
  [owner, buyer] = [await market.person(price), await market.person(500_000n)];
});

const own = () => buyResellable(owner, { ...market, terms, maxPrice: price });
const sign = (tokenId: bigint, asked = 100_000n, as = owner) =>
  signSale(as, { ...market, tokenId, price: asked, validUntil });
const read = (tokenId: bigint) => readToken(buyer, { ...market, tokenId });

/** Gives a token away as any marketplace could. */
async function transfer(from: Client<LocalAccount>, to: Client<LocalAccount>, tokenId: bigint): Promise<void> {
  const args = [from.account.address, to.account.address, tokenId] as const;
  await send(from, { address: market.addresses.resales, abi: resalesAbi, functionName: 'transferFrom', args });
}

describe('buyResellable', () => {
  test('pays the asset once, and gives a token whose licence is valid', async () => {
    const before = await market.balanceOf(payout);
    const { token, paid } = await own();
    expect(paid).toBe(price);
    expect((await market.balanceOf(payout)) - before).toBe(price);
    expect(token).toMatchObject({ owner: owner.account.address, isInert: false, resales: 0, royalty: 5_000n });
    expect(token.licence.valid).toBe(true);
    const resales = { address: market.addresses.resales, abi: resalesAbi } as const;
    const { tokenId } = token;
    expect(await buyer.readContract({ ...resales, functionName: 'holderOf', args: [tokenId] })).toMatch(
      new RegExp(token.holder, 'i'),
    );
    expect(await own()).toMatchObject({ paid: 0n, token: { tokenId } });
  });

  test('buys anew once the token is sold on, and as many as there are salts', async () => {
    const { token } = await own();
    const signed = await sign(token.tokenId);
    await buySale(buyer, { ...market, signed, maxPrice: 100_000n });
    const again = await own();
    expect(again).toMatchObject({ paid: price, token: { owner: owner.account.address } });
    expect(again.token.tokenId).not.toBe(token.tokenId);
    const salt = Eip712.word(5);
    const more = () => buyResellable(buyer, { ...market, terms, maxPrice: price, salt });
    const bought = await more();
    expect(bought.paid).toBe(price);
    expect(await more()).toMatchObject({ paid: 0n, token: { tokenId: bought.token.tokenId } });
  });

  test('is renewed for its holder, by anybody', async () => {
    const { token } = await own();
    await buyLicence(buyer, { ...market, terms, maxPrice: price, holder: token.holder, renew: true });
    const renewed = await read(token.tokenId);
    expect((renewed?.licence.end ?? 0) - token.licence.end).toBe(10_000);
  });

  test('is refused under terms that are not to be sold on', async () => {
    const fixed = await offerLicence(market, seller, {});
    await expect(buyResellable(owner, { ...market, terms: fixed, maxPrice: price })).rejects.toMatchObject({
      errorName: 'Resales_NotResellable',
    });
    expect(await market.balanceOf(owner.account.address)).toBe(price);
  });
});

describe('a sale', () => {
  test('pays the royalty to the asset and the rest to the owner, once', async () => {
    const { token } = await own();
    const signed = await sign(token.tokenId);
    const before = await market.balanceOf(payout);
    const cheap = { ...market, signed, maxPrice: 99_999n };
    await expect(buySale(buyer, cheap)).rejects.toThrow(TooExpensiveError);
    const sold = await buySale(buyer, { ...cheap, maxPrice: 100_000n });
    expect(sold).toMatchObject({ paid: 100_000n, token: { owner: buyer.account.address, resales: 1, isInert: false } });
    expect((await market.balanceOf(payout)) - before).toBe(10_000n);
    expect(await market.balanceOf(owner.account.address)).toBe(90_000n);
    expect(await buySale(buyer, cheap)).toMatchObject({ paid: 0n });
  });

  test('A-054 of another price, or of a token that has moved, is refused', async () => {
    const { token } = await own();
    const { sale, signature } = await sign(token.tokenId);
    const changed = { sale: { ...sale, price: 50_000n }, signature };
    await expect(buySale(buyer, { ...market, signed: changed, maxPrice: price })).rejects.toMatchObject({
      errorName: 'Resales_InvalidSignature',
    });
    await send(owner, {
      ...({ address: market.addresses.resales, abi: resalesAbi, functionName: 'cancel' } as const),
      args: [token.tokenId],
    });
    const stale = { ...market, signed: { sale, signature }, maxPrice: 100_000n };
    await expect(buySale(buyer, stale)).rejects.toMatchObject({ errorName: 'Resales_WrongNonce' });
  });

  test('is signed neither by a stranger, nor below the royalty, nor once too often', async () => {
    const { token } = await own();
    await expect(sign(token.tokenId, 100_000n, buyer)).rejects.toThrow(NotSellableError);
    await expect(sign(token.tokenId, 4_999n)).rejects.toThrow('the royalty alone is $0.005');
    const third = await market.person(500_000n);
    await buySale(buyer, { ...market, signed: await sign(token.tokenId), maxPrice: 100_000n });
    await buySale(third, { ...market, signed: await sign(token.tokenId, 50_000n, buyer), maxPrice: 50_000n });
    await expect(sign(token.tokenId, 50_000n, third)).rejects.toThrow('as often as it may');
  });
});

describe('a transfer outside of a sale', () => {
  test('makes the licence inert until the royalty of a period is paid', async () => {
    const { token } = await own();
    const { tokenId } = token;
    await transfer(owner, buyer, tokenId);
    expect(await read(tokenId)).toMatchObject({ owner: buyer.account.address, isInert: true });
    await expect(sign(tokenId, 100_000n, buyer)).rejects.toThrow('its royalty is not paid');
    await expect(reviveToken(buyer, { ...market, tokenId, maxPrice: 4_999n })).rejects.toThrow(TooExpensiveError);
    const before = await market.balanceOf(payout);
    expect(await reviveToken(buyer, { ...market, tokenId, maxPrice: price })).toMatchObject({ paid: 5_000n });
    expect((await market.balanceOf(payout)) - before).toBe(5_000n);
    expect(await read(tokenId)).toMatchObject({ isInert: false, resales: 1 });
    expect(await reviveToken(buyer, { ...market, tokenId, maxPrice: price })).toEqual({ paid: 0n });
  });

  test('a token that nobody bought is none', async () => {
    expect(await read(7n)).toBeUndefined();
  });
});
