/** The demonstration: a buyer pays for real answers, the seller settles, three parties are paid, the audit adds it up. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Address } from 'viem';
import type * as Report from '../../audit/Report.ts';
import { logsAbi } from '../../chain/abi/index.ts';
import * as Amount from '../../internal/Amount.ts';
import { buyLicence } from '../../license/buyLicence.ts';
import * as Terms from '../../license/Terms.ts';
import { depositChannel } from '../../pay/depositChannel.ts';
import * as payChannel from '../../pay/payChannel.ts';
import { type Credit, credits } from '../../settle/credits.ts';
import { withdraw } from '../../settle/withdraw.ts';
import { auditBooks } from '../auditMarket.ts';
import { callListing, lineOf } from '../callListing.ts';
import { askWay, readServed, type Served } from '../findGateway.ts';
import * as Home from '../Home.ts';
import * as Input from '../Input.ts';
import type { Signing } from '../openMarket.ts';
import { openWallet } from '../openWallet.ts';
import { readDigit } from '../readDigit.ts';
import { findListing } from '../readListings.ts';
import { settleNow } from '../settleNow.ts';
import type { Supervised } from './supervise.ts';

/** What the demonstration works with. */
export type Stage = {
  readonly home: Home.Home;
  readonly buyer: Signing;
  /** Those who share in the revenue. */
  readonly payees: readonly Signing[];
  readonly seller: Address;
  readonly gateway: Supervised;
  readonly settler: Supervised;
  progress(line: string): void;
};

/** One dollar. */
const deposit = 1_000_000n;
/** Most a call may cost: a cent. */
const maxPrice = 10_000n;

const calls = [
  { name: 'embeddings', words: ['The weather is lovely today.', 'It is so sunny outside!'] },
  { name: 'digits', words: ['7:12'] },
] as const;

/** Plays the whole flow once and answers the audit of it. A run that was cut off repeats no purchase. */
export async function demonstrate(stage: Stage): Promise<Report.Report> {
  const { url } = await stage.gateway.running();
  const served = await readServed(url);
  await buy(stage);
  await fund(stage, served);
  for (const call of calls) await ask(stage, served, call);
  await settle(stage);
  await waitForWindow(stage);
  for (const payee of stage.payees) await takeOut(stage, payee);
  await waitForAnchor(stage, served.length);
  return auditBooks(stage.buyer, Home.sellerOf(stage.home, 'seller').ledger, stage.seller);
}

async function buy({ home, buyer, progress }: Stage): Promise<void> {
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

async function fund({ home, buyer, progress }: Stage, served: readonly Served[]): Promise<void> {
  const setup = await openWallet(home, buyer, { maxPerCall: 0n, maxDeposit: deposit });
  const [first] = served;
  if (!first) return;
  const way = await askWay(buyer, setup, first);
  const known = await payChannel.findAccount(setup, way);
  if (known && known.balance - known.charged >= maxPrice) return;
  const { deposited } = await depositChannel(buyer.client, { setup, way, amount: deposit });
  progress(`  pay        ${Amount.format(deposited)} put aside once, for calls to every model of this seller`);
}

async function ask(stage: Stage, served: readonly Served[], { name, words }: (typeof calls)[number]): Promise<void> {
  const { home, buyer, progress } = stage;
  const { asset, content } = await findListing(home, buyer, name);
  const target = served.find((one) => one.asset === asset.id);
  if (!target || !content) return;
  const { task } = content.card;
  const input = await Input.from({ task, model: target.model, words, sources: { digit: readDigit } });
  const call = await callListing({ home, market: buyer, served: target, input, maxPrice });
  progress(`  infer      ${name} ${words.map((word) => JSON.stringify(word)).join(' ')}`);
  for (const line of Input.describe(input, call.body).split('\n')) progress(`             ${line}`);
  progress(`             — ${lineOf(call)}`);
}

async function settle({ settler, progress }: Stage): Promise<void> {
  const claimed = await settleNow(await settler.running(), () => sleep(200));
  progress(`  settle     ${Amount.format(claimed)} claimed in one transaction`);
}

/** Waits until everything that was paid has passed the window in which buyers can be refunded. No clock is moved. */
async function waitForWindow(stage: Stage): Promise<void> {
  const { progress, buyer, payees } = stage;
  let said = 0n;
  for (;;) {
    const all = (await Promise.all(payees.map(readCredits))).flat();
    const { timestamp } = await buyer.client.getBlock();
    const due = all.flatMap(({ maturesAt }) => (maturesAt === undefined ? [] : [maturesAt]));
    if (all.length > 0 && due.length === 0) return;
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
async function waitForAnchor({ buyer, seller, progress }: Stage, receipts: number): Promise<void> {
  const { client, addresses } = buyer;
  const logs = { address: addresses.logs, abi: logsAbi } as const;
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const [, size] = await client.readContract({ ...logs, functionName: 'latestOf', args: [seller, 0] });
    if (size >= BigInt(receipts)) return progress(`  audit      ${size} receipts are anchored on chain`);
    await sleep(500);
  }
}
