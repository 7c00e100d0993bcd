import type { Hex } from 'viem';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { digit, reasonOf } from '../../../test/actors/createSigner.ts';
import { startProxy } from '../../../test/actors/startProxy.ts';
import { body, price, type Shop, startShop } from '../../../test/actors/startShop.ts';
import { buyLicence } from '../../license/buyLicence.ts';
import * as Terms from '../../license/Terms.ts';
import * as Receipt from '../Receipt.ts';
import { signIn } from '../signIn.ts';
import type { Gateway } from './startGateway.ts';

const days = 86_400_000;
let { market, buyer, ledger } = {} as Shop;
let gateway: Gateway;
let proxy: Awaited<ReturnType<typeof startProxy>>;
/** By how much the clock of the gateway is wrong, in milliseconds. */
let skew = 0;
let silent = false;

beforeAll(async () => {
  ({ market, buyer } = await startShop());
  await market.gateway.stop();
  proxy = await startProxy(market.chain.url, () => silent);
  gateway = await market.openGateway({ rpcUrl: proxy.url, now: () => Date.now() + skew });
  ({ ledger } = gateway.deps);
});
afterEach(async () => {
  silent = false;
  await setClock(0);
});
afterAll(async () => {
  await gateway?.stop();
  await market?.settler.stop();
  await proxy?.stop();
  await market?.stop().catch(() => undefined);
});

const call = (payload: object, asked = body) => buyer.call(payload, { url: gateway.url, body: asked });

/** Makes the clock wrong. One that jumps ahead may hide that nothing was heard from the chain: it is asked first. */
async function setClock(by: number): Promise<void> {
  skew = by;
  const { deps } = gateway;
  await expect.poll(() => deps.passed() - deps.look.at, { timeout: 5_000 }).toBeLessThan(2_000);
}

async function open() {
  const channel = buyer.open();
  expect((await call(buyer.deposit(channel, 20n * price, price))).status).toBe(200);
  return channel;
}

const enter = (termsId: Hex) =>
  signIn({ gateway: gateway.url, wallet: market.people.buyer, termsId, chainId: market.addresses.chainId });

describe('A-049 a gateway whose clock is wrong', () => {
  it('by three days serves the channels that it knows, and X12 writes no receipt that ends before it begins', async () => {
    const channel = await open();
    await setClock(3 * days);
    expect((await call(buyer.voucher(channel, 2n * price))).status).toBe(200);
    await setClock(-3 * days);
    expect((await call(buyer.voucher(channel, 3n * price))).status).toBe(200);
    const rows = ledger.receipts(0, 4_096).map((row) => Receipt.parse(row.body));
    for (const { ttftMs, totalMs } of rows) expect(totalMs).toBeGreaterThanOrEqual(ttftMs);
    expect(ledger.counts().reserved).toBe(0);
  });

  it('ahead takes no deposit, and has nothing signed that is good for longer than an hour', async () => {
    const channel = buyer.open();
    await setClock(3 * days);
    expect(await reasonOf(await call(buyer.deposit(channel, 20n * price, price)))).toContain('valid_before');
    expect(await reasonOf(await call(buyer.exact(price)))).toContain('valid_before');
    expect(ledger.outbox(0, 4_096).filter(({ payload }) => payload.includes(channel.id))).toEqual([]);
    const termsId = Terms.idOf(market.addresses, market.terms[0] as Terms.Terms);
    await expect(enter(termsId)).rejects.toMatchObject({ code: 'signin.foreign' });
  });

  it('behind serves nothing on what the chain takes for expired', async () => {
    const late = BigInt(Math.floor(Date.now() / 1_000) - 60);
    const channel = buyer.open();
    const deposit = buyer.deposit(channel, 20n * price, price, undefined, late);
    await setClock(-3 * days);
    expect(await reasonOf(await call(deposit))).toContain('deposit_transaction_failed');
    expect(ledger.channel(channel.id)).toBeUndefined();
    const failed = await call(buyer.exact(price, { validBefore: late }));
    expect(await failed.json()).toMatchObject({ status: 402, code: 'payment.failed' });
    const [last] = ledger.receipts(ledger.logSize() - 1, 1);
    expect(Receipt.parse(last?.body ?? '')).toMatchObject({ price: 0n, status: 3 });
  });

  it('set back does not take a silent chain for one that answered just now', async () => {
    const channel = await open();
    silent = true;
    skew = -3 * days;
    gateway.deps.look.at -= 460_000;
    expect(await (await call(buyer.voucher(channel, 2n * price))).json()).toMatchObject({ code: 'chain.unavailable' });
  });

  it('set back believes no licence that ended, and gives no token for longer than an hour', async () => {
    const { addresses, terms } = market;
    const [licensed] = terms as [Terms.Terms];
    await buyLicence(await market.connect('buyer'), { addresses, terms: licensed, maxPrice: licensed.price });
    const termsId = Terms.idOf(addresses, licensed);
    await setClock(45 * 60_000);
    const { token } = await enter(termsId);
    const ask = async () => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${gateway.url}/v1/classify`, { method: 'POST', body: digit('digits'), headers });
      return ((await response.json()) as { code: string }).code;
    };
    expect(await ask()).toBe('payment.required');
    await setClock(0);
    expect(await ask()).toBe('signin.invalid');
    const pay = async () => (await call(buyer.exact(price), digit('digits'))).status;
    expect(await pay()).toBe(200);
    await setClock(-3 * days);
    await market.passTime(licensed.period + 60);
    await expect.poll(() => refusalOf(digit('digits')), { timeout: 5_000 }).toBe('licence.required');
  });
});

/** Why a call that names a transfer is refused, before the transfer is looked at by the chain. */
async function refusalOf(asked: string): Promise<string | undefined> {
  const late = BigInt(Math.floor(Date.now() / 1_000) + 300 - (3 * days) / 1_000);
  const response = await call(buyer.exact(price, { validBefore: late }), asked);
  return ((await response.json()) as { code?: string }).code;
}
