/**
 * Every route that the other flows do not sell, through a real gateway and paid from one deposit. What a call must cost
 * is computed here from what went in and what came out, and compared with the charge and the receipt.
 */
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { draw } from '../models/ocr/samples.ts';
import { verifyBooks } from '../src/audit/verify.ts';
import { openListings } from '../src/cli/openListings.ts';
import { callModel } from '../src/infer/callModel.ts';
import * as Evidence from '../src/infer/Evidence.ts';
import * as BytePair from '../src/infer/engines/BytePair.ts';
import type { Listing } from '../src/infer/Listing.ts';
import { signIn } from '../src/infer/signIn.ts';
import { type Streamed, streamModel } from '../src/infer/streamModel.ts';
import * as Prices from '../src/license/Prices.ts';
import * as Right from '../src/license/Right.ts';
import type { Terms } from '../src/license/Terms.ts';
import type { Payer } from '../src/pay/createPayer.ts';
import { openLedger } from '../src/pay/openLedger.ts';
import * as Card from '../src/publish/Card.ts';
import { describeFiles, type Folder, readFolder } from '../src/publish/readFolder.ts';
import { createBuyer, receiptCheck } from './actors/createBuyer.ts';
import { publishFolder } from './actors/publishFolder.ts';
import { readBuiltIn } from './actors/publishModel.ts';
import { holdLicence, monthly, offer } from './actors/publishNgram.ts';
import { startOpenAi } from './actors/startOpenAi.ts';
import { type Seller, startSeller } from './actors/startSeller.ts';
import { description, startWeather } from './actors/startWeather.ts';
import { startWorld, type World } from './actors/startWorld.ts';

/** Atoms per million units; odd ones, so that a unit more or less or a sum rounded twice is another charge. */
const prices = {
  glosses: Prices.from({ perInputToken: 1_300_000n, perOutputToken: 2_700_000n }),
  ocr: Prices.from({ perImage: 1_000_000_001n, perByte: 7_001n }),
  moderation: Prices.from({ perImage: 400_000_001n, perByte: 3_001n }),
  rows: Prices.from({ perOutputToken: 1_700_001n, perByte: 110_001n }),
  tool: Prices.from({ perCall: 150_000_001n, perByte: 900_001n }),
  remote: Prices.from({ perCall: 1n, perInputToken: 1_100_001n, perOutputToken: 3_300_001n }),
  free: Prices.from({}),
};
const free = prices.free;

let world: World;
let seller: Seller;
let payer: Payer;
let openAi: Awaited<ReturnType<typeof startOpenAi>>;
let weather: Awaited<ReturnType<typeof startWeather>>;
let sold: Readonly<Record<keyof typeof prices, Awaited<ReturnType<typeof publishFolder>>>>;
/** Terms on offer besides: every use for a month, rows for who may infer, and rows that have a price for pictures alone. */
let besides: Readonly<Record<'month' | 'inferOnly' | 'pictures', Terms>>;
/** What all calls cost until now. */
let total = 0n;

beforeAll(async () => {
  [world, openAi, weather] = await Promise.all([startWorld(), startOpenAi(), startWeather()]);
  process.env.ROUTES_UPSTREAM_KEY = 'sk-test';
  const use = { rights: ['infer'] } as const;
  const key = { env: 'ROUTES_UPSTREAM_KEY' };
  const publish = publishFolder.bind(undefined, world);
  sold = {
    glosses: await publish(await readBuiltIn('glosses'), { ...use, prices: prices.glosses }),
    ocr: await publish(await readBuiltIn('ocr'), { ...use, prices: prices.ocr }),
    moderation: await publish(await readBuiltIn('moderation'), { ...use, prices: prices.moderation }),
    rows: await publish(await readBuiltIn('breast-cancer'), { rights: ['train'], prices: prices.rows, price: 70_000n }),
    tool: await publish(await createTool(), {
      ...use,
      prices: prices.tool,
      upstream: { url: `${weather.origin}/`, allow: [weather.origin] },
    }),
    remote: await publish(await createRemote(), {
      ...use,
      prices: prices.remote,
      upstream: { url: openAi.url, allow: [openAi.origin], key },
    }),
    free: await publish(await readBuiltIn('digits'), { ...use, prices: free }),
  };
  besides = {
    month: await offerLike(sold.glosses.terms, free, monthly),
    inferOnly: await offerLike(sold.rows.terms, prices.rows, { rights: Right.setOf(['infer']) }),
    pictures: await offerLike(sold.rows.terms, Prices.from({ perImage: 1n })),
  };
  const listings = Object.values(sold).flatMap((one): readonly Listing[] => one.listings);
  seller = await startSeller(world, [...listings, covered()]);
  payer = createBuyer(world, { policy: { maxPerCall: 1_000_000n, maxDeposit: 50_000_000n, deposit: 20_000_000n } });
});
afterAll(async () => {
  delete process.env.ROUTES_UPSTREAM_KEY;
  await seller?.stop();
  await Promise.all([openAi?.stop(), weather?.stop(), world?.stop()]);
});

/** Offers terms like others but for their prices of use, and what else is named. */
async function offerLike(terms: Terms, asked: Prices.Prices, changes: Partial<Terms> = {}): Promise<Terms> {
  const offered = { ...terms, ...changes, pricesHash: Prices.hash(asked) };
  await offer(world, offered, asked);
  return offered;
}

/** The free model for those who hold a licence. */
function covered(): Listing {
  const [listing] = sold.free.listings;
  return { ...listing, model: 'covered', terms: { ...listing.terms, ...monthly } };
}

/** A folder with the card of the example, changed, and other files beside it. */
async function createFolder(changes: object, own: Readonly<Record<string, unknown>>): Promise<Folder> {
  const example = await readFolder(join(import.meta.dirname, '../examples/infer/remote'));
  const content = { ...example.card, ...changes, files: Object.keys(own) };
  const files = new Map(
    Object.entries({ [Card.FILE]: content, ...own }).map(([name, value]) => [name, Buffer.from(JSON.stringify(value))]),
  );
  return { card: Card.parse(files.get(Card.FILE) as Buffer), manifest: await describeFiles(files), files };
}

function createTool(): Promise<Folder> {
  return createFolder(
    { kind: 'tool', name: 'weather', task: 'openapi-operation', format: 'openapi', route: '/v1/tools/weather' },
    { 'tool.json': { operation: 'getWeather', resultBytes: 2_000 }, 'openapi.json': description },
  );
}

function createRemote(): Promise<Folder> {
  const declared = { model: 'backwards', inputTokens: 100, outputTokens: 50, weights: 'none' };
  return createFolder({ name: 'backwards' }, { 'declared.json': declared });
}

type Units = Partial<Prices.Units>;

function optionsOf({ model, engine: { route } }: Listing, input: object, token?: string) {
  return {
    payer,
    gateway: seller.gateway.url,
    route,
    input: { model, ...input },
    check: receiptCheck(world),
    // What a licence does not cover is paid beside its token up to a limit, and else refused.
    ...(token === undefined ? {} : { token, limits: { maxPrice: 10_000n } }),
  };
}

/** Asks without a payment. */
function send({ model, engine: { route } }: Listing, input: object, token?: string): Promise<Response> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const body = JSON.stringify({ model, ...input });
  return fetch(`${seller.gateway.url}${route}`, { method: 'POST', body, headers });
}

async function stream(listing: Listing, input: object): Promise<Streamed & { pieces: readonly unknown[] }> {
  const run = streamModel(optionsOf(listing, input));
  const pieces: unknown[] = [];
  for (;;) {
    const { done, value } = await run.next();
    if (done) return { ...value, pieces };
    pieces.push(value);
  }
}

/** The charge is what the units cost, rounded up once, and the receipt says so; it is the next one of the channel. */
function expectCharge({ asset, manifestRoot, prices: asked }: Listing, call: Streamed, units: Units): void {
  const { calls = 1n, inputTokens = 0n, outputTokens = 0n, images = 0n, bytes = 0n } = units;
  const sum =
    asked.perCall * calls +
    asked.perInputToken * inputTokens +
    asked.perOutputToken * outputTokens +
    asked.perImage * images +
    asked.perByte * bytes;
  const price = (sum + 999_999n) / 1_000_000n;
  total += price;
  expect(call.cost).toBe(price);
  expect(call.receipt).toMatchObject({
    ...{ rail: 1, status: 0, asset, manifestRoot, price, cumulative: total },
    ...{ inputUnits: inputTokens + images, outputUnits: outputTokens },
  });
}

async function tokenFor(terms: Terms): Promise<string> {
  const wallet = world.people.buyer;
  const termsId = await holdLicence(world, terms, wallet.address);
  const { chainId } = world.addresses;
  return (await signIn({ gateway: seller.gateway.url, wallet, termsId, chainId })).token;
}

describe('/v1/completions, a model of ours', () => {
  it('streams for the tokens of the prompt and of every piece', async () => {
    const [listing] = sold.glosses.listings;
    const call = await stream(listing, { prompt: 'volcano:', max_tokens: 200, temperature: 0 });
    const pieces = call.pieces as OpenAI.Completion[];
    expect(pieces.map(({ choices }) => choices[0]?.text).join('')).toBe(' a city in the European part of Russia');
    const vocabulary = BytePair.parse((await readBuiltIn('glosses')).files.get('vocabulary.json') as Uint8Array);
    const inputTokens = BigInt(BytePair.encode(vocabulary, 'volcano:').length);
    expectCharge(listing, call, { inputTokens, outputTokens: BigInt(pieces.length) });
    expect(call.bound).toBe((1_300_000n * inputTokens + 2_700_000n * 200n + 999_999n) / 1_000_000n);
  });
});

describe('/v1/chat/completions of the same model', () => {
  it('is sold beside it', async () => {
    const listing = sold.glosses.listings[1] as Listing;
    expect(listing.engine.route).toBe('/v1/chat/completions');
    const messages = [{ role: 'user', content: 'volcano:' }];
    const call = await callModel(optionsOf(listing, { messages, max_tokens: 200, temperature: 0 }));
    const { choices, usage } = call.body as OpenAI.ChatCompletion;
    expect(choices[0]?.message.content).toBe(' a city in the European part of Russia');
    const { prompt_tokens, completion_tokens } = usage as OpenAI.CompletionUsage;
    expectCharge(listing, call, { inputTokens: BigInt(prompt_tokens), outputTokens: BigInt(completion_tokens) });
  });

  it('is listed by the configuration of a gateway, under the same offer', async () => {
    const { addresses, client, chain, people } = world;
    const { asset } = sold.glosses.listings[0];
    const folder = join(import.meta.dirname, '../models/glosses');
    const listings = await openListings(
      { addresses, client, rpcUrl: chain.url },
      { seller: people.seller.address, models: [{ folder, asset, version: 1 }] },
    );
    const routes = listings.map(({ model, engine }) => `${model} ${engine.route}`);
    expect(routes).toEqual(['glosses /v1/completions', 'glosses /v1/chat/completions']);
    expect(new Set(listings.map(({ termsId }) => termsId)).size).toBe(1);
    for (const { engine } of listings) await engine.close();
  });

  it('answers the official client signed in with a licence, as a whole and in pieces', async () => {
    const client = new OpenAI({
      baseURL: `${seller.gateway.url}/v1`,
      apiKey: await tokenFor(besides.month),
      maxRetries: 0,
    });
    const ask = { model: 'glosses', messages: [{ role: 'user' as const, content: 'volcano:' }], temperature: 0 };
    const whole = await client.chat.completions.create(ask);
    expect(whole.choices[0]?.message).toMatchObject({ role: 'assistant', content: expect.stringContaining(' a city') });
    const run = client.chat.completions.stream({ ...ask, stream_options: { include_usage: true } });
    const final = await run.finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
    expect(final.choices[0]?.finish_reason).toBe('stop');
    expect(final.usage).toEqual(whole.usage);
    const text = await client.completions.create({ model: 'glosses', prompt: 'volcano:', temperature: 0 });
    expect(text.choices[0]?.text).toBe(whole.choices[0]?.message.content);
    const system = client.chat.completions.create({ ...ask, messages: [{ role: 'system', content: 'volcano:' }] });
    await expect(system).rejects.toMatchObject({ status: 400, code: 'request.invalid' });
  });
});

it('/v1/ocr reads a picture for its number and bytes', async () => {
  const [listing] = sold.ocr.listings;
  const picture = await draw(['Total 42', 'Thank you'], 'sans');
  const call = await callModel(optionsOf(listing, { image: picture.toString('base64') }));
  const { lines } = call.body as { lines: { text: string }[] };
  expect(lines.map(({ text }) => text)).toEqual(['Total 42', 'Thank you']);
  expectCharge(listing, call, { images: 1n, bytes: BigInt(picture.length) });
});

/** Has a picture judged, which costs what was reserved. */
async function judge(): Promise<void> {
  const [listing] = sold.moderation.listings;
  const picture = await draw(['Total 42'], 'sans');
  const url = `data:image/png;base64,${picture.toString('base64')}`;
  const call = await callModel(optionsOf(listing, { input: [{ type: 'image_url', image_url: { url } }] }));
  expect(call.body).toMatchObject({ results: [{ flagged: false }] });
  expectCharge(listing, call, { images: 1n, bytes: BigInt(picture.length) });
  expect(call.bound).toBe(call.cost);
}

it('/v1/moderations judges a picture for its number and bytes', judge);

describe('/v1/rows', () => {
  const input = { from: 1, limit: 3, columns: ['diagnosis'] };

  it('is refused without a licence, and to who may only infer', async () => {
    const [listing] = sold.rows.listings;
    await expect(callModel(optionsOf(listing, input))).rejects.toMatchObject({ code: 'licence.required' });
    const token = await tokenFor(besides.inferOnly);
    await expect(callModel(optionsOf(listing, input, token))).rejects.toMatchObject({ code: 'licence.right' });
  });

  it('gives rows to who may train, for their number and bytes', async () => {
    const [listing] = sold.rows.listings;
    const call = await callModel(optionsOf(listing, input, await tokenFor(sold.rows.terms)));
    const file = (await readBuiltIn('breast-cancer')).files.get('rows.csv') as Uint8Array;
    const lines = new TextDecoder().decode(file).split('\n').slice(2, 5);
    const rows = lines.map((line) => ({ diagnosis: line.trim().split(',').at(-1) }));
    expect(call.body).toMatchObject({ rows, next: 4 });
    expectCharge(listing, call, { outputTokens: 3n, bytes: BigInt(JSON.stringify(rows).length) });
  });
});

it('/v1/tools/<name> calls an operation for the call and the bytes of its result', async () => {
  const [listing] = sold.tool.listings;
  const call = await callModel(optionsOf(listing, { arguments: { city: 'Berlin', unit: 'kelvin' } }));
  const result = { city: 'Berlin', unit: 'kelvin', degrees: 6, days: [] };
  expect(call.body).toEqual({ object: 'tool.result', model: 'weather', result });
  expectCharge(listing, call, { bytes: BigInt(JSON.stringify(result).length) });
});

it('a remote model streams for four bytes a token, whatever its server says it used', async () => {
  openAi.state.misbehave = { usage: { prompt_tokens: 9_999, completion_tokens: 9_999, total_tokens: 19_998 } };
  const [listing] = sold.remote.listings;
  const call = await stream(listing, { messages: [{ role: 'user', content: 'one two three' }] });
  const pieces = call.pieces as OpenAI.ChatCompletionChunk[];
  expect(pieces.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('three two one');
  // The role is text of the prompt: "user" and "one two three" have 17 bytes, the answer has 13.
  expectCharge(listing, call, { inputTokens: 5n, outputTokens: 4n });
});

describe('a call that costs nothing', () => {
  it('is served by the voucher of the last charge, again and again', async () => {
    const [listing] = sold.free.listings;
    await judge();
    const before = await payer.setup.store.all();
    for (let at = 0; at < 3; at++) {
      const call = await callModel(optionsOf(listing, { pixels: Array(784).fill(at) }));
      expect(call.bound).toBe(0n);
      expectCharge(listing, call, { images: 1n });
    }
    expect(await payer.setup.store.all()).toEqual(before);
  });

  it('is told how to be signed for, and is served to a holder who signed in without any payment', async () => {
    const unpaid = await send(sold.free.listings[0], { pixels: Array(784).fill(0) });
    expect(unpaid.status).toBe(402);
    expect(await unpaid.json()).toMatchObject({
      hint: expect.stringContaining('last voucher'),
      accepts: [{ amount: '0' }, {}],
    });

    const served = await send(sold.rows.listings[0], { from: 0, limit: 1 }, await tokenFor(besides.pictures));
    expect(served.status).toBe(200);
    const { receipt } = Evidence.parseHeader(served.headers.get('agorai-receipt') ?? '');
    expect(receipt).toMatchObject({ rail: 3, price: 0n, cumulative: 0n, outputUnits: 1n });
  });

  it('because a licence covers it is refused to who did not sign in, and the refusal says how', async () => {
    const call = callModel(optionsOf(covered(), { pixels: Array(784).fill(0) }));
    await expect(call).rejects.toMatchObject({ status: 401, code: 'signin.required' });
  });
});

it('X1 the channel and the books say what the calls cost together', async () => {
  const [channel, ...others] = await payer.setup.store.all();
  expect(others).toEqual([]);
  expect(channel?.charged).toBe(total);
  const { client, addresses, people } = world;
  const ledger = openLedger(seller.files.ledger, { readOnly: true });
  const books = await verifyBooks({ client, addresses, ledger, seller: people.seller.address });
  await ledger.close();
  expect(books.residuals).toEqual([]);
});
