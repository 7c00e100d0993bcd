/** A model is made from a data set: what it earns reaches everybody with a share in either, to the atom. */
import type { Address, LocalAccount } from 'viem';
import { zeroAddress } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyPublic } from '../src/audit/verify.ts';
import { assetsAbi, testDollarAbi, vaultsAbi } from '../src/chain/abi/index.ts';
import type { Client } from '../src/chain/client.ts';
import { type RevertedError, send } from '../src/chain/send.ts';
import { buyLicence } from '../src/license/buyLicence.ts';
import { offerTerms } from '../src/license/offerTerms.ts';
import * as Prices from '../src/license/Prices.ts';
import * as Right from '../src/license/Right.ts';
import * as Terms from '../src/license/Terms.ts';
import * as Asset from '../src/publish/Asset.ts';
import * as Lineage from '../src/publish/Lineage.ts';
import { publishAsset } from '../src/publish/publishAsset.ts';
import { readLineage } from '../src/publish/readLineage.ts';
import { assign } from '../src/settle/assign.ts';
import { cascade } from '../src/settle/cascade.ts';
import { configure } from '../src/settle/configure.ts';
import { harvest } from '../src/settle/harvest.ts';
import { readPassing } from '../src/settle/readPassing.ts';
import * as Split from '../src/settle/Split.ts';
import { withdraw } from '../src/settle/withdraw.ts';
import { type Market, startMarket } from './support/startMarket.ts';

const window = 30;
const prices = Prices.from({});
const share = 1_733;
const [dataPrice, modelPrice] = [10_007n, 99_991n];

let market: Market;
let people: Record<'curator' | 'labeller' | 'cleaner' | 'trainer' | 'tester' | 'buyer' | 'heir', Client<LocalAccount>>;
let terms: Record<'data' | 'model', Terms.Terms>;
let [data, model] = [0n, 0n];

beforeAll(async () => {
  market = await startMarket();
  const person = () => market.person(1_000_000n);
  const [curator, labeller, cleaner] = [await person(), await person(), await person()];
  const [trainer, tester, buyer, heir] = [await person(), await person(), await person(), await person()];
  people = { curator, labeller, cleaner, trainer, tester, buyer, heir };
});
afterAll(() => market.stop());

const addressOf = (name: keyof typeof people): Address => people[name].account.address;
const sorted = (...payees: Split.Payee[]) => payees.sort((a, b) => (BigInt(a.account) < BigInt(b.account) ? -1 : 1));

function offer(rights: readonly Right.Right[], price: bigint, derivativeShareBps = 0): Terms.Terms {
  const { token: currency } = market.addresses;
  return Terms.from({ rights: Right.setOf(rights), price, currency, prices, derivativeShareBps });
}

async function publish(seller: Client<LocalAccount>, kind: Asset.Kind, more: readonly Asset.Attachment[]) {
  const manifestRoot = `0x${(kind === 'dataset' ? '1' : '2').repeat(64)}` as const;
  const publication = { kind, manifestRoot, salt: Asset.noSalt, uri: 'agorai:none' };
  return (await publishAsset(seller, { addresses: market.addresses, publication, attachments: more })).id;
}

async function audit(): Promise<void> {
  const report = await verifyPublic({ client: market.operator, addresses: market.addresses, logs: [] });
  expect(report.residuals).toEqual([]);
}

/** What each of them gets when everything of theirs is withdrawn by somebody who has no part in it. */
async function withdrawAll(...names: (keyof typeof people)[]): Promise<readonly bigint[]> {
  const { vaults, token } = market.addresses;
  const paid: bigint[] = [];
  for (const name of names) {
    const before = await market.balanceOf(addressOf(name));
    await withdraw(people.buyer, { vaults, tokens: [token], payee: addressOf(name) });
    paid.push((await market.balanceOf(addressOf(name))) - before);
  }
  return paid;
}

it('publish: a model names the data set it was trained on, under a licence of its publisher', async () => {
  const { addresses } = market;
  const dataTerms = offer(['train', 'infer'], dataPrice, share);
  data = await publish(people.curator, 'dataset', [
    { module: addresses.licenses, data: Terms.encodeAttachment([{ terms: dataTerms, prices }]) },
    {
      module: addresses.vaults,
      data: Split.encodeAttachment(
        sorted(
          { account: zeroAddress, bps: 5_001 },
          { account: addressOf('labeller'), bps: 3_333 },
          { account: addressOf('cleaner'), bps: 1_666 },
        ),
        window,
      ),
    },
  ]);
  const held = { ...dataTerms, asset: data, version: 1 };
  const modelTerms = offer(['infer'], modelPrice);
  const edges: Lineage.Edge[] = [{ relation: 'trained-on', shareBps: share, terms: held }];
  const attachments = [
    { module: addresses.lineages, data: Lineage.encodeAttachment(edges) },
    { module: addresses.licenses, data: Terms.encodeAttachment([{ terms: modelTerms, prices }]) },
    {
      module: addresses.vaults,
      data: Split.encodeAttachment(
        sorted({ account: zeroAddress, bps: 7_777 }, { account: addressOf('tester'), bps: 2_223 }),
        window,
      ),
    },
  ];

  // Nobody names a stranger's asset as a parent.
  const refused = publish(people.trainer, 'model', attachments);
  await expect(refused).rejects.toSatisfy((error) => (error as RevertedError).errorName === 'Lineages_NotLicensed');
  await buyLicence(people.trainer, { addresses, terms: held, maxPrice: dataPrice });
  model = await publish(people.trainer, 'model', attachments);
  terms = { data: held, model: { ...modelTerms, asset: model, version: 1 } };

  const lineage = await readLineage(people.buyer, { addresses, asset: model });
  expect(lineage.parents).toMatchObject([{ asset: data, relation: 'trained-on', shareBps: share }]);
  expect(lineage.parents[0]?.termsId).toBe(Terms.idOf(addresses, held));
  expect((await readLineage(people.buyer, { addresses, asset: data })).children).toEqual([model]);
  expect(Lineage.sentence(lineage.parents)).toBe(
    `It was trained on ${Asset.short(data)} (which gets 17.33 % of what it earns).`,
  );
});

it('license: the model grants no right that its parent did not grant', async () => {
  const wider = { ...offer(['infer', 'export'], 1n), asset: model, version: 1 };
  const refused = offerTerms(people.trainer, { addresses: market.addresses, terms: wider, prices });
  await expect(refused).rejects.toSatisfy((error) => (error as RevertedError).errorName === 'Licenses_Widens');
});

it('settle: five payees of two assets withdraw their shares to the atom (P2, P3, X8)', async () => {
  const { addresses } = market;
  const { vaults, token } = addresses;
  await buyLicence(people.buyer, { addresses, terms: terms.model, maxPrice: modelPrice });
  for (const account of [data, model]) await harvest(people.buyer, { vaults, account, token });
  await audit();
  await market.wait(2 * window);

  const names = ['curator', 'labeller', 'cleaner', 'trainer', 'tester'] as const;
  const paid = await withdrawAll(...names);

  const passed = (modelPrice * BigInt(share)) / 10_000n;
  const ofData = (bps: bigint) => ((dataPrice + passed) * bps) / 10_000n;
  const ofModel = (bps: bigint) => (modelPrice * (10_000n - BigInt(share)) * bps) / 100_000_000n;
  expect(paid).toEqual([ofData(5_001n), ofData(3_333n), ofData(1_666n), ofModel(7_777n), ofModel(2_223n)]);
  const dust = dataPrice + modelPrice - paid.reduce((sum, one) => sum + one, 0n);
  expect(await market.balanceOf(vaults)).toBe(dust);
  expect(dust < 6n).toBe(true);
  await audit();
});

it('settle: money goes to the owner and the shares of its moment, also when a parent was sold (A-159, L5)', async () => {
  const { addresses } = market;
  const { vaults, token } = addresses;
  const { curator, heir, labeller, cleaner, trainer } = people;
  const moved = { vaults, account: data, to: addressOf('cleaner'), tokens: [token] };
  await assign(labeller, moved);
  await expect(assign(labeller, moved)).rejects.toMatchObject({ code: 'assign.no_share' });
  const transfer = { address: addresses.assets, abi: assetsAbi, functionName: 'transferFrom' } as const;
  await send(curator, { ...transfer, args: [curator.account.address, heir.account.address, data] });
  const payout = await curator.readContract({
    address: vaults,
    abi: vaultsAbi,
    functionName: 'payoutOf',
    args: [model],
  });
  await send(trainer, { address: token, abi: testDollarAbi, functionName: 'transfer', args: [payout, 50_000n] });
  await harvest(trainer, { vaults, account: model, token });
  await market.wait(2 * window);
  const { amount } = await cascade(trainer, { vaults, accounts: [data], tokens: [token] });
  expect(amount).toBe(((modelPrice + 50_000n) * BigInt(share)) / 10_000n - (modelPrice * BigInt(share)) / 10_000n);

  const paid = await withdrawAll('heir', 'cleaner');
  expect(paid).toEqual([(amount * 5_001n) / 10_000n, (amount * 4_999n) / 10_000n]);
  await expect(withdrawAll('labeller')).rejects.toMatchObject({ code: 'withdraw.nothing' });
  await audit();

  // the new owner cannot take the share of another at once, and can after the window.
  const mine = { vaults, account: data, payees: [{ account: zeroAddress, bps: 10_000 }], window, tokens: [token] };
  const announced = await configure(heir, mine);
  expect(announced.status).toBe('announced');
  expect(await configure(heir, mine)).toMatchObject({ status: 'announced' });
  await market.wait(window + 1);
  expect(await configure(heir, mine)).toMatchObject({ status: 'configured' });
  const more = sorted({ account: zeroAddress, bps: 9_000 }, { account: cleaner.account.address, bps: 1_000 });
  expect(await configure(heir, { ...mine, payees: more })).toMatchObject({ status: 'configured' });
  await audit();
});

it('settle: who bought a parent withdraws what waits in the lineage, without anybody passing it on first', async () => {
  const { addresses } = market;
  const { vaults, token } = addresses;
  const { heir, trainer, cleaner } = people;
  const late = (await market.person()).account.address;
  const transfer = { address: addresses.assets, abi: assetsAbi, functionName: 'transferFrom' } as const;
  await send(heir, { ...transfer, args: [heir.account.address, late, data] });
  const payoutOf = { address: vaults, abi: vaultsAbi, functionName: 'payoutOf' } as const;
  const payout = await trainer.readContract({ ...payoutOf, args: [model] });
  await send(trainer, { address: token, abi: testDollarAbi, functionName: 'transfer', args: [payout, 30_000n] });
  await harvest(trainer, { vaults, account: model, token });
  await market.wait(2 * window);
  const query = { vaults, tokens: [token], payee: late };
  const [passing] = await readPassing(trainer, query);
  const due = ((modelPrice + 80_000n) * BigInt(share)) / 10_000n - ((modelPrice + 50_000n) * BigInt(share)) / 10_000n;
  expect(passing).toMatchObject({ account: data, from: model, ready: (due * 9_000n) / 10_000n });
  expect(await withdraw(trainer, query)).toMatchObject({ amount: (due * 9_000n) / 10_000n });
  expect(await market.balanceOf(late)).toBe((due * 9_000n) / 10_000n);
  await withdraw(trainer, { ...query, payee: cleaner.account.address });
  await audit();
});
