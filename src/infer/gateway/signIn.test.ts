import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { Address, Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBuyer, receiptCheck } from '../../../test/actors/createBuyer.ts';
import { openNgram } from '../../../test/actors/ngram.ts';
import { holdLicence, monthly, offer, publishNgram, tokenPrices } from '../../../test/actors/publishNgram.ts';
import { startProxy } from '../../../test/actors/startProxy.ts';
import { type Seller, startSeller } from '../../../test/actors/startSeller.ts';
import { type People, startWorld, type World } from '../../../test/actors/startWorld.ts';
import { authorizersAbi, resalesAbi, testDollarAbi } from '../../chain/abi/index.ts';
import { send } from '../../chain/send.ts';
import { buyResellable } from '../../license/buyResellable.ts';
import { buySale } from '../../license/buySale.ts';
import { leaveLicence } from '../../license/leaveLicence.ts';
import * as Prices from '../../license/Prices.ts';
import * as Right from '../../license/Right.ts';
import { readLicence } from '../../license/readLicence.ts';
import { reviveToken } from '../../license/reviveToken.ts';
import { settleUsage } from '../../license/settleUsage.ts';
import { signSale } from '../../license/signSale.ts';
import * as Terms from '../../license/Terms.ts';
import * as Usage from '../../license/Usage.ts';
import * as Challenge from '../Challenge.ts';
import { callModel } from '../callModel.ts';
import type { Listing } from '../Listing.ts';
import { signIn } from '../signIn.ts';
import type { Gateway } from './startGateway.ts';

let world: World;
let seller: Seller;
let gateway: Gateway;
const free = Prices.from({});
const sold = {} as Record<'month' | 'second' | 'team' | 'capped' | 'metered' | 'refundable' | 'resold', Terms.Terms>;

beforeAll(async () => {
  world = await startWorld();
  const { terms, listings } = await publishNgram(world);
  const month = { ...terms, ...monthly, pricesHash: Prices.hash(free) };
  Object.assign(sold, {
    month,
    second: { ...month, period: 1_000 },
    team: { ...month, seats: 2 },
    refundable: { ...month, refundPolicy: 2 },
    resold: { ...month, rights: Right.setOf(['infer', 'resell']), resaleRoyaltyBps: 1_000, quota: 1_000n },
    capped: { ...month, quota: 2n },
    metered: { ...month, quota: 2n, overageBps: 5_000, pricesHash: Prices.hash(tokenPrices) },
  });
  for (const [model, terms] of Object.entries(sold))
    await offer(world, terms, model === 'metered' ? tokenPrices : free);
  const chat = listings[0] as Listing;
  const under = (model: keyof typeof sold, prices: Prices.Prices): Listing => {
    return { ...chat, model, terms: sold[model], termsId: Terms.idOf(world.addresses, sold[model]), prices };
  };
  seller = await startSeller(world, [
    chat,
    under('team', free),
    under('capped', free),
    {
      ...under('capped', free),
      model: 'broken',
      engine: openNgram('chat', () => Promise.reject(new TypeError('broken'))),
    },
    under('metered', tokenPrices),
    under('month', free),
  ]);
  gateway = seller.gateway;
});
afterAll(async () => {
  await gateway.stop();
  await seller.settler.stop();
  await world.stop();
});

const input = { messages: [{ role: 'user', content: 'Agorai is a decentralized' }], max_tokens: 6 };
const route = '/v1/chat/completions';

function enter(termsId: Hex, options: { as?: keyof People; holder?: Address; seat?: number; tokenId?: bigint } = {}) {
  const { as = 'buyer', ...rest } = options;
  const { chainId } = world.addresses;
  return signIn({ gateway: gateway.url, wallet: world.people[as], termsId, chainId, ...rest });
}

/** Calls with a token and without money. */
async function ask(token: string, model = 'ngram') {
  const response = await fetch(`${gateway.url}${route}`, {
    method: 'POST',
    body: JSON.stringify({ model, ...input }),
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: response.status, body: (await response.json()) as { code?: string } };
}

async function challengeFor(holder: Address, termsId: Hex, url = gateway.url): Promise<string> {
  const body = JSON.stringify({ holder, terms: termsId });
  return ((await (await fetch(`${url}/v1/signin`, { method: 'POST', body })).json()) as { message: string }).message;
}

async function answer(message: string, signature: Hex, url = gateway.url) {
  const body = JSON.stringify({ message, signature });
  const response = await fetch(`${url}/v1/signin`, { method: 'POST', body });
  return { status: response.status, ...((await response.json()) as { code?: string; token?: string }) };
}

describe('signing in', () => {
  it('gives a token for an hour at most, which calls what the licence covers and is of no use elsewhere', async () => {
    const termsId = await holdLicence(world, sold.month, world.people.buyer.address);
    const signedIn = await enter(termsId);
    expect(signedIn).toMatchObject({ terms: termsId, holder: world.people.buyer.address, seat: 1 });
    expect(signedIn.audience).toBe(gateway.url);
    expect(signedIn.expiresAt).toBeLessThanOrEqual(Date.now() + 3_600_000);
    expect((await ask(signedIn.token)).status).toBe(200);
    const call = { payer: createBuyer(world), gateway: gateway.url, route, token: signedIn.token };
    const answered = await callModel({ ...call, input: { model: 'ngram', ...input }, check: receiptCheck(world) });
    expect(answered.receipt).toMatchObject({ rail: 3, price: 0n, outputUnits: 6n });
    expect(answered.receipt.account).toBe(Terms.licenceIdOf(termsId, world.people.buyer.address));
  });

  it('is refused to who holds no licence', async () => {
    const termsId = Terms.idOf(world.addresses, sold.month);
    await expect(enter(termsId, { as: 'stranger' })).rejects.toMatchObject({ status: 403, code: 'licence.required' });
  });

  it('is refused for terms of nothing that is served here', async () => {
    await expect(enter(`0x${'ab'.repeat(32)}`)).rejects.toMatchObject({ status: 404, code: 'licence.unknown' });
  });

  it('accepts the signature of whoever a contract that holds the licence accepts (ERC-1271)', async () => {
    const { addresses, people, client } = world;
    const registry = { address: addresses.authorizers, abi: authorizersAbi } as const;
    await send(await world.connect('seller'), {
      ...registry,
      functionName: 'deploy',
      args: [people.seller.address],
    });
    const wallet = await client.readContract({ ...registry, functionName: 'addressOf', args: [people.seller.address] });
    const termsId = await holdLicence(world, sold.month, wallet);
    const { token } = await enter(termsId, { as: 'settler', holder: wallet });
    expect((await ask(token)).status).toBe(200);
    await expect(enter(termsId, { as: 'stranger', holder: wallet })).rejects.toMatchObject({ code: 'signin.refused' });
  });

  it('A-025 takes a challenge once', async () => {
    const { buyer } = world.people;
    const message = await challengeFor(buyer.address, Terms.idOf(world.addresses, sold.month));
    const signature = await buyer.signMessage({ message });
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => answer(message, signature)));
    expect([first, ...others].filter(({ status } = { status: 0 }) => status === 200)).toHaveLength(1);
    expect(await answer(message, signature)).toMatchObject({ status: 401, code: 'signin.refused' });
  });

  it('A-025 takes no challenge of another gateway, and none that was changed in any place, signed as it may be', async () => {
    const { buyer } = world.people;
    const termsId = Terms.idOf(world.addresses, sold.month);
    const other = await seller.openGateway({ ledgerFile: `${world.home}/other.db`, listings: seller.listings });
    const foreign = await challengeFor(buyer.address, termsId, other.url);
    expect(await answer(foreign, await buyer.signMessage({ message: foreign }))).toMatchObject({ status: 401 });
    await other.stop();
    const message = await challengeFor(buyer.address, termsId);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(message.length - 1),
        fc.constantFrom('0', '1', 'a', 'F', ' ', '-', '\n'),
        async (at, letter) => {
          const changed = `${message.slice(0, at)}${letter}${message.slice(at + 1)}`;
          if (changed === message) return;
          const { status } = await answer(changed, await buyer.signMessage({ message: changed }));
          expect(status).toBe(401);
        },
      ),
      { numRuns: 60 },
    );
    expect(await answer(message, await buyer.signMessage({ message: `${message} ` }))).toMatchObject({ status: 401 });
    expect((await answer(message, await buyer.signMessage({ message }))).status).toBe(200);
  });

  it('A-025 takes no challenge and no token of another origin of the same seller, though books and keys are the same', async () => {
    const { buyer } = world.people;
    const termsId = await holdLicence(world, sold.month, buyer.address);
    const { token } = await enter(termsId);
    const foreign = await challengeFor(buyer.address, termsId);
    const signature = await buyer.signMessage({ message: foreign });
    const port = Number(new URL(gateway.url).port);
    await gateway.stop();
    const moved = await seller.openGateway({ port, origin: 'https://elsewhere.example' });
    expect(await ask(token)).toMatchObject({ status: 401, body: { code: 'signin.invalid' } });
    expect(await answer(foreign, signature)).toMatchObject({ status: 401, code: 'signin.refused' });
    await moved.stop();
    gateway = await seller.openGateway({ port });
    expect((await ask(token)).status).toBe(200);
    expect((await answer(foreign, signature)).status).toBe(200);
  });

  it('A-025 a challenge that another gateway hands out is not signed', async () => {
    const { buyer } = world.people;
    const lured = { ...buyer, signMessage: () => Promise.reject(new TypeError('it was signed')) };
    const termsId = Terms.idOf(world.addresses, sold.month);
    const lying = { gateway: gateway.url.replace('127.0.0.1', 'localhost'), wallet: lured, termsId };
    await expect(signIn({ ...lying, chainId: world.addresses.chainId })).rejects.toMatchObject({
      code: 'signin.foreign',
    });
  });

  it('A-025 takes no challenge that has expired', async () => {
    const late = await seller.openGateway({ ledgerFile: `${world.home}/late.db`, limits: { challengeMs: -1 } });
    const { buyer } = world.people;
    const message = await challengeFor(buyer.address, Terms.idOf(world.addresses, sold.month), late.url);
    expect(Challenge.parse(message)).toBeDefined();
    expect(await answer(message, await buyer.signMessage({ message }), late.url)).toMatchObject({
      status: 401,
      code: 'signin.refused',
    });
    await late.stop();
  });
});

describe('a chain that does not answer for a moment', () => {
  it('hides no offer that is known, and others no longer than it is silent (A-047)', async () => {
    let silent = false;
    const proxy = await startProxy(world.chain.url, () => silent);
    const more = { ledgerFile: `${world.home}/moment.db`, rpcUrl: proxy.url, limits: { watchMs: 3_600_000 } };
    const other = await seller.openGateway({ ...more, listings: seller.listings.slice(0, 1) });
    const { buyer } = world.people;
    const ask = async (terms: Hex) => {
      const body = JSON.stringify({ holder: buyer.address, terms });
      return (await fetch(`${other.url}/v1/signin`, { method: 'POST', body })).status;
    };
    const [known, unknown] = [Terms.idOf(world.addresses, sold.second), `0x${'cd'.repeat(32)}`] as const;
    silent = true;
    expect(await ask(unknown)).toBe(503);
    silent = false;
    expect(await ask(known)).toBe(200);
    await other.stop();
    await proxy.stop();
  });
});

describe('seats', () => {
  it('one is alive at a time; a later sign-in takes its place', async () => {
    const termsId = await holdLicence(world, sold.month, world.people.contributor.address);
    const first = await enter(termsId, { as: 'contributor' });
    const second = await enter(termsId, { as: 'contributor' });
    expect(await ask(first.token)).toMatchObject({ status: 401, body: { code: 'signin.invalid' } });
    expect((await ask(second.token)).status).toBe(200);
    await expect(enter(termsId, { as: 'contributor', seat: 2 })).rejects.toMatchObject({ code: 'licence.seat' });
  });

  it('two of a licence for two are alive at a time, and no third', async () => {
    const termsId = await holdLicence(world, sold.team, world.people.buyer.address);
    const tokens = [await enter(termsId, { seat: 1 }), await enter(termsId, { seat: 2 })];
    for (const { token } of tokens) expect((await ask(token, 'team')).status).toBe(200);
    await expect(enter(termsId, { seat: 3 })).rejects.toMatchObject({ status: 403, code: 'licence.seat' });
  });
});

describe('what a licence covers', () => {
  it('up to its quota, then nothing where the terms sell no more', async () => {
    const termsId = await holdLicence(world, sold.capped, world.people.buyer.address);
    const { token } = await enter(termsId);
    const answers = [];
    for (let call = 0; call < 3; call++) answers.push(await ask(token, 'capped'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 403]);
    expect(answers[2]?.body.code).toBe('licence.quota');
    expect(await ask('nothing', 'capped')).toMatchObject({ status: 401, body: { code: 'signin.required' } });
  });

  it('A-035 not one call more than the quota, however many come at once', async () => {
    const termsId = await holdLicence(world, sold.capped, world.people.evaluator.address);
    const { token } = await enter(termsId, { as: 'evaluator' });
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(token, 'capped')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
  });

  it('beyond its quota, calls at the share of the prices of use that the terms name, on a channel', async () => {
    const termsId = await holdLicence(world, sold.metered, world.people.buyer.address);
    const { token } = await enter(termsId);
    const payer = createBuyer(world);
    const call = (limits: { maxPrice?: bigint } = { maxPrice: 8n }) =>
      callModel({
        payer,
        gateway: gateway.url,
        route,
        token,
        limits,
        input: { model: 'metered', ...input },
        check: receiptCheck(world),
      });
    const rails = [await call(), await call(), await call()].map(({ receipt }) => [receipt.rail, receipt.price]);
    await expect(call({})).rejects.toMatchObject({ status: 402, code: 'payment.required' });
    // Four tokens read and six written cost 16 atoms, of which half is asked.
    expect(rails).toEqual([
      [3, 0n],
      [3, 0n],
      [1, 8n],
    ]);
  });

  it('is the permission only where use has prices: each call is paid, by whoever the holder lets pay', async () => {
    const paid = await ask(
      (await enter(await holdLicence(world, sold.month, world.people.buyer.address))).token,
      'ngram',
    );
    expect(paid.status).toBe(200);
    const response = await fetch(`${gateway.url}${route}`, {
      method: 'POST',
      body: JSON.stringify({ model: 'ngram', ...input }),
    });
    expect(response.status).toBe(402);
  });

  it('L2 calls that both sides settled on chain are used, though this gateway did not count them', async () => {
    const { addresses, client, people, connect } = world;
    const { address: holder } = people.settler;
    const termsId = await holdLicence(world, sold.capped, holder);
    const { start } = await readLicence(client, { addresses, termsId, holder });
    const usage = { holder, start, used: 1n, last: false };
    const data = Usage.typedData(addresses, termsId, usage);
    await settleUsage(await connect('stranger'), {
      ...{ addresses, terms: sold.capped, usage, seller: people.seller.address },
      holderSignature: await people.settler.signTypedData(data),
      sellerSignature: await people.seller.signTypedData(data),
    });
    const { token } = await enter(termsId, { as: 'settler' });
    expect([(await ask(token, 'capped')).status, (await ask(token, 'capped')).status]).toEqual([200, 403]);
  });

  it('counts no call that failed', async () => {
    const holder = world.people.contributor.address;
    const termsId = await holdLicence(world, sold.capped, holder);
    const { token } = await enter(termsId, { as: 'contributor' });
    for (let call = 0; call < 3; call++) expect((await ask(token, 'broken')).status).toBe(502);
    const { start } = await gateway.deps.chain.licence({ termsId, holder });
    expect(gateway.deps.ledger.used(Terms.licenceIdOf(termsId, holder), start)).toBe(0n);
    expect((await ask(token, 'capped')).status).toBe(200);
  });
});

describe('time', () => {
  it('a token outlives a restart of the gateway', async () => {
    const termsId = await holdLicence(world, sold.month, world.people.buyer.address);
    const { token } = await enter(termsId);
    const port = Number(new URL(gateway.url).port);
    await gateway.stop();
    gateway = await seller.openGateway({ port });
    expect((await ask(token)).status).toBe(200);
  });

  it('L1 a licence that ended on chain is refused from the next block on, whatever the token says', async () => {
    const termsId = await holdLicence(world, sold.second, world.people.buyer.address);
    const { token } = await enter(termsId);
    expect((await ask(token)).status).toBe(200);
    await world.passTime(1_001);
    await expect.poll(async () => (await ask(token)).body.code, { timeout: 5_000 }).toBe('licence.required');
  });
});

describe('a licence that is left', () => {
  it('L1 is refused from the next block on', async () => {
    const holder = world.people.evaluator.address;
    const termsId = await holdLicence(world, sold.refundable, holder);
    const { token } = await enter(termsId, { as: 'evaluator' });
    expect((await ask(token)).status).toBe(200);
    const { addresses } = world;
    await leaveLicence(await world.connect('evaluator'), { addresses, terms: sold.refundable });
    await expect.poll(async () => (await ask(token)).body.code, { timeout: 5_000 }).toBe('licence.required');
  });
});

describe('a licence that can be sold on', () => {
  const validUntil = 2 ** 40 - 2;
  const resold = async () => {
    const { addresses } = world;
    const salt = `0x${randomBytes(32).toString('hex')}` as const;
    const buyer = await world.connect('buyer');
    const bought = await buyResellable(buyer, { addresses, terms: sold.resold, maxPrice: 50_000n, salt });
    return { buyer, termsId: bought.token.termsId, tokenId: bought.token.tokenId };
  };

  it('serves the owner of its token until it is sold, then the next with what is left of the quota', async () => {
    const { addresses, people } = world;
    const { buyer, termsId, tokenId } = await resold();
    await expect(enter(termsId, { as: 'contributor', tokenId })).rejects.toMatchObject({ code: 'licence.required' });
    const former = await enter(termsId, { tokenId });
    const { account, start } = await gateway.deps.chain.licence({ termsId, tokenId, holder: people.buyer.address });
    const used = () => gateway.deps.ledger.used(account, start);
    for (let call = 0; call < 3; call++) expect((await ask(former.token)).status).toBe(200);
    const signed = await signSale(buyer, { addresses, tokenId, price: 60_000n, validUntil });
    await send(buyer, {
      ...({ address: addresses.token, abi: testDollarAbi, functionName: 'transfer' } as const),
      args: [people.contributor.address, 60_000n],
    });
    await buySale(await world.connect('contributor'), { addresses, signed, maxPrice: 60_000n });
    await expect.poll(async () => (await ask(former.token)).body.code, { timeout: 5_000 }).toBe('licence.required');
    await expect(enter(termsId, { tokenId })).rejects.toMatchObject({ code: 'licence.required' });
    const { token } = await enter(termsId, { as: 'contributor', tokenId });
    const before = used();
    expect(before).toBeGreaterThanOrEqual(3n);
    expect((await ask(token)).status).toBe(200);
    expect(used()).toBe(before + 1n);
  });

  it('is refused to everybody while the royalty of a transfer is owed', async () => {
    const { addresses, people } = world;
    const { buyer, termsId, tokenId } = await resold();
    await send(buyer, {
      ...({ address: addresses.resales, abi: resalesAbi, functionName: 'transferFrom' } as const),
      args: [people.buyer.address, people.stranger.address, tokenId],
    });
    for (const as of ['buyer', 'stranger'] as const)
      await expect(enter(termsId, { as, tokenId })).rejects.toMatchObject({ status: 403, code: 'licence.required' });
    await reviveToken(buyer, { addresses, tokenId, maxPrice: 5_000n });
    expect((await ask((await enter(termsId, { as: 'stranger', tokenId })).token)).status).toBe(200);
  });

  it('is not that of other terms, nor of a token that nobody bought', async () => {
    const { tokenId } = await resold();
    const month = Terms.idOf(world.addresses, sold.month);
    await expect(enter(month, { tokenId })).rejects.toMatchObject({ code: 'licence.required' });
    const resoldId = Terms.idOf(world.addresses, sold.resold);
    await expect(enter(resoldId, { tokenId: 7n })).rejects.toMatchObject({ code: 'licence.required' });
  });
});

describe('starting', () => {
  it('is refused under terms that do not permit the route', async () => {
    const [chat] = seller.listings as readonly [Listing];
    const listings = [{ ...chat, terms: { ...chat.terms, rights: 4 } }];
    await expect(seller.openGateway({ ledgerFile: `${world.home}/right.db`, listings })).rejects.toMatchObject({
      code: 'licence.right',
    });
  });
});
