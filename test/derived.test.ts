/** A thousand paid calls of a model that was made from another seller's dataset: five parties get their shares to the atom. */
import { join } from 'node:path';
import { type Address, zeroAddress } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyBooks, verifyPublic } from '../src/audit/verify.ts';
import { logsAbi, testDollarAbi } from '../src/chain/abi/index.ts';
import { send } from '../src/chain/send.ts';
import { openListings } from '../src/cli/openListings.ts';
import { buyLicence } from '../src/license/buyLicence.ts';
import * as Prices from '../src/license/Prices.ts';
import * as Right from '../src/license/Right.ts';
import * as Terms from '../src/license/Terms.ts';
import { openLedger } from '../src/pay/openLedger.ts';
import * as Asset from '../src/publish/Asset.ts';
import * as Lineage from '../src/publish/Lineage.ts';
import { publishAsset } from '../src/publish/publishAsset.ts';
import { readFolder } from '../src/publish/readFolder.ts';
import { harvest } from '../src/settle/harvest.ts';
import { readPassing } from '../src/settle/readPassing.ts';
import * as Split from '../src/settle/Split.ts';
import { withdraw } from '../src/settle/withdraw.ts';
import { createBuyer } from './actors/createBuyer.ts';
import { type Seller, startSeller } from './actors/startSeller.ts';
import { startWorld, type World } from './actors/startWorld.ts';

const calls = 1_000n;
// Prices and shares that leave a rest at every division.
const price = 503n;
const licence = 100_003n;
const royalty = 2_333n;
const ofModel = { seller: 5_557n, contributor: 2_222n, evaluator: 2_221n } as const;
const ofDataset = { hospital: 6_667n, pathologist: 3_333n } as const;
const window = 30;
const whole = 10_000n;

let world: World;
let seller: Seller;
let dataset = 0n;
let model = 0n;

type Role = keyof typeof ofModel | keyof typeof ofDataset;

/** The shares of a split; the owner is named first and stands as the zero address. */
function payees(shares: Partial<Record<Role, bigint>>): readonly Split.Payee[] {
  return Object.entries(shares)
    .map(([role, bps], at) => ({
      account: at === 0 ? zeroAddress : (world.people[role as Role].address as Address),
      bps: Number(bps),
    }))
    .sort((a, b) => (BigInt(a.account) < BigInt(b.account) ? -1 : 1));
}

async function publish(
  role: 'seller' | 'hospital',
  name: string,
  terms: Terms.Terms,
  prices: Prices.Prices,
  shares: Partial<Record<Role, bigint>>,
  parents: readonly Lineage.Edge[] = [],
): Promise<bigint> {
  const { addresses } = world;
  const { card, manifest } = await readFolder(folderOf(name));
  const publication = { kind: card.kind, manifestRoot: manifest.root, salt: Asset.noSalt, uri: 'agorai:none' };
  const attachments = [
    ...(parents.length === 0 ? [] : [{ module: addresses.lineages, data: Lineage.encodeAttachment(parents) }]),
    { module: addresses.vaults, data: Split.encodeAttachment(payees(shares), window) },
    { module: addresses.licenses, data: Terms.encodeAttachment([{ terms, prices }]) },
  ];
  return (await publishAsset(await world.connect(role), { addresses, publication, attachments })).id;
}

const folderOf = (name: string) => join(import.meta.dirname, '../models', name);

beforeAll(async () => {
  world = await startWorld();
  const { addresses, people, chain, client } = world;
  const { token: currency } = addresses;
  const operator = await world.connect('operator');
  const mint = { address: currency, abi: testDollarAbi, functionName: 'mint' } as const;
  await send(operator, { ...mint, args: [people.seller.address, licence] });

  const free = Prices.from({});
  const rights = Right.setOf(['train', 'infer', 'derive', 'commercial']);
  const derivativeShareBps = Number(royalty);
  const offered = Terms.from({ rights, price: licence, currency, prices: free, derivativeShareBps });
  dataset = await publish('hospital', 'breast-cancer', offered, free, ofDataset);
  const held = { ...offered, asset: dataset, version: 1 };
  await buyLicence(await world.connect('seller'), { addresses, terms: held, maxPrice: licence });

  const prices = Prices.from({ perCall: price * 1_000_000n });
  const sold = Terms.from({ rights: Right.setOf(['infer']), currency, prices });
  const edge: Lineage.Edge = { relation: 'trained-on', shareBps: derivativeShareBps, terms: held };
  model = await publish('seller', 'risk', sold, prices, ofModel, [edge]);
  const config = { seller: people.seller.address, models: [{ folder: folderOf('risk'), asset: model, version: 1 }] };
  seller = await startSeller(world, await openListings({ client, addresses, rpcUrl: chain.url }, config));
});
afterAll(async () => {
  await seller?.stop();
  await world?.stop();
});

/** The measurements of the first row of the dataset, without what it was diagnosed as. */
async function measurements(): Promise<Record<string, number>> {
  const { files } = await readFolder(folderOf('breast-cancer'));
  const [names = [], values = []] = new TextDecoder()
    .decode(files.get('rows.csv'))
    .split('\n')
    .map((line) => line.trim().split(',').slice(0, -1));
  return Object.fromEntries(names.map((name, at) => [name, Number(values[at])]));
}

it('a thousand calls over one channel reach the payees of the model and of its dataset to the atom (P2, P3, X8)', async () => {
  const { addresses, people, client, dollarsOf } = world;
  const { vaults, token } = addresses;
  const roles = [...Object.keys(ofModel), ...Object.keys(ofDataset)] as Role[];
  const before = new Map<Role, bigint>();
  for (const role of roles) before.set(role, await dollarsOf(people[role].address));

  const payer = createBuyer(world, { policy: { maxPerCall: price, maxDeposit: 600_000n, deposit: 600_000n } });
  const body = JSON.stringify({ model: 'risk', features: await measurements() });
  for (let call = 0n; call < calls; call++) {
    const paid = await payer.fetch(`${seller.gateway.url}/v1/predict`, { method: 'POST', body });
    if (paid.response.status !== 200 || paid.cost !== price) expect.fail(`call ${call}: ${paid.response.status}`);
    await paid.response.arrayBuffer();
  }
  const revenue = calls * price;
  const accounts = await payer.setup.store.all();
  expect(accounts).toMatchObject([
    { charged: revenue, balance: 600_000n, config: { receiver: seller.listings[0]?.payTo } },
  ]);

  seller.settler.settleNow();
  await harvest(await world.connect('hospital'), { vaults, account: dataset, token });
  await expect.poll(() => dollarsOf(vaults), { timeout: 30_000 }).toBe(revenue + licence);
  await world.passTime(2 * window);

  // Independent of the code that shares out: every row is its part of everything, rounded down once for each split.
  const passed = (revenue * royalty) / whole;
  const expected: Record<Role, bigint> = {
    seller: (revenue * (whole - royalty) * ofModel.seller) / whole ** 2n,
    contributor: (revenue * (whole - royalty) * ofModel.contributor) / whole ** 2n,
    evaluator: (revenue * (whole - royalty) * ofModel.evaluator) / whole ** 2n,
    hospital: ((licence + passed) * ofDataset.hospital) / whole,
    pathologist: ((licence + passed) * ofDataset.pathologist) / whole,
  };
  const passing = await readPassing(client, { vaults, payee: people.pathologist.address, tokens: [token] });
  const due = (passed * ofDataset.pathologist) / whole;
  expect(passing).toMatchObject([{ account: dataset, from: model, passed: 0n, ready: due, waiting: 0n }]);

  for (const role of roles)
    await withdraw(await world.connect(role), { vaults, tokens: [token], payee: people[role].address });
  const got = {} as Record<Role, bigint>;
  for (const role of roles) got[role] = (await dollarsOf(people[role].address)) - (before.get(role) ?? 0n);
  expect(got).toEqual(expected);
  const paidOut = Object.values(expected).reduce((sum, one) => sum + one, 0n);
  expect(await dollarsOf(vaults)).toBe(revenue + licence - paidOut);
  expect(revenue + licence - paidOut).toBeLessThan(BigInt(roles.length) + 1n);
  const after = await readPassing(client, { vaults, payee: people.pathologist.address, tokens: [token] });
  expect(after).toMatchObject([{ passed: due, ready: 0n, waiting: 0n }]);

  const logs = { address: addresses.logs, abi: logsAbi, functionName: 'latestOf' } as const;
  const anchored = async () => (await client.readContract({ ...logs, args: [people.seller.address, 0] }))[1];
  await expect.poll(anchored, { timeout: 20_000 }).toBe(calls);
  const ledger = openLedger(seller.files.ledger, { readOnly: true });
  const books = await verifyBooks({ client, addresses, ledger, seller: people.seller.address });
  await ledger.close();
  expect(books.residuals).toEqual([]);
  expect(books.payments).toHaveLength(Number(calls));
  const open = await verifyPublic({ client, addresses, logs: [seller.gateway.url] });
  expect(open.residuals).toEqual([]);
  expect(open.proofs.map(({ sentence }) => sentence)).toContainEqual(
    expect.stringContaining(`${passed} atoms were passed on`),
  );
}, 120_000);
