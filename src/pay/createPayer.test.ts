import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hex } from 'viem';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBuyer } from '../../test/actors/createBuyer.ts';
import { digit } from '../../test/actors/createSigner.ts';
import { type Market, startMarket } from '../../test/actors/startMarket.ts';
import * as ChannelStore from './ChannelStore.ts';
import type * as Ledger from './Ledger.ts';
import { openChannelStore } from './openChannelStore.ts';
import type * as Payer from './Payer.ts';
import * as X402 from './X402.ts';

let market: Market;
let ledger: Ledger.Ledger;
let url: string;
const price = 200n;
const policy = { maxPerCall: 1_000n, maxDeposit: 10_000n };
const init = { method: 'POST', body: digit() };

beforeAll(async () => {
  market = await startMarket();
  ({ ledger } = market.gateway.deps);
  url = `${market.gateway.url}/v1/classify`;
});
afterAll(() => market?.stop());

const control = (method: string, ...params: unknown[]) => market.client.request({ method, params } as never);
const paymentOf = (request: RequestInit | undefined) => {
  const header = new Headers(request?.headers).get(X402.headers.signature);
  return header === null ? undefined : X402.parsePayment(header).payload;
};
const accountOf = async ({ setup }: { setup: Payer.Setup }) => {
  const open = (await setup.store.all()).filter(({ closed }) => !closed);
  expect(open).toHaveLength(1);
  return open[0] as ChannelStore.Account;
};
const chargedOf = (id: Hex) => ledger.channel(id)?.charged;

/** A network that carries paid requests to the seller and loses the answers of some. */
function losing(lose: (paid: number) => boolean, onLoss: () => void = () => undefined) {
  let paid = 0;
  const carry: typeof fetch = async (target, request) => {
    const response = await fetch(target, { ...request, signal: null });
    if (!paymentOf(request) || !lose(++paid)) return response;
    await response.arrayBuffer();
    onLoss();
    throw new TypeError('the connection was lost');
  };
  return { fetch: carry, paid: () => paid };
}

describe('an answer that was lost', () => {
  it('is asked for again and paid once, by channel and by exact', async () => {
    const network = losing((paid) => paid % 2 === 1);
    const payer = createBuyer(market, { policy, fetch: network.fetch });
    expect(await payer.fetch(url, init)).toMatchObject({ cost: price, response: { status: 200 } });
    expect(await payer.fetch(url, init)).toMatchObject({ cost: price, response: { status: 200 } });
    expect(network.paid()).toBe(4);
    const account = await accountOf(payer);
    expect(account).toMatchObject({ charged: 2n * price, signed: 2n * price });
    expect(chargedOf(account.channelId)).toBe(2n * price);
    const before = await market.dollarsOf(market.people.buyer.address);
    const exact = await payer.fetch(url, init, { scheme: 'exact' });
    expect(exact).toMatchObject({ cost: price, response: { status: 200 } });
    expect(before - (await market.dollarsOf(market.people.buyer.address))).toBe(price);
  });

  it('for good costs that call, and the next one is paid on the same channel', async () => {
    const leave = new AbortController();
    const network = losing(
      (paid) => paid === 2,
      () => leave.abort(),
    );
    const payer = createBuyer(market, { policy, fetch: network.fetch });
    await payer.fetch(url, init);
    await expect(payer.fetch(url, { ...init, signal: leave.signal })).rejects.toThrow('lost');
    const { channelId } = await accountOf(payer);
    expect(await payer.fetch(url, init)).toMatchObject({ cost: price });
    expect(await accountOf(payer)).toMatchObject({ channelId, charged: 3n * price, signed: 3n * price });
    expect(chargedOf(channelId)).toBe(3n * price);
  });

  it('to a deposit that waits for the chain never leads to a second deposit', async () => {
    let leave = new AbortController();
    let deposits = 0;
    const payer = createBuyer(market, {
      policy,
      fetch: (target, request) => {
        if (paymentOf(request)?.type === 'deposit') {
          deposits++;
          setTimeout(() => leave.abort(), 300);
        }
        return fetch(target, request);
      },
    });
    await control('evm_setAutomine', false);
    for (let call = 0; call < 3; call++) {
      leave = new AbortController();
      await expect(payer.fetch(url, { ...init, signal: leave.signal })).rejects.toThrow();
    }
    expect(deposits).toBe(3);
    await control('evm_setAutomine', true);
    await control('evm_mine');
    expect(await payer.fetch(url, init)).toMatchObject({ cost: price, response: { status: 200 } });
    const { channelId } = await accountOf(payer);
    const rows = ledger
      .outbox(0, 1_000)
      .filter(({ kind, payload }) => kind === 'deposit' && payload.includes(channelId));
    for (const { key } of rows)
      await expect.poll(() => market.gateway.deps.progress.progressOf(key)?.state).toBe('confirmed');
    expect((await payer.setup.readChannel?.(channelId))?.balance).toBeLessThanOrEqual(policy.maxDeposit);
    expect(await accountOf(payer)).toMatchObject({ balance: 10_000n, charged: price });
  });

  it('to a deposit that arrived all the same is looked up on chain when its time has passed', async () => {
    const leave = new AbortController();
    const network = losing(
      (paid) => paid === 1,
      () => leave.abort(),
    );
    const types: unknown[] = [];
    let ahead = 0;
    const payer = createBuyer(market, {
      policy,
      now: () => Date.now() + ahead,
      fetch: (target, request) => {
        const payment = paymentOf(request);
        if (payment) types.push(payment.type);
        return network.fetch(target, request);
      },
    });
    await expect(payer.fetch(url, { ...init, signal: leave.signal })).rejects.toThrow('lost');
    const { channelId } = await accountOf(payer);
    ahead = 2 * 3_600_000;
    expect(await payer.fetch(url, init)).toMatchObject({ cost: price, response: { status: 200 } });
    expect(types[0]).toBe('deposit');
    expect(types.slice(1)).not.toContain('deposit');
    expect(await accountOf(payer)).toMatchObject({ channelId, balance: 10_000n, charged: 2n * price });
  });

  it('that asks for another price again and again gets one exact payment, for an hour at most', async () => {
    const signed: { nonce: Hex; validBefore: bigint }[] = [];
    const dearer: typeof fetch = async (target, request) => {
      const payment = paymentOf(request);
      if (payment?.type === 'exact') signed.push(payment.authorization);
      const response = await fetch(target, { ...init, body: init.body });
      const required = X402.parseRequired(response.headers.get(X402.headers.required) as string);
      const amount = `${price + BigInt(signed.length)}`;
      const accepts = required.accepts.map((way) => ({ ...way, amount, maxTimeoutSeconds: 1e9 }));
      const header = X402.encode({ ...required, accepts });
      return new Response('{}', { status: 402, headers: { [X402.headers.required]: header } });
    };
    const payer = createBuyer(market, { policy, fetch: dearer });
    await expect(payer.fetch(url, init, { scheme: 'exact' })).rejects.toMatchObject({ code: 'payment.refused' });
    expect(signed.length).toBeGreaterThan(1);
    expect(new Set(signed.map(({ nonce }) => nonce)).size).toBe(1);
    for (const { validBefore } of signed) expect(Number(validBefore)).toBeLessThanOrEqual(Date.now() / 1_000 + 3_600);
  });

  it.each([
    [502, 'payment.refund_busy', false],
    [409, 'payment.refund_refused', false],
    [409, 'payment.refund_busy', true],
  ])('to a refund with status %i %s pays over the channel again: %s', async (status, code, isOpen) => {
    const title = 'The refund is refused: a request is being served.';
    const refuses: typeof fetch = async (target, request) =>
      paymentOf(request)?.type === 'refund' ? Response.json({ title, code }, { status }) : fetch(target, request);
    const payer = createBuyer(market, { policy, fetch: refuses });
    await payer.fetch(url, init);
    const { channelId } = await accountOf(payer);
    const refunds = `${market.gateway.url}/v1/refund`;
    await expect(payer.refund(refunds, channelId)).rejects.toMatchObject({ code: 'payment.refused' });
    expect((await payer.setup.store.get(channelId))?.closed).toBe(!isOpen);
  });

  it('to a refund is no lock: what is left comes back once, and calls go on over a new channel', async () => {
    let lost = 0;
    const payer = createBuyer(market, {
      policy,
      fetch: async (target, request) => {
        const response = await fetch(target, request);
        if (paymentOf(request)?.type !== 'refund' || lost++ > 0) return response;
        throw new TypeError('the connection was lost');
      },
    });
    const refunds = `${market.gateway.url}/v1/refund`;
    await payer.fetch(url, init);
    const { channelId, balance } = await accountOf(payer);
    const before = await market.dollarsOf(market.people.buyer.address);
    await expect(payer.refund(refunds, channelId)).rejects.toThrow('lost');
    expect(await payer.fetch(url, init)).toMatchObject({ cost: price, response: { status: 200 } });
    const after = await market.dollarsOf(market.people.buyer.address);
    const again = await accountOf(payer);
    expect(again.channelId).not.toBe(channelId);
    expect(after - before).toBe(balance - price - again.balance);
    expect(await payer.refund(refunds, channelId)).toMatchObject({
      success: true,
      transaction: expect.stringMatching(/^0x/),
    });
    expect(await market.dollarsOf(market.people.buyer.address)).toBe(after);
  });
});

describe('state', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'channels-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const buyer = async (setup: Partial<Payer.Setup> = {}) =>
    createBuyer(market, { policy, store: await openChannelStore(folder), ...setup });

  it('goes on after the program was ended, on the same deposit', async () => {
    await (await buyer()).fetch(url, init);
    writeFileSync(join(folder, 'half written.tmp'), '{');
    const later = await buyer();
    await later.fetch(url, init);
    expect(await accountOf(later)).toMatchObject({ charged: 2n * price, signed: 2n * price, balance: 10_000n });
  });

  it('says how much was signed before a signature leaves the program', async () => {
    const seen: (readonly [bigint, bigint])[] = [];
    const payer = await buyer({
      fetch: async (target, request) => {
        const payload = paymentOf(request);
        if (payload && payload.type !== 'exact') {
          const [onDisk] = await (await openChannelStore(folder)).all();
          seen.push([payload.voucher.maxClaimableAmount, onDisk?.signed ?? -1n]);
        }
        return fetch(target, request);
      },
    });
    for (let call = 0; call < 3; call++) await payer.fetch(url, init);
    expect(seen).toEqual([1n, 2n, 3n].map((calls) => [calls * price, calls * price]));
  });

  it('of a backup is brought up to date by the own voucher that the seller shows', async () => {
    const payer = await buyer();
    await payer.fetch(url, init);
    const { channelId } = await accountOf(payer);
    const file = join(folder, `${channelId}.json`);
    const backup = readFileSync(file);
    for (let call = 0; call < 3; call++) await payer.fetch(url, init);
    writeFileSync(file, backup);
    const restored = await buyer();
    expect(await restored.fetch(url, init)).toMatchObject({ cost: price, response: { status: 200 } });
    expect(await accountOf(restored)).toMatchObject({ channelId, charged: 5n * price, signed: 5n * price });
  });

  it('of another chain is left alone: the same addresses there are another market', async () => {
    const payer = await buyer();
    await payer.fetch(url, init);
    const there = { ...(await accountOf(payer)), chainId: 1 };
    await payer.setup.store.put(there);
    expect(await payer.fetch(url, init)).toMatchObject({ cost: price, response: { status: 200 } });
    expect(await payer.setup.store.get(there.channelId)).toEqual(there);
    expect((await payer.setup.store.all()).map(({ chainId }) => chainId).sort()).toEqual([1, 31_337]);
  });

  it('that was lost leaves the old deposit to a refund and opens a new channel', async () => {
    const first = createBuyer(market, { policy });
    await first.fetch(url, init);
    const second = createBuyer(market, { policy, store: ChannelStore.inMemory() });
    await second.fetch(url, init);
    expect((await accountOf(second)).channelId).not.toBe((await accountOf(first)).channelId);
  });
});

describe('limits', () => {
  it('are kept before anything is signed', async () => {
    const sign = market.people.buyer.signTypedData;
    let signatures = 0;
    const wallet = {
      address: market.people.buyer.address,
      signTypedData: (definition: never) => {
        signatures++;
        return sign(definition);
      },
    } as unknown as Payer.Wallet;
    const of = (limit: Partial<Payer.Policy>, options = {}) =>
      createBuyer(market, { wallet, policy: { ...policy, ...limit } }).fetch(url, init, options);
    await expect(of({ maxPerCall: price - 1n })).rejects.toMatchObject({ code: 'payment.over_limit' });
    await expect(of({}, { maxPrice: price - 1n })).rejects.toMatchObject({ code: 'payment.over_limit' });
    await expect(of({ maxDeposit: price - 1n })).rejects.toMatchObject({ code: 'payment.deposit_limit' });
    const token = { address: market.addresses.licenses, name: 'Test Dollar', version: '2', chainId: 31_337 };
    const place = { chainId: 1, settlement: market.addresses.settlement };
    for (const setup of [{ token }, { place }]) {
      const foreign = createBuyer(market, { wallet, policy, ...setup });
      await expect(foreign.fetch(url, init)).rejects.toMatchObject({ code: 'payment.no_way' });
    }
    expect(signatures).toBe(0);
  });

  it('bound what a channel ever holds: it is filled up, never beyond', async () => {
    const payer = createBuyer(market, { policy: { ...policy, maxDeposit: 2_000n, deposit: 5_000n } });
    for (let call = 0; call < 12; call++) await payer.fetch(url, init);
    const { channelId } = await accountOf(payer);
    const { balance } = (await payer.setup.readChannel?.(channelId)) ?? { balance: 0n };
    expect(chargedOf(channelId)).toBe(12n * price);
    expect(balance - 12n * price).toBeLessThanOrEqual(2_000n);
  });
});

it('a call repeated with its own key is charged once and counted once (A-156)', async () => {
  const payer = createBuyer(market, { policy });
  const keyed = { ...init, headers: { 'idempotency-key': 'mine' } };
  const texts = [];
  for (let i = 0; i < 3; i++) texts.push(await (await payer.fetch(url, keyed)).response.text());
  expect(new Set(texts).size).toBe(1);
  const { channelId } = await accountOf(payer);
  expect(await accountOf(payer)).toMatchObject({ charged: price });
  expect(chargedOf(channelId)).toBe(price);
});

describe('a call that carries something else than money', () => {
  const carried: [string, Record<string, string>][] = [
    ['a token', { authorization: 'Bearer agorai_unknown_elsewhere' }],
    ['a free call', { 'agorai-free': btoa('{}') }],
  ];

  it.each(carried)('%s is answered as the seller answers it, and nothing is signed', async (_, headers) => {
    const payer = createBuyer(market, { policy });
    await payer.fetch(url, init);
    const before = await accountOf(payer);
    const { response, cost, scheme } = await payer.fetch(url, { ...init, headers });
    const alone = await fetch(url, { ...init, headers });
    expect(await response.text()).toHaveLength((await alone.text()).length);
    expect([response.status, cost, scheme]).toEqual([alone.status, 0n, undefined]);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await accountOf(payer)).toEqual(before);
  });
});

it('20 calls at once follow each other on one channel', async () => {
  const payer = createBuyer(market, { policy });
  const all = await Promise.all(Array.from({ length: 20 }, () => payer.fetch(url, init)));
  expect(all.map(({ response }) => response.status)).toEqual(Array(20).fill(200));
  expect(await accountOf(payer)).toMatchObject({ charged: 20n * price, signed: 20n * price });
});
