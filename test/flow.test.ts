/**
 * Agorai in six steps, on a real local chain with real weights and real HTTP. Each step is a stage of the flow and a
 * folder of `src/`. Read it from top to bottom.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as Report from '../src/audit/Report.ts';
import { verifyBooks, verifyPublic } from '../src/audit/verify.ts';
import { assetsAbi } from '../src/chain/abi/index.ts';
import { callModel } from '../src/infer/callModel.ts';
import * as Amount from '../src/internal/Amount.ts';
import { buyLicence } from '../src/license/buyLicence.ts';
import * as Terms from '../src/license/Terms.ts';
import type { Payer } from '../src/pay/createPayer.ts';
import { openLedger } from '../src/pay/openLedger.ts';
import { readRoot } from '../src/publish/readRoot.ts';
import { withdraw } from '../src/settle/withdraw.ts';
import { createBuyer, receiptCheck } from './actors/createBuyer.ts';
import { type Model, prices, publishModel } from './actors/publishModel.ts';
import { type Seller, startSeller } from './actors/startSeller.ts';
import { startWorld, type World } from './actors/startWorld.ts';

let world: World;
let seller: Seller;
let payer: Payer;
const published = {} as Record<Model, Awaited<ReturnType<typeof publishModel>>>;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await seller?.stop();
  await world.stop();
});

it('publish: a model becomes an asset with terms and a split, in one transaction', async () => {
  published.digits = await publishModel(world, 'digits', { licensed: true });
  published.embeddings = await publishModel(world, 'embeddings');
  const { asset, manifestRoot } = published.digits.listing;
  const { client, addresses, people } = world;
  const onChain = { address: addresses.assets, abi: assetsAbi } as const;
  expect(await client.readContract({ ...onChain, functionName: 'ownerOf', args: [asset] })).toBe(people.seller.address);
  expect(await readRoot(client, { addresses, asset, version: 1 })).toBe(manifestRoot);
});

it('license: the buyer names the complete terms, so nothing can change under the purchase', async () => {
  const { terms } = published.digits;
  const { addresses } = world;
  expect(Terms.sentence(terms, prices.digits)).toContain('You pay $0.05 for 30 days, and $0.0002 per call.');
  const bought = await buyLicence(await world.connect('buyer'), { addresses, terms, maxPrice: 50_000n });
  expect(bought.licence.valid).toBe(true);
  expect(bought.paid).toBe(50_000n);
});

it('pay: one deposit opens a channel with the seller, a call without payment is told its price', async () => {
  seller = await startSeller(world, [published.digits.listing, published.embeddings.listing]);
  payer = createBuyer(world);
  const unpaid = await fetch(`${seller.gateway.url}/v1/classify`, {
    method: 'POST',
    body: JSON.stringify({ model: 'digits', pixels: Array(784).fill(0) }),
  });
  expect(unpaid.status).toBe(402);
  expect(await unpaid.json()).toMatchObject({
    x402Version: 2,
    accepts: [{ scheme: 'batch-settlement', amount: '200' }, { scheme: 'exact' }],
  });
});

it('infer: every call is charged by a voucher and proved by a receipt', async () => {
  const call = (model: Model, input: object) =>
    callModel({
      payer,
      gateway: seller.gateway.url,
      route: published[model].listing.engine.route,
      input: { model, ...input },
      check: receiptCheck(world),
    });
  for (let i = 0; i < 9; i++) {
    const digit = await call('digits', { pixels: Array(784).fill(i) });
    expect(digit).toMatchObject({ status: 200, cost: 200n, weights: published.digits.listing.manifestRoot });
  }
  const sentence = await call('embeddings', { input: 'A marketplace that nobody has to trust.' });
  expect((sentence.body as { data: { embedding: number[] }[] }).data[0]?.embedding).toHaveLength(512);
  expect(sentence.receipt.seq).toBe(10n);
  expect(sentence.receipt.cumulative).toBe(1_800n + sentence.cost);
});

it('settle: one claim for all calls, then each party withdraws its share once the dispute window has passed', async () => {
  const [channel] = await payer.setup.store.all();
  const charged = channel?.charged ?? 0n;
  seller.settler.settleNow();
  const revenue = charged + 50_000n;
  const claimed = async () => (await payer.setup.readChannel?.(channel?.channelId as `0x${string}`))?.claimed;
  await expect.poll(claimed, { timeout: 20_000 }).toBe(charged);
  const harvested = () => world.dollarsOf(world.addresses.vaults);
  await expect.poll(harvested, { timeout: 20_000 }).toBe(revenue);
  await world.passTime(40);
  for (const [role, bps] of [
    ['seller', 7_000n],
    ['contributor', 2_000n],
    ['evaluator', 1_000n],
  ] as const) {
    const { vaults, token } = world.addresses;
    const payee = world.people[role].address;
    const { amount } = await withdraw(await world.connect(role), { vaults, tokens: [token], payee });
    expect(Amount.format(amount)).toBe(Amount.format((revenue * bps) / 10_000n));
  }
});

it('audit: anyone recomputes every balance from public data, and the seller every receipt', async () => {
  const { client, addresses, people } = world;
  const publicReport = await verifyPublic({ client, addresses, logs: [seller.gateway.url] });
  expect(publicReport.residuals).toEqual([]);
  const ledger = openLedger(seller.files.ledger, { readOnly: true });
  const books = await verifyBooks({ client, addresses, ledger, seller: people.seller.address });
  await ledger.close();
  expect(books.residuals).toEqual([]);
  expect(Report.passed(books) && books.payments).toHaveLength(10);
  expect(books.proofs.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['X1', 'X2', 'X3', 'X6', 'X8', 'X13']));
});
