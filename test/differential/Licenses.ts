/**
 * Reference model of Licenses, with the escrows that hold refundable money. Every rule is written as a sentence over a
 * licence and its terms; what the contract packs into words are plain records here.
 */
import { type Address, encodeAbiParameters, type Hex, keccak256, zeroAddress } from 'viem';
import * as Prices from '../../src/license/Prices.ts';
import type { Terms } from '../../src/license/Terms.ts';
import * as Dollars from './Dollars.ts';
import * as Signed from './LicensesSigned.ts';
import { next } from './licensesNext.ts';
import { type AtCall, actionOf, type Call, type Model, must, Refusal, text, type View } from './Model.ts';
import * as Ownership from './Ownership.ts';
import type { Stage } from './openStage.ts';
import * as Setting from './setUp.ts';
import { requireCoherent } from './TermsRules.ts';

export type License = {
  readonly start: bigint;
  readonly end: bigint;
  readonly refundableUntil: bigint;
  readonly quotaGranted: bigint;
  readonly quotaSettled: bigint;
  readonly seats: number;
};
type Offering = { readonly terms: Terms; readonly mark: number; readonly sold: number; readonly closedAt: bigint };

export type State = Ownership.Ownership & {
  readonly dollars: Dollars.Dollars;
  readonly versions: Map<bigint, number>;
  readonly offerings: Map<Hex, Offering>;
  /** Under the identity of the terms and the holder. */
  readonly licenses: Map<string, License>;
  readonly held: Map<string, bigint>;
  readonly used: Set<string>;
  /** What offers of an asset may grant and must demand, where its lineage narrows them. */
  readonly bounds: Map<bigint, Bounds>;
};
export type Bounds = { readonly rights: number; readonly duties: number };

const forever = 2n ** 40n - 1n;
const leaveDelay = 3n * 86_400n;
const none: License = { start: 0n, end: 0n, refundableUntil: 0n, quotaGranted: 0n, quotaSettled: 0n, seats: 0 };

/** Rules that a test turns over to see that the difference is found. */
export const rules = {
  /** A licence that ends at this very second is renewed, not bought anew. */
  isRenewal: ({ seats, end }: License, now: bigint) => seats !== 0 && end >= now,
};

export function create(changed: Partial<typeof rules> = {}): Model<State> {
  const the = { ...rules, ...changed };
  return { name: 'Licenses', begin, next, views, call: (...given) => call(the, ...given) };
}

async function begin(stage: Stage): Promise<State> {
  const act = Setting.director(stage);
  const { ada, bob } = stage.people;
  const assets = [await Setting.publish(stage, act, ada, 1), await Setting.publish(stage, act, bob, 2)];
  const dollars = Dollars.empty();
  for (const { address } of stage.actors) {
    await act(address, 'TestDollar.mint', [address, 10_000_000n]);
    await act(address, 'TestDollar.approve', [stage.addresses.licenses, 5_000_000n]);
    Dollars.mint(dollars, address, 10_000_000n);
    Dollars.approve(dollars, address, stage.addresses.licenses, 5_000_000n);
  }
  return {
    dollars,
    owners: new Map(assets.map((asset, index) => [asset, [ada, bob][index]?.address ?? zeroAddress])),
    versions: new Map(assets.map((asset) => [asset, 1])),
    epochs: new Map(),
    delegates: new Set(),
    offerings: new Map(),
    licenses: new Map(),
    held: new Map(),
    used: new Set(),
    bounds: new Map(),
  };
}

export type At = AtCall<typeof rules, State>;

async function call(the: typeof rules, state: State, given: Call, now: bigint, stage: Stage) {
  if (Dollars.perform(state.dollars, given)) return [];
  const owned = Ownership.perform(state, given, 2);
  if (owned) return owned;
  const at: At = { the, state, now, stage, events: [] };
  await actionOf(actions, given)(at, given.from, given.args as never);
  return at.events;
}

const actions: Readonly<Record<string, (at: At, from: Address, args: never) => void | Promise<void>>> = {
  'Licenses.offer': offer,
  'Licenses.close': (at, from, [terms]: [Terms]) => {
    const { state, now } = at;
    requireSeller(at, terms.asset, from);
    const termsId = idOf(at.stage, terms);
    must(isOffered(state, termsId), 'Licenses_NotOffered', termsId);
    state.offerings.set(termsId, { ...(state.offerings.get(termsId) as Offering), closedAt: now });
    const renewableUntil = now + BigInt(terms.noticePeriod);
    emit(at, 'Licenses.Close', { termsId, asset: terms.asset, renewableUntil });
  },
  'Licenses.buy': (at, from, [terms, holder]: [Terms, Address]) => {
    grant(at, terms, holder, from);
    pay(at, terms, holder, (to) => Dollars.spend(at.state.dollars, at.stage.addresses.licenses, from, to, terms.price));
  },
  'Licenses.buyThrough': (at, from, [terms, holder]: [Terms, Address]) => {
    must(terms.refundPolicy === 0, 'Licenses_Refundable', idOf(at.stage, terms));
    grant(at, terms, holder, from);
    // The actors have no code that could bring the price.
    must(terms.price === 0n, 'Unknown');
  },
  'Licenses.buyWithAuthorization': async (
    at,
    _from,
    [terms, holder, given]: [Terms, Address, Signed.Authorization],
  ) => {
    const { state, now, stage } = at;
    grant(at, terms, holder, given.from);
    await Signed.requirePaid(
      stage,
      state.used,
      { ...given, termsId: idOf(stage, terms), holder, price: terms.price },
      now,
    );
    Dollars.move(state.dollars, given.from, stage.addresses.licenses, terms.price);
    pay(at, terms, holder, (to) => Dollars.move(state.dollars, stage.addresses.licenses, to, terms.price));
  },
  'Licenses.startTrial': (at, from, [terms]: [Terms]) => {
    const { state, now, stage } = at;
    const termsId = idOf(stage, terms);
    must(isOffered(state, termsId), 'Licenses_NotOffered', termsId);
    must(terms.trial !== 0 && !state.licenses.has(`${termsId}/${from}`), 'Licenses_NoTrial', termsId, from);
    requireAdmitted(termsId, terms, from);
    const end = endOf(termsId, now, BigInt(terms.trial));
    keep(state, termsId, from, { ...none, start: now, end, quotaGranted: terms.quota, seats: terms.seats || 1 });
    emit(at, 'Licenses.Trial', { termsId, holder: from, asset: terms.asset, start: now, end });
  },
  'Licenses.settleUsage': async (
    at,
    _from,
    [terms, usage, mine, seller, theirs]: [Terms, Signed.Usage, Hex, Address, Hex],
  ) => {
    const termsId = idOf(at.stage, terms);
    await Signed.requireUsage(at.stage, termsId, usage, usage.holder, mine);
    requireSeller(at, terms.asset, seller);
    await Signed.requireUsage(at.stage, termsId, usage, seller, theirs);
    settle(at, termsId, usage, seller);
  },
  'Licenses.announceLeave': (at, from, [terms]: [Terms]) => {
    const { state, now, stage } = at;
    const termsId = idOf(stage, terms);
    const license = licenseOf(state, termsId, from);
    must(terms.refundPolicy === 2 && terms.quota !== 0n, 'Licenses_NotRefundable', termsId, from);
    must(license.end > now, 'Licenses_NotRunning', termsId, from);
    keep(state, termsId, from, { ...license, end: now, refundableUntil: license.end });
    const leaveAt = now + leaveDelay;
    emit(at, 'Licenses.AnnounceLeave', { termsId, holder: from, end: now, until: license.end, leaveAt });
  },
  'Licenses.leave': (at, from, [terms, to]: [Terms, Address]) => {
    const termsId = idOf(at.stage, terms);
    const { end, refundableUntil } = licenseOf(at.state, termsId, from);
    if (terms.quota !== 0n) {
      const leaveAt = refundableUntil > end ? end + leaveDelay : 0n;
      must(leaveAt !== 0n && at.now >= leaveAt, 'Licenses_LeaveTooEarly', termsId, from, leaveAt);
    }
    leave(at, terms, from, to);
  },
  'Licenses.leaveSettled': async (
    at,
    from,
    [terms, usage, seller, theirs, to]: [Terms, Signed.Usage, Address, Hex, Address],
  ) => {
    const termsId = idOf(at.stage, terms);
    must(usage.holder === from, 'Licenses_InvalidSignature', usage.holder);
    must(usage.last, 'Licenses_NotLast', termsId, from);
    const { end, refundableUntil } = licenseOf(at.state, termsId, from);
    must(refundableUntil > end, 'Licenses_LeaveTooEarly', termsId, from, 0n);
    requireSeller(at, terms.asset, seller);
    await Signed.requireUsage(at.stage, termsId, usage, seller, theirs);
    settle(at, termsId, usage, seller);
    leave(at, terms, from, to);
  },
  'Licenses.release': (at, _from, [terms, holder]: [Terms, Address]) => {
    const termsId = idOf(at.stage, terms);
    const amount = heldFor(at.state, termsId, holder) - refundable(at.state, termsId, terms, holder, at.now);
    must(amount !== 0n, 'Licenses_NothingToRelease', termsId, holder);
    const payout = at.stage.payoutOf(terms.asset);
    emit(at, 'Licenses.Release', { termsId, holder, payout, amount });
    payOut(at, termsId, holder, payout, amount);
  },
};

function offer(at: At, from: Address, [terms, prices]: [Terms, Prices.Prices]): void {
  const { state } = at;
  requireSeller(at, terms.asset, from);
  const known = terms.version !== 0 && terms.version <= (state.versions.get(terms.asset) ?? 0);
  must(known, 'Licenses_UnknownVersion', terms.asset, terms.version);
  list(at, terms, prices);
}

/** What an owner offers, or attaches to a publication. */
export function list(at: At, terms: Terms, prices: Prices.Prices): void {
  const { state, stage } = at;
  requireCoherent(terms);
  const { rights, duties } = boundsOf(state, terms.asset);
  const isWithin = (terms.rights & ~rights) === 0 && (duties & ~terms.duties) === 0;
  must(isWithin, 'Licenses_Widens', terms.asset, rights, duties);
  must(terms.currency === stage.addresses.token, 'Licenses_CurrencyNotAllowed', terms.currency);
  const pricesHash = Prices.hash(prices);
  must(pricesHash === terms.pricesHash, 'Licenses_PricesMismatch', terms.pricesHash, pricesHash);
  const termsId = idOf(stage, terms);
  const sold = state.offerings.get(termsId)?.sold ?? 0;
  state.offerings.set(termsId, { terms, mark: Ownership.epochOf(state, terms.asset) + 1, sold, closedAt: 0n });
  emit(at, 'Licenses.Offer', { termsId, asset: terms.asset, seller: state.owners.get(terms.asset), terms, prices });
}

/** Extends a licence that runs, or begins a new one. */
export function grant(at: At, terms: Terms, holder: Address, payer: Address): void {
  const { the, state, now, stage } = at;
  const termsId = idOf(stage, terms);
  const former = licenseOf(state, termsId, holder);
  const renewal = the.isRenewal(former, now);
  requireBuyable(at, termsId, terms, holder, renewal);
  requireAdmitted(termsId, terms, holder);
  if (terms.maxSupply !== 0 && former.seats === 0) {
    const offering = state.offerings.get(termsId) as Offering;
    must(offering.sold < terms.maxSupply, 'Licenses_SoldOut', termsId, terms.maxSupply);
    state.offerings.set(termsId, { ...offering, sold: offering.sold + 1 });
  }
  const from = renewal ? former.end : now;
  const end = endOf(termsId, from, BigInt(terms.period));
  const run = renewal ? former : { ...former, start: from, quotaGranted: 0n, quotaSettled: 0n };
  const quotaGranted = run.quotaGranted + terms.quota;
  must(quotaGranted < 2n ** 56n, 'Licenses_QuotaTooLarge', termsId, holder);
  const refundableUntil =
    terms.refundPolicy === 1 ? endOf(termsId, now, BigInt(terms.refundWindow)) : former.refundableUntil;
  keep(state, termsId, holder, { ...run, end, quotaGranted, refundableUntil, seats: terms.seats || 1 });
  emit(at, 'Licenses.Buy', { termsId, holder, payer, start: from, end });
}

function requireBuyable({ state }: At, termsId: Hex, terms: Terms, holder: Address, renewal: boolean): void {
  const { end, refundableUntil } = licenseOf(state, termsId, holder);
  must(holder !== zeroAddress, 'Licenses_NoRecipient');
  must(end !== forever, 'Licenses_AlreadyForever', termsId, holder);
  must(refundableUntil <= end, 'Licenses_Leaving', termsId, holder);
  const offering = state.offerings.get(termsId);
  if (offering?.mark !== Ownership.epochOf(state, terms.asset) + 1) throw new Refusal('Licenses_NotOffered', termsId);
  if (offering.closedAt === 0n) return;
  const notice = BigInt(terms.noticePeriod);
  const byNotice = renewal && notice !== 0n && end <= offering.closedAt + notice;
  must(byNotice, 'Licenses_NotOffered', termsId);
}

/** The only checkers are accounts without code, which admit nobody. */
function requireAdmitted(termsId: Hex, { checker }: Terms, holder: Address): void {
  must(checker === zeroAddress, 'Licenses_NotAdmitted', termsId, holder);
}

/** Refundable money goes to the escrow, other money to the asset at once. */
function pay(at: At, terms: Terms, holder: Address, send: (to: Address) => void): void {
  const { state, stage } = at;
  if (terms.price === 0n) return;
  if (terms.refundPolicy === 0) {
    send(stage.payoutOf(terms.asset));
    return;
  }
  const termsId = idOf(stage, terms);
  const held = heldFor(state, termsId, holder) + terms.price;
  state.held.set(`${termsId}/${holder}`, held);
  emit(at, 'Escrows.Deposit', { ...escrow(stage, termsId, holder), amount: terms.price, held });
  send(stage.addresses.escrows);
}

function settle(at: At, termsId: Hex, { holder, start, used, last }: Signed.Usage, seller: Address): void {
  const license = licenseOf(at.state, termsId, holder);
  must(BigInt(start) === license.start, 'Licenses_OtherRun', termsId, holder, license.start, start);
  must(used >= license.quotaSettled, 'Licenses_UsageDecreased', termsId, holder, license.quotaSettled, used);
  must(used <= license.quotaGranted, 'Licenses_UsageAboveQuota', termsId, holder, license.quotaGranted, used);
  keep(at.state, termsId, holder, { ...license, quotaSettled: used });
  emit(at, 'Licenses.SettleUsage', { termsId, holder, seller, start, used, last });
}

function leave(at: At, terms: Terms, holder: Address, to: Address): void {
  const { state, now, stage } = at;
  const termsId = idOf(stage, terms);
  must(to !== zeroAddress, 'Licenses_NoRecipient');
  const license = licenseOf(state, termsId, holder);
  const runs = license.end > now;
  must(runs || license.refundableUntil > license.end, 'Licenses_NotRunning', termsId, holder);
  const whole = refundable(state, termsId, terms, holder, now);
  must(terms.refundPolicy === 2 || whole !== 0n, 'Licenses_NotRefundable', termsId, holder);
  const refund = (whole * BigInt(10_000 - terms.refundPenaltyBps)) / 10_000n;
  const end = runs ? now : license.end;
  const { quotaSettled } = license;
  keep(state, termsId, holder, { ...license, end, refundableUntil: 0n, quotaGranted: quotaSettled, seats: 0 });
  const offering = state.offerings.get(termsId);
  if (terms.maxSupply !== 0 && offering) state.offerings.set(termsId, { ...offering, sold: offering.sold - 1 });
  emit(at, 'Licenses.Leave', { termsId, holder, to, end, refund });
  if (refund !== 0n) payOut(at, termsId, holder, to, refund);
}

function payOut(at: At, termsId: Hex, holder: Address, to: Address, amount: bigint): void {
  const { state, stage } = at;
  const held = heldFor(state, termsId, holder) - amount;
  state.held.set(`${termsId}/${holder}`, held);
  emit(at, 'Escrows.Pay', { ...escrow(stage, termsId, holder), to, amount, held });
  Dollars.move(state.dollars, stage.addresses.escrows, to, amount);
}

/** What a holder who leaves now would get, without the penalty. */
function refundable(state: State, termsId: Hex, terms: Terms, holder: Address, now: bigint): bigint {
  const license = licenseOf(state, termsId, holder);
  if (terms.refundPolicy === 1) return now < license.refundableUntil ? terms.price : 0n;
  if (terms.refundPolicy !== 2 || license.seats === 0) return 0n;
  const leaving = license.refundableUntil > license.end;
  const rest = leaving ? license.refundableUntil - license.end : license.end - now;
  if (rest <= 0n) return 0n;
  const amounts = [(terms.price * rest) / BigInt(terms.period), heldFor(state, termsId, holder)];
  if (terms.quota !== 0n) amounts.push((terms.price * (license.quotaGranted - license.quotaSettled)) / terms.quota);
  return amounts.reduce((least, amount) => (amount < least ? amount : least));
}

function emit({ events }: At, eventName: string, args: object): void {
  events.push({ eventName, args });
}

function requireSeller({ state }: At, asset: bigint, who: Address): void {
  const sells = state.owners.get(asset) === who || state.delegates.has(`${asset}/${who}`);
  must(sells, 'Licenses_NotAuthorized', asset, who);
}

export function isOffered(state: State, termsId: Hex): boolean {
  const offering = state.offerings.get(termsId);
  return offering?.closedAt === 0n && offering.mark === Ownership.epochOf(state, offering.terms.asset) + 1;
}

export function boundsOf({ bounds }: State, asset: bigint): Bounds {
  return bounds.get(asset) ?? { rights: Setting.allRights, duties: 0 };
}

export function licenseOf({ licenses }: State, termsId: Hex, holder: Address): License {
  return licenses.get(`${termsId}/${holder}`) ?? none;
}

/** What is zero throughout is as if it had never been. */
function keep({ licenses }: State, termsId: Hex, holder: Address, license: License): void {
  if (text(license) !== text(none)) licenses.set(`${termsId}/${holder}`, license);
}

function heldFor({ held }: State, termsId: Hex, holder: Address): bigint {
  return held.get(`${termsId}/${holder}`) ?? 0n;
}

function endOf(termsId: Hex, start: bigint, period: bigint): bigint {
  if (period === 0n) return forever;
  must(start + period < forever, 'Licenses_PeriodTooLong', termsId, start, period);
  return start + period;
}

export function idOf(stage: Stage, terms: Terms): Hex {
  const types = [{ type: 'uint256' }, { type: 'address' }, Setting.termsType];
  return keccak256(encodeAbiParameters(types, [31337n, stage.addresses.licenses, terms]));
}

function escrow({ addresses }: Stage, termsId: Hex, holder: Address) {
  const id = keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'address' }], [termsId, holder]));
  return { controller: addresses.licenses, token: addresses.token, id };
}

function views(state: State, now: bigint, stage: Stage): readonly View[] {
  const ask = (functionName: string, args: readonly unknown[], expected: unknown) => ({ functionName, args, expected });
  const ofTerms = [...state.offerings].flatMap(([termsId, { terms, ...offering }]) => [
    ask('Licenses.offeringOf', [termsId], { ...offering, payout: stage.payoutOf(terms.asset) }),
    ask('Licenses.isOffered', [terms], isOffered(state, termsId)),
    ...stage.actors.flatMap(({ address }) => {
      const license = licenseOf(state, termsId, address);
      const { controller, token, id } = escrow(stage, termsId, address);
      return [
        ask('Licenses.licenseOf', [termsId, address], license),
        ask('Licenses.isHeld', [terms, address], license.start <= now && now < license.end),
        ask('Licenses.refundableOf', [terms, address], refundable(state, termsId, terms, address, now)),
        ask('Escrows.heldOf', [controller, token, id], heldFor(state, termsId, address)),
      ];
    }),
  ]);
  return [...ofTerms, ...Dollars.views(state.dollars)];
}
