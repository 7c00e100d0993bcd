import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { toClientEvmSigner } from '@x402/evm';
import { BatchSettlementEvmScheme } from '@x402/evm/batch-settlement/client';
import { wrapFetchWithPayment, x402Client } from '@x402/fetch';
import type { Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBuyer, receiptCheck } from '../../../test/actors/createBuyer.ts';
import { holdAt, openNgram, type Pace } from '../../../test/actors/ngram.ts';
import { publishNgram } from '../../../test/actors/publishNgram.ts';
import { type Seller, startSeller } from '../../../test/actors/startSeller.ts';
import { startWorld, type World } from '../../../test/actors/startWorld.ts';
import type { Payer } from '../../pay/createPayer.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import { openLedger } from '../../pay/openLedger.ts';
import * as X402 from '../../pay/X402.ts';
import type { Engine } from '../Engine.ts';
import * as Receipt from '../Receipt.ts';
import { streamModel } from '../streamModel.ts';
import type { Limits } from './Limits.ts';

let world: World;
let seller: Seller;
let published: Awaited<ReturnType<typeof publishNgram>>;
/** What the model of each test does before a word. */
let pace: Pace = () => undefined;

beforeAll(async () => {
  world = await startWorld();
  published = await publishNgram(world, { pace: (word, signal) => pace(word, signal) });
  const listing = published.listings[0] as (typeof published.listings)[number];
  const others = [
    { ...listing, model: 'failing', engine: failingAt(3) },
    { ...listing, model: 'lying', engine: lying() },
    { ...listing, model: 'wide', engine: wide() },
  ];
  const limits = { idleMs: 300, serviceMs: 2_000, drainMs: 200 };
  seller = await startSeller(world, [...published.listings, ...others], {}, { limits });
});
afterAll(async () => {
  await seller.stop();
  await world.stop();
});

const messages = [{ role: 'user', content: 'Agorai is a decentralized' }];
const input = { model: 'ngram', messages, max_tokens: 8 };
const route = '/v1/chat/completions';

/** A model whose claims rise beyond its bound, fall below nothing and take back what was delivered. */
function lying(): Engine {
  const claims = [3n, 10n ** 9n, -5n, 2n];
  return {
    ...openNgram('chat'),
    async *stream() {
      for (const outputTokens of claims) {
        yield { chunk: { choices: [] }, units: { inputTokens: 4n, outputTokens, images: 0n, bytes: 0n } };
      }
    },
  };
}

/** A model whose every piece has 64 KiB, so that no buffer takes them all. */
function wide(): Engine {
  const engine = openNgram('chat');
  return {
    ...engine,
    async *stream(...asked) {
      for await (const { units } of engine.stream?.(...asked) ?? []) yield { chunk: 'x'.repeat(65_536), units };
    },
  };
}

/** A model that fails before a word. */
function failingAt(word: number): Engine {
  return openNgram('chat', (at) => (at < word ? undefined : Promise.reject(new TypeError('broken'))));
}

function callOf(payer: Payer, more: object) {
  const { url } = seller.gateway;
  return { payer, gateway: url, route, input: { ...input, ...more }, check: receiptCheck(world) };
}

function stream(payer: Payer, more: object = {}, options: { signal?: AbortSignal } = {}) {
  return streamModel({ ...callOf(payer, more), ...options });
}

async function readAll<T>(source: AsyncGenerator<unknown, T>) {
  const pieces: unknown[] = [];
  for (;;) {
    const step = await source.next();
    if (step.done) return { pieces, end: step.value };
    pieces.push(step.value);
  }
}

const accountOf = async (payer: Payer) => (await payer.setup.store.all())[0];
const rowOf = async (payer: Payer) => seller.gateway.deps.ledger.channel((await accountOf(payer))?.channelId as Hex);

/** The receipts of a buyer's channel, the last one last. */
async function receiptsOf(payer: Payer, { ledger }: { ledger: Ledger.Ledger } = seller.gateway.deps) {
  const account = await accountOf(payer);
  const rows = ledger.receipts(0, 4_096).filter((row) => row.account === account?.channelId);
  return rows.map((row) => Receipt.parse(row.body));
}

describe('a stream', () => {
  it('yields pieces, then the checked receipt: charged by the token within the bound of max_tokens', async () => {
    const payer = createBuyer(world);
    const { pieces, end } = await readAll(stream(payer));
    expect(pieces).toHaveLength(8);
    expect(end).toMatchObject({ status: 200, cost: 20n, bound: 20n });
    expect(end.receipt).toMatchObject({ price: 20n, inputUnits: 4n, outputUnits: 8n, status: 0 });
    expect(end.receipt.ttftMs).toBeLessThanOrEqual(end.receipt.totalMs);
  });

  it('answers with the first piece while the model still works on the second', async () => {
    const held = holdAt(1);
    pace = held.pace;
    const source = stream(createBuyer(world));
    expect((await source.next()).done).toBe(false);
    await held.reached;
    await source.return(undefined as never);
    await held.stopped;
    pace = () => undefined;
  });

  it('lets calls to one seller follow each other, so that each voucher names what the stream before it was charged', async () => {
    let requests = 0;
    const counting: typeof fetch = (url, init) => {
      requests++;
      return fetch(url, init);
    };
    const payer = createBuyer(world, { fetch: counting });
    await Promise.all([readAll(stream(payer)), readAll(stream(payer)), readAll(stream(payer))]);
    expect((await accountOf(payer))?.charged).toBe(60n);
    expect((await rowOf(payer))?.charged).toBe(60n);
    // Each asks for the price once and pays once; none was sent while another was served.
    expect(requests).toBe(6);
  });

  it('gives a repeated key the same bytes and the same receipt, and charges once', async () => {
    const payer = createBuyer(world);
    await readAll(stream(payer));
    const ask = async () => {
      const body = JSON.stringify({ ...input, stream: true });
      const headers = { 'content-type': 'application/json', 'idempotency-key': 'once' };
      const paid = await payer.fetch(`${seller.gateway.url}${route}`, { method: 'POST', body, headers });
      return paid.response.text();
    };
    const first = await ask();
    const payments = await rowOf(payer);
    const second = await ask();
    expect(second.match(/"hash":"0x[0-9a-f]+"/)).toEqual(first.match(/"hash":"0x[0-9a-f]+"/));
    expect(second.split('event:')[0]).toBe(first.split('event:')[0]);
    expect((await rowOf(payer))?.charged).toBe(payments?.charged);
  });

  it('counts as a request in flight until its last byte, so that a full gateway takes no other', async () => {
    const held = holdAt(1);
    pace = held.pace;
    const restart = async (limits: Partial<Limits>) => {
      await seller.gateway.stop();
      Object.assign(seller, { gateway: await seller.openGateway({ limits }) });
    };
    await restart({ concurrency: 1 });
    const ask = async () =>
      (await fetch(`${seller.gateway.url}${route}`, { method: 'POST', body: JSON.stringify(input) })).status;
    const source = stream(createBuyer(world));
    await source.next();
    await held.reached;
    expect(await ask()).toBe(503);
    await source.return(undefined as never);
    await expect.poll(ask).toBe(402);
    expect(seller.gateway.deps.inFlight.count()).toBe(0);
    pace = () => undefined;
    await restart({});
  });

  it('is refused where the model has none', async () => {
    const body = JSON.stringify({ ...input, model: 'whole', stream: true });
    const { engine, ...rest } = published.listings[0] as (typeof published.listings)[number];
    const { stream: _, ...whole } = engine;
    const other = await startSellerOf([{ ...rest, model: 'whole', engine: whole }]);
    const response = await fetch(`${other.url}${route}`, { method: 'POST', body });
    expect(await response.json()).toMatchObject({ status: 400, code: 'request.stream' });
    await other.stop();
  });
});

/** A second gateway of the seller, on a ledger of its own. */
function startSellerOf(listings: typeof published.listings) {
  return seller.openGateway({ listings, ledgerFile: join(world.home, `${listings[0]?.model}.db`) });
}

describe('a stream that is cut off', () => {
  it('A-041 charges exactly what was delivered, the prompt included, and stops the model within a second', async () => {
    const held = holdAt(3);
    pace = held.pace;
    const payer = createBuyer(world);
    const source = stream(payer, { max_tokens: 1_000 });
    for (let piece = 0; piece < 3; piece++) await source.next();
    await held.reached;
    const left = Date.now();
    await source.return(undefined as never);
    expect((await held.stopped) - left).toBeLessThan(1_000);
    await expect.poll(async () => (await receiptsOf(payer)).length).toBe(1);
    const [receipt] = await receiptsOf(payer);
    expect(receipt).toMatchObject({ inputUnits: 4n, outputUnits: 3n, price: 10n, status: 2 });
    pace = () => undefined;
    const { end } = await readAll(stream(payer));
    expect(end.receipt.cumulative).toBe(30n);
  });

  it('A-041 says so when it is asked for again, and does not pass for a whole answer', async () => {
    const held = holdAt(2);
    pace = held.pace;
    const payer = createBuyer(world);
    const again = { ...callOf(payer, {}), idempotencyKey: 'left' };
    const source = streamModel(again);
    for (let piece = 0; piece < 2; piece++) await source.next();
    await source.return(undefined as never);
    await held.stopped;
    await expect.poll(async () => (await receiptsOf(payer)).length).toBe(1);
    pace = () => undefined;
    await expect(readAll(streamModel(again))).rejects.toMatchObject({ code: 'request.aborted' });
    expect(await receiptsOf(payer)).toMatchObject([{ price: 8n, outputUnits: 2n, status: 2 }]);
  });

  it('has put its deposit in the channel, so that the next call does not send that deposit again', async () => {
    const deposits: string[] = [];
    const payer = createBuyer(world, {
      policy: { maxPerCall: 10_000n, maxDeposit: 1_000n, deposit: 200n },
      fetch: (url, init) => {
        const header = new Headers(init?.headers).get(X402.headers.signature);
        const payload = header === null ? undefined : X402.parsePayment(header).payload;
        if (payload?.type === 'deposit') deposits.push(payload.deposit.authorization.erc3009Authorization.salt);
        return fetch(url, init);
      },
    });
    const source = stream(payer);
    await source.next();
    await source.return(undefined as never);
    await expect.poll(async () => (await receiptsOf(payer)).length).toBe(1);
    expect((await accountOf(payer))?.deposit).toBeUndefined();
    for (let call = 0; call < 10; call++) await readAll(stream(payer));
    expect(new Set(deposits).size).toBe(2);
    expect(deposits).toHaveLength(2);
  });

  it('A-041 before the first piece: nothing is charged', async () => {
    const held = holdAt(0);
    pace = held.pace;
    const payer = createBuyer(world);
    const gone = new AbortController();
    const source = stream(payer, {}, { signal: gone.signal });
    const next = source.next();
    await held.reached;
    gone.abort();
    await expect(next).rejects.toThrow();
    await held.stopped;
    await expect.poll(async () => (await receiptsOf(payer)).length).toBe(1);
    expect((await receiptsOf(payer))[0]).toMatchObject({ price: 0n, outputUnits: 0n, status: 2 });
    pace = () => undefined;
  });

  it('charges nothing when the model fails on the way, and says so in both shapes', async () => {
    const payer = createBuyer(world);
    await expect(readAll(stream(payer, { model: 'failing' }))).rejects.toMatchObject({ code: 'engine.failed' });
    expect((await receiptsOf(payer)).at(-1)).toMatchObject({ price: 0n, outputUnits: 3n, status: 3 });
    expect((await accountOf(payer))?.charged).toBe(0n);
  });

  it('charges what was delivered when the model takes too long', async () => {
    const held = holdAt(2);
    pace = held.pace;
    const payer = createBuyer(world);
    await expect(readAll(stream(payer))).rejects.toMatchObject({
      code: 'engine.timeout',
      message: expect.stringContaining('charged for what you have got'),
    });
    expect((await receiptsOf(payer)).at(-1)).toMatchObject({ price: 8n, outputUnits: 2n, status: 4 });
    expect((await accountOf(payer))?.charged).toBe(8n);
    pace = () => undefined;
  });

  it('gives back, of one transfer, what was not delivered', async () => {
    const held = holdAt(3);
    pace = held.pace;
    const payer = createBuyer(world);
    const limits = { scheme: 'exact' } as const;
    const source = streamModel({ ...callOf(payer, { max_tokens: 100 }), limits });
    for (let piece = 0; piece < 3; piece++) await source.next();
    await source.return(undefined as never);
    const { ledger } = seller.gateway.deps;
    const last = () => Receipt.parse(ledger.receipts(ledger.logSize() - 1, 1)[0]?.body ?? '');
    await expect.poll(() => last().status).toBe(2);
    expect(last()).toMatchObject({ rail: 2, price: 204n, outputUnits: 3n });
    const credit = ledger.outbox(0, 4_096).find(({ kind }) => kind === 'credit');
    expect(JSON.parse(credit?.payload ?? '{}')).toMatchObject({ amount: '194' });
    pace = () => undefined;
    const whole = await readAll(streamModel({ ...callOf(payer, {}), limits }));
    expect(whole.end).toMatchObject({ cost: 20n, receipt: { rail: 2, price: 20n, status: 0 } });
  });

  it('A-053 ends without a charge when the gateway is stopped and has waited long enough', async () => {
    const held = holdAt(2);
    pace = held.pace;
    const payer = createBuyer(world);
    await readAll(stream(payer, { max_tokens: 1 }));
    const port = Number(new URL(seller.gateway.url).port);
    const source = stream(payer);
    for (let piece = 0; piece < 2; piece++) await source.next();
    await seller.gateway.stop();
    const books = openLedger(seller.files.ledger, { readOnly: true });
    expect(books.counts().reserved).toBe(0);
    expect((await receiptsOf(payer, { ledger: books })).at(-1)).toMatchObject({
      price: 0n,
      outputUnits: 2n,
      status: 3,
    });
    await books.close();
    await expect(source.next()).rejects.toMatchObject({ code: 'engine.failed' });
    pace = () => undefined;
    Object.assign(seller, { gateway: await seller.openGateway({ port }) });
  });

  it('A-042 never charges more than was reserved, nor less than was delivered before, whatever the model claims', async () => {
    const { end } = await readAll(stream(createBuyer(world), { model: 'lying' }));
    expect(end).toMatchObject({ cost: 20n, bound: 20n });
  });
});

describe('A-043 clients that stop reading', () => {
  it('are cut off, hold no more than their buffers, and are charged for what was handed to them', async () => {
    const before = process.memoryUsage().rss;
    const stalled = await Promise.all(Array.from({ length: 24 }, stall));
    const idle = () =>
      seller.gateway.deps.ledger
        .receipts(0, 4_096)
        .map((row) => Receipt.parse(row.body))
        .filter(({ status }) => status === 1);
    await expect.poll(() => idle().length, { timeout: 20_000 }).toBe(24);
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000);
    for (const { price, inputUnits, outputUnits } of idle()) {
      expect(price).toBe(inputUnits + 2n * outputUnits);
      expect(outputUnits).toBeLessThan(1_000n);
    }
    for (const text of await Promise.all(stalled.map((read) => read()))) expect(text).not.toContain('[DONE]');
  });
});

/** Pays for a long stream and reads nothing of it, until it is asked to read what there is until the end. */
async function stall(): Promise<() => Promise<string>> {
  const long = { ...input, model: 'wide', max_tokens: 1_000, stream: true };
  const { hostname, port } = new URL(seller.gateway.url);
  const socket = createConnection(Number(port), hostname);
  const fetchOverSocket: typeof fetch = async (url, init) => {
    const headers = new Headers(init?.headers);
    if (!headers.has('payment-signature')) return fetch(url, init);
    const body = String(init?.body);
    const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.write(`POST ${route} HTTP/1.1\r\nhost: ${hostname}\r\n${lines}`);
    socket.write(`content-length: ${body.length}\r\n\r\n${body}`);
    return new Response('');
  };
  const payer = createBuyer(world, { fetch: fetchOverSocket });
  await payer.fetch(`${seller.gateway.url}${route}`, { method: 'POST', body: JSON.stringify(long) });
  return async () => {
    let text = '';
    socket.setEncoding('utf8').on('data', (part) => {
      text += part;
    });
    await new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve));
    return text;
  };
}

describe('stock x402 clients', () => {
  it('read a stream to its end, and go on with their channel by the state in the next 402', async () => {
    const signer = toClientEvmSigner(world.people.buyer, world.client as never);
    const client = new x402Client().register('eip155:31337', new BatchSettlementEvmScheme(signer));
    client.setSpendControls({
      allowedAssets: [{ asset: world.addresses.token, network: 'eip155:31337', maxAmountPerPayment: '1000000' }],
    } as never);
    const pay = wrapFetchWithPayment(fetch, client);
    const ask = (more: object) =>
      pay(`${seller.gateway.url}${route}`, {
        method: 'POST',
        body: JSON.stringify({ ...input, ...more }),
        headers: { 'content-type': 'application/json' },
      });
    const streamed = await ask({ stream: true });
    expect(streamed.headers.get('payment-response')).toBeNull();
    expect(await streamed.text()).toContain('data: [DONE]');
    for (let call = 0; call < 2; call++) expect((await ask({})).status).toBe(200);
  });
});

describe('A-040 a gateway that is killed in the middle of a stream', () => {
  it('charges nothing, leaves a receipt that says so, and serves the channel again', async () => {
    const file = join(world.home, 'killed.json');
    const { engine: _, ...listing } = published.listings[0] as (typeof published.listings)[number];
    const options = {
      listing,
      rpcUrl: world.chain.url,
      addresses: world.addresses,
      seller: world.people.seller.address,
      receiverAuthorizer: seller.receiverAuthorizer,
      receiptKey: world.people.receipts.key,
      ledgerFile: seller.files.ledger,
      settlerFile: seller.files.settler,
      holdAt: 3,
    };
    const text = JSON.stringify(options, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
    await writeFile(file, text);
    const payer = createBuyer(world);
    await readAll(stream(payer));
    await seller.gateway.stop();
    const script = join(import.meta.dirname, '../../../test/actors/streamProcess.ts');
    const child = spawn(process.execPath, [script, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    const url = await new Promise<string>((resolve) => child.stdout.once('data', (line) => resolve(`${line}`.trim())));
    const gateway = { payer, route, check: receiptCheck(world) };
    const source = streamModel({ ...gateway, gateway: url, input });
    for (let piece = 0; piece < 3; piece++) expect((await source.next()).done).toBe(false);
    child.kill('SIGKILL');
    await expect(source.next()).rejects.toThrow();
    const restarted = await seller.openGateway();
    const [, killed] = await receiptsOf(payer, restarted.deps);
    expect(killed).toMatchObject({ seq: 2n, price: 0n, outputUnits: 0n, status: 3 });
    expect(restarted.deps.ledger.counts().reserved).toBe(0);
    const { end } = await readAll(streamModel({ ...gateway, gateway: restarted.url, input }));
    expect(end.receipt).toMatchObject({ seq: 3n, cumulative: 40n });
    await restarted.stop();
  });
});
