/** The official OpenAI client against a gateway: by a licence as its key, by a paying fetch, and when it is refused. */
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyBooks } from '../src/audit/verify.ts';
import { signIn } from '../src/infer/signIn.ts';
import * as Prices from '../src/license/Prices.ts';
import { openLedger } from '../src/pay/openLedger.ts';
import { createBuyer } from './actors/createBuyer.ts';
import { holdLicence, monthly, offer, publishNgram } from './actors/publishNgram.ts';
import { type Seller, startSeller } from './actors/startSeller.ts';
import { startWorld, type World } from './actors/startWorld.ts';

let world: World;
let seller: Seller;
let published: Awaited<ReturnType<typeof publishNgram>>;
/** Terms of a month without further prices, besides those of the listing, which sell by the token. */
let month: Awaited<ReturnType<typeof publishNgram>>['terms'];
/** Terms without the right that the route needs. */
let measuring: typeof month;

beforeAll(async () => {
  world = await startWorld();
  published = await publishNgram(world);
  month = { ...published.terms, ...monthly, pricesHash: Prices.hash(Prices.from({})) };
  measuring = { ...month, rights: 4, price: 1n };
  // All are offered before the gateway first looks: it looks for new ones once a second.
  for (const terms of [month, measuring]) await offer(world, terms, Prices.from({}));
  seller = await startSeller(world, published.listings);
});
afterAll(async () => {
  await seller.stop();
  await world.stop();
});

const messages = [{ role: 'user' as const, content: 'Agorai is a decentralized' }];
const clientOf = (apiKey: string, fetch?: typeof globalThis.fetch) =>
  new OpenAI({ baseURL: `${seller.gateway.url}/v1`, apiKey, maxRetries: 0, ...(fetch ? { fetch } : {}) });

/** A fetch that pays from the buyer's wallet. */
function paying() {
  const payer = createBuyer(world);
  const fetch: typeof globalThis.fetch = async (url, init) => (await payer.fetch(String(url), init)).response;
  return { payer, fetch };
}

describe('with a licence as its key', () => {
  let client: OpenAI;
  beforeAll(async () => {
    const termsId = await holdLicence(world, month, world.people.buyer.address);
    const { token } = await signIn({
      gateway: seller.gateway.url,
      wallet: world.people.buyer,
      termsId,
      chainId: world.addresses.chainId,
    });
    client = clientOf(token);
  });

  it('chats in one piece and in many, with the same words', async () => {
    const whole = await client.chat.completions.create({ model: 'ngram', messages, max_tokens: 12 });
    expect(whole.choices[0]?.message.content?.trim()).not.toBe('');
    expect(whole.usage).toEqual({ prompt_tokens: 4, completion_tokens: 12, total_tokens: 16 });
    const stream = await client.chat.completions.create({ model: 'ngram', messages, max_tokens: 12, stream: true });
    let words = '';
    // As careless as clients are: the first choice of every piece is taken to be there.
    for await (const piece of stream) words += (piece.choices[0] as (typeof piece.choices)[number]).delta.content ?? '';
    expect(words).toBe(whole.choices[0]?.message.content);
  });

  it('completes text in one piece and in many', async () => {
    const whole = await client.completions.create({ model: 'ngram', prompt: 'A gateway', max_tokens: 8 });
    const stream = await client.completions.create({
      model: 'ngram',
      prompt: 'A gateway',
      max_tokens: 8,
      stream: true,
    });
    let words = '';
    for await (const piece of stream) words += (piece.choices[0] as (typeof piece.choices)[number]).text;
    expect(words).toBe(whole.choices[0]?.text);
  });

  it('counts the tokens where it is asked to, and its own assembler finds a whole answer', async () => {
    const run = client.chat.completions.stream({
      model: 'ngram',
      messages,
      max_tokens: 5,
      stream_options: { include_usage: true },
    });
    const final = await run.finalChatCompletion();
    expect(final.usage).toMatchObject({ prompt_tokens: 4, completion_tokens: 5 });
    expect(final.choices).toHaveLength(1);
    expect(final.choices[0]?.finish_reason).toBe('length');
  });

  it('gets a receipt at no price for each call, numbered on the account of the licence', async () => {
    const { ledger } = seller.gateway.deps;
    const bodies = ledger.receipts(0, 100).map((row) => JSON.parse(row.body));
    const own = bodies.filter(({ rail }) => rail === 3);
    expect(own.map(({ seq }) => Number(seq))).toEqual(own.map((_, at) => at + 1));
    expect(new Set(own.map(({ price, cumulative, status }) => `${price} ${cumulative} ${status}`))).toEqual(
      new Set(['0 0 0']),
    );
    expect(own.at(-1)).toMatchObject({ outputUnits: '5', payer: world.people.buyer.address });
  });
});

describe('with a fetch that pays', () => {
  it('chats, streams and chats again on one deposit, and is charged by the token', async () => {
    const { payer, fetch } = paying();
    const client = clientOf('unused', fetch);
    const ask = { model: 'ngram', messages, max_tokens: 6 } as const;
    await client.chat.completions.create(ask);
    const stream = await client.chat.completions.create({ ...ask, stream: true });
    for await (const _ of stream);
    await client.chat.completions.create(ask);
    const [account] = await payer.setup.store.all();
    // Four tokens read at one atom and six written at two, three times.
    expect(account?.charged).toBe(48n);
    expect(seller.gateway.deps.ledger.channel(account?.channelId as `0x${string}`)?.charged).toBe(48n);
  });

  it('A-041 stops reading, and the next call goes on from what was delivered', async () => {
    const { payer, fetch } = paying();
    const client = clientOf('unused', fetch);
    const stream = await client.chat.completions.create({ model: 'ngram', messages, max_tokens: 3_000, stream: true });
    for await (const _ of stream) break;
    await client.chat.completions.create({ model: 'ngram', messages, max_tokens: 6 });
    const [account] = await payer.setup.store.all();
    const row = seller.gateway.deps.ledger.channel(account?.channelId as `0x${string}`);
    expect(account?.charged).toBe(row?.charged);
    expect(row?.charged).toBeLessThan(4n + 6_000n);
  });
});

describe('refusals', () => {
  const ask = (client: OpenAI, model = 'ngram') => client.chat.completions.create({ model, messages });

  it('401: a token that is unknown', async () => {
    await expect(ask(clientOf('agorai_nothing'))).rejects.toMatchObject({
      status: 401,
      code: 'signin.invalid',
      message: expect.stringContaining('Sign in again'),
    });
  });

  it('402: a key of another service pays nothing, and the answer says what to do', async () => {
    await expect(ask(clientOf('sk-other'))).rejects.toMatchObject({
      status: 402,
      code: 'payment.required',
      message: expect.stringContaining('sign in with a licence'),
    });
  });

  it('404: a model that is not sold', async () => {
    await expect(ask(clientOf('sk-other'), 'gpt-9')).rejects.toMatchObject({ status: 404, code: 'model.unknown' });
  });

  it('403: a licence without the right', async () => {
    const termsId = await holdLicence(world, measuring, world.people.buyer.address);
    const { addresses, people } = world;
    const wallet = people.buyer;
    const { token } = await signIn({ gateway: seller.gateway.url, wallet, termsId, chainId: addresses.chainId });
    await expect(ask(clientOf(token))).rejects.toMatchObject({
      status: 403,
      code: 'licence.right',
      message: expect.stringContaining('infer'),
    });
  });
});

it('X1 the books of licences, streams and payments add up, and every receipt is linked', async () => {
  const { client, addresses, people } = world;
  const ledger = openLedger(seller.files.ledger, { readOnly: true });
  const books = await verifyBooks({ client, addresses, ledger, seller: people.seller.address });
  await ledger.close();
  expect(books.residuals).toEqual([]);
});
