/** The demonstration: a buyer pays two sellers for real answers, they settle, and five parties are paid. */

import { setTimeout as sleep } from 'node:timers/promises';
import { logsAbi, vaultsAbi } from '../../chain/abi/index.ts';
import { count } from '../../chain/Words.ts';
import * as Amount from '../../internal/Amount.ts';
import { buyLicence } from '../../license/buyLicence.ts';
import * as Terms from '../../license/Terms.ts';
import { depositChannel } from '../../pay/depositChannel.ts';
import { openLedger } from '../../pay/openLedger.ts';
import * as payChannel from '../../pay/payChannel.ts';
import { cascade } from '../../settle/cascade.ts';
import { type Credit, credits } from '../../settle/credits.ts';
import { readWaiting } from '../../settle/readWaiting.ts';
import { withdraw } from '../../settle/withdraw.ts';
import { callListing, lineOf } from '../callListing.ts';
import { askWay, readServed, type Served } from '../findGateway.ts';
import * as Home from '../Home.ts';
import * as Input from '../Input.ts';
import type { Signing } from '../openMarket.ts';
import { openWallet } from '../openWallet.ts';
import { readDigit } from '../readDigit.ts';
import { findListing } from '../readListings.ts';
import { settleNow } from '../settleNow.ts';
import type { People, Sellers } from './startSellers.ts';

/** What the demonstration works with. */
export type Stage = {
  readonly home: Home.Home;
  readonly people: People;
  readonly sellers: Sellers['of'];
  progress(line: string): void;
};

/** One dollar. */
const deposit = 1_000_000n;
/** Most a call may cost: a cent. */
const maxPrice = 10_000n;

/** Those who share in the revenue. */
const payees = ['seller', 'contributor', 'evaluator', 'hospital', 'pathologist'] as const;

const dataset = 'breast-cancer';
/** The row of the dataset that the model of the other seller is asked about. */
const row = '19';

const calls = [
  { name: 'embeddings', words: ['The weather is lovely today.', 'It is so sunny outside!'], about: 'two sentences' },
  { name: 'digits', words: ['7:12'], about: 'image 12 of the handwritten sevens' },
  { name: 'glosses', words: ['fire', 'alarm:'], about: 'the beginning of a definition' },
] as const;

/** Plays the whole flow once. A run that was cut off repeats no purchase. */
export async function demonstrate(stage: Stage): Promise<void> {
  const { sellers, people } = stage;
  const served: Served[] = [];
  for (const name of Home.sellerNames) served.push(...(await readServed((await sellers[name].gateway.running()).url)));
  await buy(stage);
  await fund(stage, served);
  for (const call of calls) await ask(stage, served, call);
  const measured = await ask(stage, served, { name: dataset, words: [row], about: `row ${row} of the dataset` });
  // What the row says of itself is left out: the model is to tell it.
  const words = measured?.split(' ').filter((word) => !word.startsWith('diagnosis='));
  if (words) await ask(stage, served, { name: 'risk', words, about: 'the measurements in that row' });
  for (const name of Home.sellerNames) await settle(stage, name);
  await waitForWindow(stage);
  await passOn(stage);
  for (const payee of payees) await takeOut(stage, people[payee]);
  for (const name of Home.sellerNames) await waitForAnchor(stage, name);
}

async function buy({ home, people: { buyer }, progress }: Stage): Promise<void> {
  const { offers } = await findListing(home, buyer, 'digits');
  for (const { terms } of offers.filter((offer) => Terms.sellsLicence(offer.terms))) {
    const { addresses, client } = buyer;
    const { paid, licence } = await buyLicence(client, { addresses, terms, maxPrice: terms.price });
    const until = new Date(licence.end * 1_000).toISOString().slice(0, 10);
    progress(
      `  license    digits until ${until} for ${paid === 0n ? 'nothing: it was bought before' : Amount.format(paid)}`,
    );
  }
}

/** Puts money aside once for each address that calls are paid to: that of a seller, and that of a derived model. */
async function fund({ home, people: { buyer }, progress }: Stage, served: readonly Served[]): Promise<void> {
  const setup = await openWallet(home, buyer, { maxPerCall: 0n, maxDeposit: deposit });
  const seen = new Map<string, Set<string>>();
  for (const one of served) {
    const way = await askWay(buyer, setup, one);
    const others = seen.get(way.payTo);
    if (others) {
      others.add(one.model);
      continue;
    }
    seen.set(way.payTo, new Set([one.model]));
    const known = await payChannel.findAccount(setup, way);
    if (known && known.balance - known.charged >= maxPrice) continue;
    await depositChannel(buyer.client, { setup, way, amount: deposit });
  }
  for (const models of seen.values())
    progress(`  pay        ${Amount.format(deposit)} put aside once for calls to ${[...models].join(', ')}`);
}

/** Asks a model, shows and answers what it said; nothing when it is not served. */
async function ask(
  { home, people: { buyer }, progress }: Stage,
  served: readonly Served[],
  { name, words, about }: { name: string; words: readonly string[]; about: string },
): Promise<string | undefined> {
  const { asset, content } = await findListing(home, buyer, name);
  const target = served.find((one) => one.asset === asset.id);
  if (!target || !content) return undefined;
  const { task } = content.card;
  const input = await Input.from({ task, model: target.model, words, sources: { digit: readDigit } });
  const call = await callListing({ home, market: buyer, served: target, input, maxPrice });
  const said = Input.describe(input, call.body);
  const asked = shorten(words.map((word) => JSON.stringify(word)).join(' '));
  progress(`  infer      ${name} ${asked} · ${about}`);
  for (const line of said.split('\n')) progress(`             ${shorten(line)}`);
  progress(`             — ${lineOf(call)}`);
  return said;
}

function shorten(line: string): string {
  return line.length > 100 ? `${line.slice(0, 97)}...` : line;
}

async function settle({ sellers, progress }: Stage, name: Home.SellerName): Promise<void> {
  const claimed = await settleNow(await sellers[name].settler.running(), () => sleep(200));
  progress(`  settle     ${Amount.format(claimed)} claimed by ${name} in one transaction`);
}

/** Waits until all that was claimed lies in the vaults. */
async function waitForHarvest({ people: { buyer }, sellers }: Stage): Promise<void> {
  const { client, addresses } = buyer;
  const vaults = { address: addresses.vaults, abi: vaultsAbi } as const;
  for (const account of Home.sellerNames.flatMap((name) => sellers[name].accounts)) {
    const payout = await client.readContract({ ...vaults, functionName: 'payoutOf', args: [account] });
    while ((await readWaiting({ client, config: { addresses } }, payout, addresses.token)) > 0n) await sleep(200);
  }
}

/** Waits until everything that was paid has passed the window in which buyers can be refunded. No clock is moved. */
async function waitForWindow(stage: Stage): Promise<void> {
  const { progress, people } = stage;
  await waitForHarvest(stage);
  let said = 0n;
  for (;;) {
    const all = (await Promise.all(payees.map((payee) => readCredits(people[payee])))).flat();
    const { timestamp } = await people.buyer.client.getBlock();
    const due = all.flatMap(({ maturesAt }) => (maturesAt === undefined ? [] : [maturesAt]));
    if (due.length === 0) return;
    const left = due.reduce((last, at) => (at > last ? at : last), 0n) - timestamp;
    if (said === 0n || said - left >= 10n) {
      said = left;
      progress(
        `  settle     ${left > 0n ? left : 0n} s until buyers can no longer be refunded; then everybody is paid`,
      );
    }
    await sleep(1_000);
  }
}

/** Brings the dataset its share in what the model made from it has earned. */
async function passOn({ home, people: { hospital }, progress }: Stage): Promise<void> {
  const { client, addresses } = hospital;
  const { asset } = await findListing(home, hospital, dataset);
  const { vaults, token, deployedAtBlock: fromBlock } = addresses;
  const { amount } = await cascade(client, { vaults, accounts: [asset.id], tokens: [token], fromBlock });
  if (amount > 0n) progress(`  settle     ${Amount.format(amount)} passed on from risk to ${dataset}`);
}

function readCredits({ client, addresses }: Signing): Promise<readonly Credit[]> {
  return credits(client, {
    vaults: addresses.vaults,
    payee: client.account.address,
    tokens: [addresses.token],
    fromBlock: addresses.deployedAtBlock,
  });
}

async function takeOut({ progress }: Stage, payee: Signing): Promise<void> {
  const { client, addresses, person } = payee;
  const due = (await readCredits(payee)).reduce((sum, { ready, matured }) => sum + ready + matured, 0n);
  if (due === 0n) return;
  const { amount } = await withdraw(client, {
    vaults: addresses.vaults,
    payee: client.account.address,
    tokens: [addresses.token],
    fromBlock: addresses.deployedAtBlock,
  });
  progress(`  settle     ${person} withdrew ${Amount.format(amount)}`);
}

/** Waits until the heads of the receipt log on chain cover the calls. */
async function waitForAnchor({ home, people, progress }: Stage, name: Home.SellerName): Promise<void> {
  const { client, addresses } = people[name];
  const receipts = await countReceipts(Home.sellerOf(home, name).ledger);
  const logs = { address: addresses.logs, abi: logsAbi } as const;
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const [, size] = await client.readContract({
      ...logs,
      functionName: 'latestOf',
      args: [client.account.address, 0],
    });
    if (size >= BigInt(receipts))
      return progress(`  audit      ${count(size, 'receipt')} of ${name} anchored on chain`);
    await sleep(500);
  }
}

async function countReceipts(file: string): Promise<number> {
  const ledger = openLedger(file, { readOnly: true });
  try {
    return ledger.counts().requests;
  } finally {
    await ledger.close();
  }
}
