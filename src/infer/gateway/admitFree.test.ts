import type { Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishNgram } from '../../../test/actors/publishNgram.ts';
import { type Seller, startSeller } from '../../../test/actors/startSeller.ts';
import { type People, startWorld, type World } from '../../../test/actors/startWorld.ts';
import * as FreeCall from '../FreeCall.ts';
import * as Receipt from '../Receipt.ts';
import { signFree } from '../signFree.ts';
import type { Gateway } from './startGateway.ts';

let world: World;
let seller: Seller;
let gateway: Gateway;

beforeAll(async () => {
  world = await startWorld();
  const { listings } = await publishNgram(world);
  seller = await startSeller(world, listings, {}, { free: { callsPerDay: 2, difficulty: 8 } });
  gateway = seller.gateway;
});
afterAll(async () => {
  await gateway.stop();
  await seller.settler.stop();
  await world.stop();
});

const route = '/v1/completions';
const bodyOf = (prompt: string) => JSON.stringify({ model: 'ngram', prompt, max_tokens: 4 });

function ask(header: string | undefined, body: string, more: Record<string, string> = {}, url = gateway.url) {
  const headers = { ...(header ? { [FreeCall.header]: header } : {}), ...more };
  return fetch(`${url}${route}`, { method: 'POST', body, headers });
}

/** What the 402 says is given away. */
async function grantOf(): Promise<{ listing: Hex; difficulty: number; callsPerDay: number }> {
  const { extensions } = (await (await ask(undefined, bodyOf('A'))).json()) as {
    extensions: { agorai: { free: { listing: Hex; difficulty: number; callsPerDay: number } } };
  };
  return extensions.agorai.free;
}

async function headerOf(who: keyof People, body: string, changes: Partial<signFree.Options> = {}): Promise<string> {
  const { addresses, people } = world;
  const grant = await grantOf();
  const domain = Receipt.domainOf(addresses.chainId, addresses.logs);
  return signFree({ wallet: people[who], grant, domain, url: `${gateway.url}${route}`, body, ...changes });
}

describe('free calls', () => {
  it('serves as many a day as the 402 says, with receipts at no price that are numbered on', async () => {
    expect(await grantOf()).toMatchObject({ callsPerDay: 2, difficulty: 8 });
    const statuses = [];
    for (const prompt of ['A', 'B', 'C']) {
      statuses.push((await ask(await headerOf('buyer', bodyOf(prompt)), bodyOf(prompt))).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
    const receipts = gateway.deps.ledger.receipts(0, 10).map((row) => Receipt.parse(row.body));
    expect(receipts.map(({ rail, price, seq }) => [rail, price, seq])).toEqual([
      [0, 0n, 1n],
      [0, 0n, 2n],
    ]);
  });

  it('A-026 is limited by the address, whatever headers say about where a request comes from', async () => {
    const spoofs = [{ 'x-forwarded-for': '8.8.8.8' }, { forwarded: 'for=1.2.3.4' }, { 'x-real-ip': '9.9.9.9' }];
    for (const spoof of spoofs) {
      const body = bodyOf(JSON.stringify(spoof));
      expect((await ask(await headerOf('buyer', body), body, spoof)).status).toBe(429);
    }
  });

  it('remembers what was given away over a restart', async () => {
    const port = Number(new URL(gateway.url).port);
    await gateway.stop();
    gateway = await seller.openGateway({ port });
    const body = bodyOf('after');
    expect((await ask(await headerOf('buyer', body), body)).status).toBe(429);
  });

  it('A-025 a header serves one request: sent again it gives the same answer, with another body none', async () => {
    const header = await headerOf('seller', bodyOf('once'));
    const answers = [await ask(header, bodyOf('once')), await ask(header, bodyOf('once'))];
    const [first, second] = await Promise.all(answers.map((answer) => answer.text()));
    expect(second).toBe(first);
    expect((await ask(header, bodyOf('other'))).status).toBe(403);
    const own = gateway.deps.ledger.receipts(0, 10).filter((row) => Receipt.parse(row.body).payer === first);
    expect(own).toHaveLength(0);
    expect(gateway.deps.ledger.logSize()).toBe(3);
  });

  it('A-025 a header for another gateway, another day or another listing is refused', async () => {
    const body = bodyOf('foreign');
    const foreign = await headerOf('evaluator', body, { url: `http://127.0.0.1:1${route}` });
    expect((await ask(foreign, body)).status).toBe(403);
    const { listing, ...grant } = await grantOf();
    const other = await headerOf('evaluator', body, { grant: { ...grant, listing: `0x${'ab'.repeat(32)}` } });
    expect((await ask(other, body)).status).toBe(403);
    const signed = FreeCall.parse(await headerOf('evaluator', body));
    expect((await ask(FreeCall.serialize({ ...signed, day: signed.day + 1 }), body)).status).toBe(403);
    expect(listing).toBe(await grantOf().then((again) => again.listing));
  });

  it('takes no request without the work, and no header of another kind', async () => {
    const body = bodyOf('lazy');
    const { difficulty, ...grant } = await grantOf();
    const none = { ...grant, difficulty: 0 };
    // One in 256 has the work by chance, so the header is made until it has not.
    let header = await headerOf('evaluator', body, { grant: none });
    while (hasWork(header, difficulty, grant.listing)) header = await headerOf('evaluator', body, { grant: none });
    expect(await (await ask(header, body)).json()).toMatchObject({ status: 403, code: 'free.refused' });
    expect(await (await ask('e30=', body)).json()).toMatchObject({ status: 400, code: 'free.invalid' });
  });

  it('counts by the day of UTC: the last millisecond of one and the first of the next are two days', async () => {
    const midnight = Date.UTC(2030, 0, 1);
    let time = midnight - 1;
    const clocked = await seller.openGateway({ ledgerFile: `${world.home}/midnight.db`, now: () => time });
    const at = async (prompt: string, now: number) => {
      const changes = { url: `${clocked.url}${route}`, now };
      return (await ask(await headerOf('buyer', bodyOf(prompt), changes), bodyOf(prompt), {}, clocked.url)).status;
    };
    expect([await at('A', time), await at('B', time), await at('C', time)]).toEqual([200, 200, 429]);
    expect(await at('D', midnight)).toBe(403);
    time = midnight;
    expect(await at('D', midnight - 1)).toBe(403);
    expect([await at('A', time), await at('B', time), await at('C', time)]).toEqual([200, 200, 429]);
    await clocked.stop();
  });

  it('is off unless the seller offers it', async () => {
    const file = `${world.home}/paid.db`;
    const paid = await startSellerWithout(file);
    const body = bodyOf('A');
    const header = await headerOf('contributor', body, { url: `${paid.url}${route}` });
    expect(await (await ask(header, body, {}, paid.url)).json()).toMatchObject({ status: 403, code: 'free.refused' });
    await paid.stop();
  });
});

function hasWork(header: string, difficulty: number, listing: Hex): boolean {
  return FreeCall.hasWork(FreeCall.workOf({ ...FreeCall.parse(header), listing }), difficulty);
}

function startSellerWithout(ledgerFile: string) {
  return seller.openGateway({ ledgerFile, free: undefined as never });
}
