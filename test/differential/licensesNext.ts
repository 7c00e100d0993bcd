/** Calls of Licenses worth trying, and of what changes its sellers and its buyers' money. */
import { type Address, type Hex, zeroAddress, zeroHash } from 'viem';
import * as Random from '../../src/internal/kernel/Random.ts';
import * as Prices from '../../src/license/Prices.ts';
import * as Terms from '../../src/license/Terms.ts';
import { idOf, type License, licenseOf, type State } from './Licenses.ts';
import * as Signed from './LicensesSigned.ts';
import {
  type Given as AnyGiven,
  actor,
  by,
  type Call,
  type Choice,
  chance,
  choose,
  pick,
  type Weighted,
} from './Model.ts';
import type { Person, Stage } from './openStage.ts';
import * as Setting from './setUp.ts';

type Given = AnyGiven<State>;

export async function next(random: Random.Random, state: State, now: bigint, stage: Stage): Promise<Call> {
  const after = chance(random, 94) ? 1 + Random.below(random, 12) : pick(random, [50, 100, 100, 3_600, 3 * 86_400]);
  return { after, ...(await choose(choices, { random, state, now, stage })) };
}

const choices: readonly Weighted<State>[] = [
  [1, mint],
  [2, approve],
  [1, transfer],
  [1, delegate],
  [7, offer],
  [1, close],
  [14, buy],
  [2, buyThrough],
  [4, buyWithAuthorization],
  [3, startTrial],
  [3, settleUsage],
  [3, announceLeave],
  [5, leave],
  [3, leaveSettled],
  [5, release],
];

type Some = Omit<Terms.from.Options, 'rights' | 'currency' | 'prices'> & { readonly rights?: number };

/** Terms that can be offered; together they have every limit and every way of refund. */
const menu: readonly Some[] = [
  { price: 1_000n, period: 100 },
  { price: 900_000n },
  { period: 60 },
  { price: 700n, period: 60, noticePeriod: 90 },
  { price: 500n, period: 80, trial: 30 },
  { price: 999n, period: 120, quota: 10n, overageBps: 100, trial: 20 },
  { price: 3n, period: 50, maxSupply: 2, seats: 5 },
  { price: 1_001n, period: 100, refundPolicy: 1, refundWindow: 40 },
  { price: 77n, refundPolicy: 1, refundWindow: 40, maxSupply: 1 },
  { price: 10_007n, period: 1_000, refundPolicy: 2, refundPenaltyBps: 333, trial: 50 },
  { price: 10_007n, period: 400_000, quota: 7n, refundPolicy: 2 },
  { price: 99_999n, period: 300, maxSupply: 2, refundPolicy: 2, refundPenaltyBps: 9_999 },
  { price: 5n, period: 100, quota: 2n ** 55n },
  { price: 5n, period: 2 ** 39, quota: 3n },
  { price: 5n, period: 100, checker: '0x00000000000000000000000000000000000000c1' },
];

/** Changes after which terms may contradict themselves. */
const changes: readonly Partial<Terms.Terms>[] = [
  { rights: 0 },
  { rights: 1 << 11 },
  { duties: 1 << 8 },
  { slaId: Setting.rootOf(1) },
  { noticePeriod: 10 },
  { trial: 5, maxSupply: 5 },
  { overageBps: 5, quota: 0n },
  { resaleRoyaltyBps: 5 },
  { resaleRoyaltyBps: 5_001, rights: 1 << 7 },
  { maxResales: 1 },
  { derivativeShareBps: 1, rights: 1 },
  { refundPolicy: 3 },
  { rights: 1 << 7 },
  { refundWindow: 101 },
  { refundPolicy: 1, refundWindow: 0 },
  { refundPolicy: 1, refundWindow: 10, quota: 1n },
  { refundPolicy: 2, period: 0, refundWindow: 0 },
  { refundPenaltyBps: 10_000 },
  { policyRoot: Setting.rootOf(1) },
  { currency: zeroAddress },
  { pricesHash: zeroHash },
  { version: 0 },
  { version: 2 },
  { asset: 5n },
];

function offer(given: Given): Choice {
  const terms = fresh(given);
  const changed = chance(given.random, 25) ? { ...terms, ...pick(given.random, changes) } : terms;
  const prices = chance(given.random, 97) ? Setting.prices : Prices.from({ perCall: 1n });
  return by(seller(given, changed), 'Licenses.offer', [changed, prices]);
}

function close(given: Given): Choice {
  const terms = offered(given);
  return by(seller(given, terms), 'Licenses.close', [terms]);
}

function buy(given: Given): Choice {
  const terms = offered(given);
  return by(actor(given).address, 'Licenses.buy', [terms, holder(given, terms), '0x']);
}

function buyThrough(given: Given): Choice {
  const terms = offered(given);
  return by(actor(given).address, 'Licenses.buyThrough', [terms, holder(given, terms), '0x']);
}

async function buyWithAuthorization(given: Given): Promise<Choice> {
  const { random, now, stage } = given;
  const terms = offered(given);
  const payer = actor(given);
  const signer = chance(random, 93) ? payer : actor(given);
  const payment = {
    from: payer.address,
    validAfter: chance(random, 95) ? 0n : now + 1_000n,
    validBefore: chance(random, 95) ? now + 1_000_000n : now,
    salt: Setting.rootOf(Random.below(random, 20)),
  };
  const recipient = holder(given, terms);
  const bound = { ...payment, termsId: idOf(stage, terms), holder: recipient, price: terms.price };
  const signature = await signer.sign({ hash: Signed.paymentDigest(stage, bound) });
  return by(actor(given).address, 'Licenses.buyWithAuthorization', [terms, recipient, { ...payment, signature }, '0x']);
}

function startTrial(given: Given): Choice {
  return by(actor(given).address, 'Licenses.startTrial', [offered(given), '0x']);
}

async function settleUsage(given: Given): Promise<Choice> {
  const { terms, termsId, who, usage, vendor, theirs } = await statement(given);
  const mine = await Signed.signUsage(given.stage, termsId, usage, chance(given.random, 95) ? who : actor(given));
  return by(actor(given).address, 'Licenses.settleUsage', [terms, usage, mine, vendor, theirs]);
}

function announceLeave(given: Given): Choice {
  const { terms, who } = bought(given, ({ quota, refundPolicy }) => quota !== 0n && refundPolicy === 2);
  return by(who.address, 'Licenses.announceLeave', [terms]);
}

function leave(given: Given): Choice {
  const { terms, who } = bought(given);
  return by(who.address, 'Licenses.leave', [terms, chance(given.random, 95) ? who.address : zeroAddress]);
}

async function leaveSettled(given: Given): Promise<Choice> {
  const { terms, who, usage, vendor, theirs } = await statement(given);
  const from = chance(given.random, 95) ? who : actor(given);
  return by(from.address, 'Licenses.leaveSettled', [terms, usage, vendor, theirs, actor(given).address]);
}

function release(given: Given): Choice {
  const { terms, who } = bought(given);
  return by(actor(given).address, 'Licenses.release', [terms, who.address]);
}

function mint(given: Given): Choice {
  return by(actor(given).address, 'TestDollar.mint', [actor(given).address, 1_000_000n]);
}

function approve(given: Given): Choice {
  const amount = pick(given.random, [0n, 500n, 2_000_000n, 5_000_000n]);
  return by(actor(given).address, 'TestDollar.approve', [given.stage.addresses.licenses, amount]);
}

function transfer(given: Given): Choice {
  if (chance(given.random, 60)) return mint(given);
  const [asset, owner] = pick(given.random, [...given.state.owners]);
  return by(owner, 'Assets.transferFrom', [owner, actor(given).address, asset]);
}

function delegate(given: Given): Choice {
  const [asset, owner] = pick(given.random, [...given.state.owners]);
  return by(owner, 'Assets.setDelegate', [asset, actor(given).address, pick(given.random, [0, 2, 5, 7])]);
}

function fresh({ random, state, stage }: Given): Terms.Terms {
  const asset = pick(random, [...state.owners.keys()]);
  const { prices } = Setting;
  return Terms.from({ rights: 3, asset, version: 1, currency: stage.addresses.token, prices, ...pick(random, menu) });
}

function offered(given: Given): Terms.Terms {
  const { random, state } = given;
  const all = [...state.offerings.values()];
  return all.length === 0 || chance(random, 5) ? fresh(given) : pick(random, all).terms;
}

function seller(given: Given, { asset }: Terms.Terms): Address {
  const owner = given.state.owners.get(asset);
  return owner === undefined || chance(given.random, 10) ? actor(given).address : owner;
}

/** Often somebody who has a licence already. */
function holder(given: Given, terms: Terms.Terms): Address {
  if (chance(given.random, 2)) return zeroAddress;
  const one = actor(given).address;
  const { seats } = licenseOf(given.state, idOf(given.stage, terms), one);
  return seats === 0 && chance(given.random, 30) ? actor(given).address : one;
}

/** Somebody's licence, more often one that can be refunded. */
function bought(
  given: Given,
  isWanted = (terms: Terms.Terms) => terms.refundPolicy !== 0,
): { terms: Terms.Terms; termsId: Hex; who: Person; license: License } {
  const { random, state, stage } = given;
  const all = [...state.licenses].flatMap(([key, license]) => {
    const [termsId = zeroHash, address] = key.split('/') as [Hex, Address];
    const terms = state.offerings.get(termsId)?.terms;
    const who = stage.actors.find((person) => person.address === address);
    return terms && who ? [{ terms, termsId, who, license }] : [];
  });
  const preferred = all.filter(({ terms, license }) => isWanted(terms) && license.seats !== 0);
  if (preferred.length !== 0 && chance(random, 75)) return pick(random, preferred);
  if (all.length !== 0 && chance(random, 95)) return pick(random, all);
  const terms = fresh(given);
  const who = actor(given);
  return { terms, termsId: idOf(stage, terms), who, license: licenseOf(state, idOf(stage, terms), who.address) };
}

/** How often a licence was used, signed by the side of the seller. */
async function statement(given: Given) {
  const { random, state, stage } = given;
  const { terms, termsId, who, license } = bought(given, ({ quota }) => quota !== 0n);
  const used = license.quotaSettled + BigInt(Random.below(random, 4)) - (chance(random, 10) ? 1n : 0n);
  const usage: Signed.Usage = {
    holder: who.address,
    start: Number(license.start) + (chance(random, 95) ? 0 : 1),
    used: used < 0n ? 0n : used,
    last: chance(random, 80),
  };
  const vendor = chance(random, 93) ? (state.owners.get(terms.asset) as Address) : actor(given).address;
  const signer = stage.actors.find(({ address }) => address === vendor) as Person;
  const theirs = await Signed.signUsage(stage, termsId, usage, chance(random, 95) ? signer : actor(given));
  return { terms, termsId, who, usage, vendor, theirs };
}
