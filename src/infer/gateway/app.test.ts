import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBuyer } from '../../../test/actors/createBuyer.ts';
import { createSigner, digit, type Opened, reasonOf } from '../../../test/actors/createSigner.ts';
import { failing, gated, variant } from '../../../test/actors/engines.ts';
import { type Market, startMarket } from '../../../test/actors/startMarket.ts';
import { startProxy } from '../../../test/actors/startProxy.ts';
import * as Prices from '../../license/Prices.ts';
import { openLedger } from '../../pay/openLedger.ts';
import * as X402 from '../../pay/X402.ts';
import type { Listing } from '../Listing.ts';
import { limits } from './Limits.ts';
import type { Gateway } from './startGateway.ts';

let market: Market;
let gateway: Gateway;
let buyer: ReturnType<typeof createSigner>;
let gate: ReturnType<typeof gated>;
let slow: readonly { readonly kind: string; readonly closed: Promise<unknown> }[];
let lines = '';
const price = 200n;
const logged = new PassThrough().on('data', (chunk: Buffer) => {
  lines += chunk.toString();
});
const log = pino({ level: 'trace' }, logged);

beforeAll(async () => {
  market = await startMarket({
    more: ([digits]) => {
      gate = gated(digits as Listing, 'gated');
      return [gate.listing, failing(digits as Listing, 'broken')];
    },
  });
  await restart();
  buyer = createSigner(market);
  slow = ['POST /v1/cla', 'POST /v1/classify HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{'].map((text) => ({
    kind: text.slice(0, 18),
    closed: closed(dial(text)),
  }));
});
afterAll(async () => {
  await gateway?.stop();
  await market?.stop();
});

/** Ends the gateway and starts it on the same ledger with a log that the tests read. */
async function restart(changes: Parameters<Market['openGateway']>[0] = {}): Promise<void> {
  await (gateway ?? market.gateway).stop();
  gateway = await market.openGateway({ log, ...changes });
}

function dial(text: string): Socket {
  const { port, hostname } = new URL(gateway.url);
  const socket = connect(Number(port), hostname, () => socket.write(text));
  socket.on('error', () => undefined);
  return socket.resume();
}

const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));
const url = () => gateway.url;
const call = (payload: object, extras: object = {}) => buyer.call(payload, { url: url(), ...extras });
async function open(amount = 20n * price): Promise<Opened> {
  const channel = buyer.open();
  expect((await call(buyer.deposit(channel, amount, price))).status).toBe(200);
  return channel;
}
const post = (body: BodyInit, headers: Record<string, string> = {}) =>
  fetch(`${url()}/v1/classify`, { method: 'POST', body, headers });

describe('a body', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const keys = JSON.stringify(Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`key${i}`, i])));
  const bytes = (...values: number[]) => new Uint8Array(values);
  it.each<[string, BodyInit, number]>([
    ['10 MB', 'x'.repeat(10_000_000), 413],
    ['one byte more than allowed', 'x'.repeat(limits.bodyBytes + 1), 413],
    ['100,000 brackets', deep, 400],
    ['60,000 keys', keys, 404],
    ['no JSON', '{', 400],
    ['nothing', '', 400],
    ['the key __proto__', '{"__proto__":{"model":"digits"},"pixels":[]}', 400],
    ['the key constructor', '{"constructor":{"prototype":{"model":"digits"}}}', 404],
    ['a model without a name', '{"pixels":[]}', 404],
    ['a list', '["digits"]', 404],
    ['a huge number of a pixel', `{"model":"digits","pixels":[1e999${',0'.repeat(783)}]}`, 400],
    ['a pixel of NaN', `{"model":"digits","pixels":[NaN${',0'.repeat(783)}]}`, 400],
    ['a field more', digit().replace('{', '{"more":1,'), 400],
    ['a byte order mark', Buffer.concat([bytes(0xef, 0xbb, 0xbf), Buffer.from(digit())]), 400],
    ['half a character', bytes(0x22, 0xc3, 0x28, 0x22), 400],
    ['half a surrogate pair', '{"model":"\\ud800","pixels":[]}', 404],
    ['a terminal command', '{"model":"\\u001b[2Jdigits","pixels":[]}', 404],
  ])('of %s is refused (A-017)', async (_, body, status) => {
    const response = await post(body);
    const text = await response.text();
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(text.length).toBeLessThan(1_000);
    expect(text).not.toContain('\u001b');
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('without a length that is too long is cut off (A-017)', async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(0x20));
      },
    });
    const init = { method: 'POST', body: endless, duplex: 'half' } as RequestInit;
    const ended = await fetch(`${url()}/v1/classify`, init).then(
      ({ status }) => status,
      () => 'cut',
    );
    expect([413, 'cut']).toContain(ended);
    expect(sent).toBeLessThan(20 * limits.bodyBytes);
  });

  it('of two equal keys means the last, for price and for model alike', async () => {
    const response = await post(digit().replace('"model":"digits"', '"model":"nobody","model":"digits"'));
    expect(response.status).toBe(402);
  });
});

describe('a payment header', () => {
  it.each([
    ['no base64', '{"x402Version":2}'],
    ['no JSON', btoa('{')],
    ['another version', btoa('{"x402Version":1}')],
    ['100 brackets', btoa('['.repeat(100))],
    ['nothing', ''],
  ])('of %s is refused and nothing is kept (A-142)', async (_, header) => {
    const { counts } = gateway.deps.ledger;
    const before = counts();
    const response = await post(digit(), { [X402.headers.signature]: header });
    expect(await response.json()).toMatchObject({ status: 400, code: 'payment.invalid' });
    expect(counts()).toEqual(before);
  });
});

describe('raw HTTP', () => {
  const body = digit();
  const head = 'POST /v1/classify HTTP/1.1\r\nhost: a\r\n';
  it.each([
    ['both lengths', `${head}content-length: ${body.length}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${head}content-length: 5\r\ncontent-length: 6\r\n\r\n12345`],
    ['a folded header', `${head}x-a: b\r\n c\r\ncontent-length: 0\r\n\r\n`],
    ['an unknown transfer encoding', `${head}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['a space before the colon', `${head}content-length : 5\r\n\r\n12345`],
    ['a negative length', `${head}content-length: -5\r\n\r\n12345`],
    ['a length with a sign', `${head}content-length: +5\r\n\r\n12345`],
    ['no host', 'POST /v1/classify HTTP/1.1\r\ncontent-length: 0\r\n\r\n'],
    ['a broken chunk', `${head}transfer-encoding: chunked\r\n\r\nzz\r\n`],
    ['headers of 100 kB', `${head}x-a: ${'b'.repeat(100_000)}\r\n\r\n`],
  ])('with %s is refused and the connection ends (A-015)', async (_, text) => {
    // A second request on the same connection must never be answered.
    const socket = dial(`${text}GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n`);
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    await closed(socket);
    expect(answer).toMatch(/^HTTP\/1.1 4\d\d /);
    expect(answer.match(/HTTP\/1.1/g)).toHaveLength(1);
    expect(answer).not.toContain('"object":"list"');
  });

  it.each([
    ['GET', '/v1/nothing', 404],
    ['GET', '//v1/models', 404],
    ['GET', '/v1/%6dodels', 404],
    ['GET', '/V1/models', 404],
    ['PUT', '/v1/classify', 405],
    ['DELETE', '/v1/classify', 405],
    ['GET', '/v1/log?from=-1', 400],
    ['GET', '/v1/log?from=1e3', 400],
    ['POST', '/v1/refund', 400],
  ])('%s %s is answered with a problem (A-026)', async (method, path, status) => {
    const response = await fetch(`${url()}${path}`, { method });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status, code: expect.any(String), title: expect.any(String) });
  });
});

describe('a log', () => {
  it('and an error name no prompt, voucher, signature or key (A-029)', async () => {
    const channel = await open();
    const secret = 'AbCd'.repeat(261);
    const body = JSON.stringify({ model: 'broken', pixels: `${secret}AA==` });
    const payload = buyer.voucher(channel, 2n * price);
    const texts: string[] = [];
    for (const [one, extras] of [
      [payload, { body }],
      [buyer.exact(price), { body }],
      [payload, { body: body.replace('broken', 'unknown') }],
      [{ ...payload, voucher: { ...payload.voucher, signature: `${payload.voucher.signature}00` } }, {}],
      [{ ...payload, more: secret }, {}],
    ] as const)
      texts.push(await (await call(one, extras)).text());
    texts.push(await (await post(body.slice(0, -1))).text());
    expect(lines).toContain('engine.failed');
    const { receipts, buyer: owner } = market.people;
    for (const text of [lines, ...texts]) {
      for (const word of [
        secret.slice(0, 64),
        payload.voucher.signature.slice(2, 40),
        receipts.key.slice(2),
        owner.key.slice(2),
      ])
        expect(text.toLowerCase()).not.toContain(word.toLowerCase());
      expect(text).not.toContain('at Object.');
    }
  });
});

it('connections that send slowly are ended (A-016)', async () => {
  for (const one of slow) await Promise.race([one.closed, expectSoon(one.kind)]);
}, 60_000);

describe('a gateway', () => {
  it('that is full asks to come later and keeps nothing', async () => {
    const waiting = Array.from({ length: limits.concurrency }, () => {
      const socket = dial('POST /v1/classify HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n{');
      return socket;
    });
    const full = async () => (await post(digit())).status;
    await expect.poll(full, { timeout: 10_000 }).toBe(503);
    expect((await fetch(`${url()}/healthz`)).status).toBe(200);
    for (const socket of waiting) socket.destroy();
    await expect.poll(full, { timeout: 10_000 }).toBe(402);
  });

  it('whose chain is silent serves the channels that it knows, and gives no new credit (A-047)', async () => {
    let silent = false;
    const proxy = await startProxy(market.chain.url, () => silent);
    await restart({ rpcUrl: proxy.url });
    const channel = await open();
    silent = true;
    expect((await call(buyer.voucher(channel, 2n * price))).status).toBe(200);
    const stranger = buyer.open();
    const refused = await call(buyer.voucher(stranger, price));
    expect(await refused.json()).toMatchObject({ status: 503, code: 'chain.unavailable' });
    silent = false;
    expect(await reasonOf(await call(buyer.voucher(stranger, price)))).toContain('channel_not_found');
    await restart();
    await proxy.stop();
  });

  it('that cannot write its books serves nothing for money, and says so (A-051, A-052)', async () => {
    const channel = await open();
    const blocker = openLedger(market.files.ledger);
    const { DatabaseSync } = await import('node:sqlite');
    const holder = new DatabaseSync(market.files.ledger);
    const runs = gate.runs();
    holder.exec('begin immediate');
    const refused = await call(buyer.voucher(channel, 2n * price), { body: digit('gated') });
    expect(await refused.json()).toMatchObject({ status: 503, code: 'gateway.unavailable' });
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(gate.runs()).toBe(runs);
    holder.exec('rollback');
    holder.close();
    await blocker.close();
    expect((await call(buyer.voucher(channel, 2n * price))).status).toBe(200);
    expect(gateway.deps.ledger.channel(channel.id)).toMatchObject({ charged: 2n * price });
  }, 20_000);

  it('that is stopped finishes what it serves, takes nothing new and loses nothing (A-053)', async () => {
    const channels = await Promise.all(Array.from({ length: 20 }, () => open()));
    const runs = gate.runs();
    const running = channels.map((channel) => call(buyer.voucher(channel, 2n * price), { body: digit('gated') }));
    await expect.poll(gate.runs).toBe(runs + 20);
    const stopped = gateway.stop();
    await expect(call(buyer.voucher(channels[0] as Opened, 2n * price))).rejects.toThrow();
    gate.open();
    expect(new Set((await Promise.all(running)).map(({ status }) => status))).toEqual(new Set([200]));
    await stopped;
    gateway = await market.openGateway({ log });
    const { ledger } = gateway.deps;
    for (const { id } of channels) expect(ledger.channel(id)).toMatchObject({ charged: 2n * price });
    expect(ledger.counts().reserved).toBe(0);
  });

  it('with a price that was raised never charges more than the buyer agreed to (A-039)', async () => {
    const policy = { maxPerCall: 250n, maxDeposit: 100_000n };
    const payer = createBuyer(market, { policy });
    const port = Number(new URL(url()).port);
    const paid = () => payer.fetch(`${url()}/v1/classify`, { method: 'POST', body: digit() });
    expect(await paid()).toMatchObject({ cost: price });
    const [digits] = market.listings as [Listing];
    const at = (perCall: bigint) => [variant(digits, 'digits', { prices: Prices.from({ perCall }) })];
    await restart({ port, listings: at(250_000_000n) });
    expect(await paid()).toMatchObject({ cost: 250n, response: { status: 200 } });
    await restart({ port, listings: at(251_000_000n) });
    await expect(paid()).rejects.toMatchObject({ code: 'payment.over_limit' });
    const [account] = await payer.setup.store.all();
    expect(account).toMatchObject({ charged: 450n });
    await restart({ port });
    expect(await paid()).toMatchObject({ cost: price });
  });

  it('has a port of its own: a second one ends and touches nothing of the first', async () => {
    const port = Number(new URL(url()).port);
    await expect(market.openGateway({ port })).rejects.toMatchObject({ code: 'gateway.port_taken' });
    expect((await call(buyer.deposit(buyer.open(), 20n * price, price))).status).toBe(200);
  });
});

it('a gateway that fails to start leaves nothing behind: neither port nor ledger', async () => {
  const port = Number(new URL(url()).port);
  await gateway.stop();
  const broken = { begin: () => Promise.reject(new TypeError('behind')), update: async () => undefined };
  await expect(market.openGateway({ port, ledgerFile: `${market.home}/no/such/folder/ledger.db` })).rejects.toThrow();
  await expect(market.openGateway({ port, keeper: broken })).rejects.toThrow('behind');
  gateway = await market.openGateway({ log, port });
  expect((await post(digit())).status).toBe(402);
});

it('the head of a request has room for the longest payment, and no more than its limit (A-015)', async () => {
  const long = await post(digit(), { [X402.headers.signature]: 'A'.repeat(X402.maxHeaderLength + 4) });
  expect(await long.json()).toMatchObject({ status: 400, code: 'payment.invalid' });
  const longer = await post(digit(), { 'x-more': 'a'.repeat(limits.headerBytes) });
  expect(longer.status).toBe(431);
});

it('work in the background that ends while the gateway is being stopped is not waited for again (A-053)', async () => {
  const keeping = Promise.withResolvers<void>();
  const kept = Promise.withResolvers<void>();
  const update = () => {
    keeping.resolve();
    return kept.promise;
  };
  await restart({ keeper: { begin: async () => undefined, update }, limits: { keepMs: 3_600_000 } });
  await keeping.promise;
  const stopped = gateway.stop();
  await new Promise((resolve) => setTimeout(resolve, 100));
  kept.resolve();
  await stopped;
  gateway = await market.openGateway({ log });
}, 10_000);

it('a connection that sends nothing does not hold up the end (A-016, A-053)', async () => {
  const silent = [dial('POST /v1/cla'), dial('')];
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  const ends = silent.map(closed);
  await gateway.stop();
  await Promise.all(ends);
}, 10_000);

async function expectSoon(kind: string): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, 15_000).unref());
  throw new TypeError(`still connected: ${kind}`);
}
