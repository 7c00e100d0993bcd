/**
 * Reference model of Vaults, with its buckets and splits. Where the contract keeps hashes and a ring of eight slots,
 * this keeps the shares themselves and a list of what arrived.
 */
import { type Address, getAddress, type Hex, zeroAddress } from 'viem';
import * as Dollars from './Dollars.ts';
import { type AtCall, actionOf, asking, type Call, type Model, must, Refusal, text, type View } from './Model.ts';
import * as Ownership from './Ownership.ts';
import type { Stage } from './openStage.ts';
import * as Setting from './setUp.ts';
import * as Notes from './VaultsNotes.ts';
import { idOf, type Payee, type Shares, type Split, sharesHashOf, splitIdOf, type Upstream } from './VaultsSplits.ts';
import { next } from './vaultsNext.ts';

type Terms = Shares & { readonly window: number };
/** What arrived during one stretch of time for one split. */
type Bucket = {
  readonly account: bigint;
  readonly splitId: Hex;
  readonly index: bigint;
  readonly maturesAt: bigint;
  amount: bigint;
};

export type State = Ownership.Ownership & {
  readonly dollars: Dollars.Dollars;
  readonly upstreams: Map<bigint, readonly Upstream[]>;
  readonly terms: Map<bigint, Terms>;
  readonly announced: Map<bigint, { readonly shares: Shares; readonly usableFrom: bigint }>;
  buckets: Bucket[];
  readonly accrued: Map<Hex, bigint>;
  readonly paid: Map<string, bigint>;
  readonly refunded: Map<Hex, bigint>;
  readonly spent: Map<string, bigint>;
  /** Every split that was ever in force. */
  readonly splits: Map<Hex, Split>;
  fee: number;
  treasury: Address;
};

export const floor = 30;
export const ceiling = 30 * 24 * 3600;
const whole = 10_000;

/** Rules that a test turns over to see that the difference is found. */
export const rules = {
  maturesAt: (index: bigint, width: bigint, window: bigint) => (index + 1n) * width + window,
  shareOf: (accrued: bigint, parts: bigint) => (accrued * parts) / 100_000_000n,
};

export function create(changed: Partial<typeof rules> = {}): Model<State> {
  const the = { ...rules, ...changed };
  return {
    name: 'Vaults',
    begin,
    next,
    views: (...given) => views(the, ...given),
    call: (...given) => call(the, ...given),
  };
}

async function begin(stage: Stage): Promise<State> {
  const act = Setting.director(stage);
  const { ada, bob, operator } = stage.people;
  const { asset, upstream } = await Setting.derive(stage, act, ada, bob, [2_500, 3_333]);
  for (const registration of Notes.registrations(stage))
    await act(registration.seller, 'Logs.register', registration.args);
  return {
    dollars: Dollars.empty(),
    owners: new Map([[asset, bob.address], ...upstream.map(({ account }) => [account, ada.address] as const)]),
    epochs: new Map(),
    delegates: new Set(),
    upstreams: new Map([[asset, upstream]]),
    terms: new Map(),
    announced: new Map(),
    buckets: [],
    accrued: new Map(),
    paid: new Map(),
    refunded: new Map(),
    spent: new Map(),
    splits: new Map(),
    fee: 0,
    treasury: operator.address,
  };
}

/** All that one call works with. */
type At = AtCall<typeof rules, State>;

async function call(the: typeof rules, state: State, given: Call, now: bigint, stage: Stage) {
  if (Dollars.perform(state.dollars, given)) return [];
  const owned = Ownership.perform(state, given, 4);
  if (owned) return owned;
  const at: At = { the, state, now, stage, events: [] };
  await actionOf(actions, given)(at, given.from, given.args as never);
  return at.events;
}

const actions: Readonly<Record<string, (at: At, from: Address, args: never) => void | Promise<void>>> = {
  'Policy.set': (at, _from, [name, value]: [Hex, bigint]) => {
    at.state.fee = Number(value);
    emit(at, 'Policy.Set', { name, value });
  },
  'Vaults.announce': (at, from, [account, payees]: [bigint, Payee[]]) => {
    requireManager(at, account, from);
    const usableFrom = at.now + BigInt(termsOf(at.state, account).window);
    at.state.announced.set(account, { shares: { payees, ...feeOf(at.state) }, usableFrom });
    emit(at, 'Vaults.Announce', { account, payees, usableFrom });
  },
  'Vaults.configure': (
    at,
    from,
    [account, payees, window, tokens, current]: [bigint, Payee[], number, Address[], Split],
  ) => {
    const owner = requireManager(at, account, from);
    requirePermitted(at, account, owner, payees, current);
    harvestAll(at, account, tokens);
    requireWindow(window);
    adopt(at, account, owner, { payees, ...feeOf(at.state), window });
  },
  'Vaults.assign': (at, from, [account, current, index, to, tokens]: [bigint, Split, bigint, Address, Address[]]) => {
    const owner = ownerOf(at, account);
    const terms = requireCurrent(at, account, current);
    const place = Number(index) - current.upstream.length;
    must(place >= 0, 'Panic', 0x11);
    const payee = current.payees[place];
    if (!payee) throw new Refusal('Panic', 0x32);
    must(payee.account === from, 'Vaults_NotPayee', from, payee.account);
    harvestAll(at, account, tokens);
    emit(at, 'Vaults.Assign', { account, from, to, bps: payee.bps });
    adopt(at, account, owner, { ...terms, payees: handedOver(current.payees, payee, to) });
  },
  'Vaults.harvest': (at, _from, [account]: [bigint]) => harvest(at, account),
  'Vaults.mature': (at, _from, [account, , splitId]: [bigint, Address, Hex]) => mature(at, account, splitId),
  'Vaults.withdraw': (at, _from, [split, index]: [Split, bigint]) => withdraw(at, split, index, zeroAddress),
  'Vaults.withdrawTo': (at, from, [split, index, , to]: [Split, bigint, Address, Address]) => {
    const { payee } = rowOf(split, index);
    must(payee === from, 'Vaults_NotPayee', from, payee);
    withdraw(at, split, index, to);
  },
  'Vaults.cascade': (at, _from, [split, index, token]: [Split, bigint, Address]) => {
    const row = split.upstream[Number(index)];
    if (!row) throw new Refusal('Vaults_NoRow', index);
    const owner = ownerOf(at, row.account);
    const into = inForce(at, row.account, owner);
    const amount = takeCredit(at, split, index);
    at.state.accrued.set(into, (at.state.accrued.get(into) ?? 0n) + amount);
    emit(at, 'Vaults.Cascade', { splitId: idOf(split), token, account: row.account, into, index, amount });
  },
  'Vaults.refund': refund,
};

function emit({ events }: At, eventName: string, args: object): void {
  events.push({ eventName, args });
}

export function ownerIn({ owners }: State, account: bigint): Address | undefined {
  return account >> 160n === 0n ? getAddress(`0x${account.toString(16).padStart(40, '0')}`) : owners.get(account);
}

function ownerOf({ state }: At, account: bigint): Address {
  must(account !== 0n, 'Vaults_ZeroAccount');
  const owner = ownerIn(state, account);
  if (owner === undefined) throw new Refusal('ERC721NonexistentToken', account);
  return owner;
}

function requireManager(at: At, account: bigint, from: Address): Address {
  const owner = ownerOf(at, account);
  const manages = from === owner || at.state.delegates.has(`${account}/${from}`);
  must(manages, 'Vaults_NotAuthorized', account, from);
  return owner;
}

function feeOf({ fee, treasury }: State) {
  return { treasury: fee === 0 ? zeroAddress : treasury, feeBps: fee };
}

/** What was configured, else all to the owner. */
export function termsOf(state: State, account: bigint): Terms {
  const payees = [{ account: zeroAddress, bps: whole - state.fee }];
  return state.terms.get(account) ?? { payees, ...feeOf(state), window: floor };
}

function requirePermitted(at: At, account: bigint, owner: Address, payees: readonly Payee[], current: Split): void {
  const { state, now } = at;
  const announced = state.announced.get(account);
  // Whatever is configured, what was announced before is over.
  state.announced.delete(account);
  if (!state.terms.has(account)) return;
  const inTime = announced && announced.usableFrom <= now && now <= announced.usableFrom + BigInt(ceiling);
  if (inTime && text(announced.shares) === text({ payees, ...feeOf(state) })) return;
  requireCurrent(at, account, current);
  const kept = current.payees.every(({ account: payee, bps }) => {
    if (payee === zeroAddress || payee === owner) return true;
    return payees.some((other) => other.account === payee && other.bps >= bps);
  });
  must(kept, 'Vaults_NotAnnounced', account);
}

function requireCurrent({ state }: At, account: bigint, current: Split): Terms {
  const terms = state.terms.get(account);
  const same = terms && text(sharesOf(terms, upstreamOf(state, account))) === text(sharesOf(current, current.upstream));
  if (!same) throw new Refusal('Vaults_OtherSplit', account);
  return terms;
}

function sharesOf({ payees, treasury, feeBps }: Shares, upstream: readonly Upstream[]) {
  return { payees, treasury, feeBps, upstream };
}

export function upstreamOf({ upstreams }: State, account: bigint): readonly Upstream[] {
  return upstreams.get(account) ?? [];
}

function requireWindow(window: number): void {
  must(window >= floor && window <= ceiling, 'Vaults_WrongWindow', window, floor, ceiling);
}

function adopt(at: At, account: bigint, owner: Address, terms: Terms): void {
  requireValid(at, account, terms);
  at.state.terms.set(account, terms);
  emit(at, 'Vaults.Configure', { account, splitId: remember(at.state, account, owner), owner, ...terms });
}

function requireValid({ stage }: At, account: bigint, { payees, feeBps }: Terms): void {
  must(payees.length <= 64, 'Vaults_ManyPayees', payees.length, 64);
  for (const [index, { account: payee, bps }] of payees.entries()) {
    const previous = payees[index - 1];
    must(!previous || BigInt(previous.account) < BigInt(payee), 'Vaults_UnsortedPayee', index, payee);
    const circular = payee === stage.payoutOf(account) || payee === stage.addresses.vaults;
    must(!circular, 'Vaults_CircularPayee', index, payee);
    must(bps !== 0, 'Vaults_ZeroShare', index, payee);
  }
  const sum = payees.reduce((total, { bps }) => total + bps, feeBps);
  must(sum === whole, 'Vaults_WrongSum', sum, whole);
}

/** One payee's share goes to another account, which has one share of both when it had one already. */
function handedOver(payees: readonly Payee[], moved: Payee, to: Address): readonly Payee[] {
  const others = payees.filter((payee) => payee !== moved && payee.account !== to);
  const had = payees.find((payee) => payee !== moved && payee.account === to)?.bps ?? 0;
  return [...others, { account: to, bps: moved.bps + had }].sort((a, b) =>
    BigInt(a.account) < BigInt(b.account) ? -1 : 1,
  );
}

/** The split that an account's revenue is shared by while `owner` owns it. */
export function splitOf(state: State, account: bigint, owner: Address): Split {
  return { ...termsOf(state, account), upstream: upstreamOf(state, account), owner };
}

function remember(state: State, account: bigint, owner: Address): Hex {
  const split = splitOf(state, account, owner);
  const splitId = idOf(split);
  state.splits.set(splitId, split);
  return splitId;
}

/** The default becomes a configuration when money first goes by it. */
function inForce(at: At, account: bigint, owner: Address): Hex {
  if (!at.state.terms.has(account)) adopt(at, account, owner, termsOf(at.state, account));
  return remember(at.state, account, owner);
}

function harvestAll(at: At, account: bigint, tokens: readonly Address[]): void {
  must(tokens.length <= 8, 'Vaults_ManyTokens', tokens.length, 8);
  for (const _token of tokens) harvest(at, account);
}

function harvest(at: At, account: bigint): void {
  const { the, state, now, stage } = at;
  const owner = ownerOf(at, account);
  const splitId = inForce(at, account, owner);
  const payout = stage.payoutOf(account);
  const amount = Dollars.balanceOf(state.dollars, payout);
  Dollars.move(state.dollars, payout, stage.addresses.vaults, amount);
  mature(at, account, splitId);
  if (amount === 0n) return;
  const window = BigInt(termsOf(state, account).window);
  const width = (window + 6n) / 7n;
  const index = now / width;
  state.buckets.push({ account, splitId, index, maturesAt: the.maturesAt(index, width, window), amount });
  emit(at, 'Vaults.Harvest', { account, token: stage.addresses.token, splitId, amount, bucketIndex: index, payout });
}

function mature(at: At, account: bigint, splitId: Hex): void {
  const { state, now, stage } = at;
  const ripe = state.buckets.filter((bucket) => isOf(bucket, account, splitId) && bucket.maturesAt <= now);
  const amount = ripe.reduce((total, bucket) => total + bucket.amount, 0n);
  state.buckets = state.buckets.filter((bucket) => !ripe.includes(bucket));
  if (amount === 0n) return;
  state.accrued.set(splitId, (state.accrued.get(splitId) ?? 0n) + amount);
  emit(at, 'Vaults.Mature', { account, token: stage.addresses.token, splitId, amount });
}

function isOf(bucket: Bucket, account: bigint, splitId: Hex): boolean {
  return bucket.account === account && bucket.splitId === splitId;
}

/** Who a row pays, nobody for the row of an asset, and its part of the whole in 10^8 parts. */
function rowOf({ upstream, payees, owner, treasury, feeBps }: Split, index: bigint): { payee: Address; parts: bigint } {
  const first = upstream[Number(index)];
  if (first) return { payee: zeroAddress, parts: BigInt(first.bps * whole) };
  const rest = upstream.reduce((left, { bps }) => left - bps, whole);
  const row = payees[Number(index) - upstream.length];
  if (row) return { payee: row.account === zeroAddress ? owner : row.account, parts: BigInt(rest * row.bps) };
  must(Number(index) === upstream.length + payees.length && feeBps !== 0, 'Vaults_NoRow', index);
  return { payee: treasury, parts: BigInt(rest * feeBps) };
}

function creditOf(the: typeof rules, state: State, split: Split, index: bigint): bigint {
  const splitId = idOf(split);
  const { parts } = rowOf(split, index);
  return the.shareOf(state.accrued.get(splitId) ?? 0n, parts) - (state.paid.get(`${splitId}/${index}`) ?? 0n);
}

function takeCredit({ the, state, stage }: At, split: Split, index: bigint): bigint {
  const splitId = idOf(split);
  const amount = creditOf(the, state, split, index);
  must(amount !== 0n, 'Vaults_NoCredit', splitId, index, stage.addresses.token);
  state.paid.set(`${splitId}/${index}`, (state.paid.get(`${splitId}/${index}`) ?? 0n) + amount);
  return amount;
}

function withdraw(at: At, split: Split, index: bigint, wanted: Address): void {
  const { state, stage } = at;
  const { payee } = rowOf(split, index);
  must(payee !== zeroAddress, 'Vaults_NoRow', index);
  const to = wanted === zeroAddress ? payee : wanted;
  const amount = takeCredit(at, split, index);
  emit(at, 'Vaults.Withdraw', { splitId: idOf(split), token: stage.addresses.token, payee, index, to, amount });
  Dollars.move(state.dollars, stage.addresses.vaults, to, amount);
}

async function refund(
  at: At,
  _from: Address,
  [note, account, { sharesHash, window }]: [Notes.Note, bigint, Notes.Terms],
) {
  const { state, now, stage } = at;
  const { seller, payTo, price, token, payer, startedAt } = note.receipt;
  const receipt = Notes.hashOf(note.receipt);
  const signer = await Notes.receiptSigner(stage, receipt, note.batchSignature);
  const time = startedAt / 1000n;
  must(Notes.isKeyAt(stage, seller, signer, time), 'Vaults_InvalidSigner', seller, signer, time);
  const key = await Notes.noteSigner(stage, receipt, note);
  must(Notes.isKeyAt(stage, seller, key, now), 'Vaults_InvalidSigner', seller, key, now);
  must(upstreamOf(state, account).length === 0, 'Vaults_Bound', account);
  must(payTo === stage.payoutOf(account), 'Vaults_OtherPayout', payTo, stage.payoutOf(account));
  must(note.credit <= price, 'Vaults_OverPrice', note.credit, price);
  const refunded = state.refunded.get(receipt) ?? 0n;
  must(note.credit > refunded, 'Vaults_Refunded', receipt, note.credit, refunded);
  requireWindow(window);
  const day = `${seller}/${key}/${now / 86_400n}`;
  const spent = state.spent.get(day) ?? 0n;
  const room = Notes.cap - spent;
  must(room !== 0n, 'Vaults_CapReached', seller, key, token, Notes.cap);
  const splitId = splitIdOf(sharesHash, seller, window);
  const owed = note.credit - refunded;
  const amount = takeWaiting(at, account, splitId, owed < room ? owed : room);
  must(amount !== 0n, 'Vaults_Insufficient', account, token, splitId);
  state.refunded.set(receipt, refunded + amount);
  state.spent.set(day, spent + amount);
  emit(at, 'Vaults.Refund', { receipt, account, payer, token, splitId, key, amount });
  Dollars.move(state.dollars, stage.addresses.vaults, payer, amount);
}

/** Takes out of what still waits, the newest first. */
function takeWaiting({ state, now }: At, account: bigint, splitId: Hex, wanted: bigint): bigint {
  const waiting = state.buckets.filter((bucket) => isOf(bucket, account, splitId) && bucket.maturesAt > now);
  let taken = 0n;
  for (const bucket of waiting.reverse()) {
    const part = bucket.amount < wanted - taken ? bucket.amount : wanted - taken;
    bucket.amount -= part;
    taken += part;
  }
  return taken;
}

function views(the: typeof rules, state: State, now: bigint, stage: Stage): readonly View[] {
  const { token } = stage.addresses;
  const ask = asking('Vaults');
  const accounts = [...state.owners.keys(), ...stage.actors.map(({ address }) => BigInt(address))];
  const ofAccounts = accounts.flatMap((account) => {
    const terms = termsOf(state, account);
    const sharesHash = sharesHashOf(terms, upstreamOf(state, account));
    const owner = ownerIn(state, account) ?? zeroAddress;
    return [
      ask('announcementOf', [account], announcementOf(state, account)),
      ask('termsOf', [account], { sharesHash, window: terms.window }),
      ask('splitIdOf', [account], splitIdOf(sharesHash, owner, terms.window)),
    ];
  });
  const ofSplits = [...state.splits].flatMap(([splitId, split]) => [
    ask('accruedOf', [splitId, token], state.accrued.get(splitId) ?? 0n),
    ...[...split.upstream, ...split.payees].flatMap((_row, index) => [
      ask('creditOf', [split, BigInt(index), token], creditOf(the, state, split, BigInt(index))),
      ask('paidOf', [splitId, token, BigInt(index)], state.paid.get(`${splitId}/${index}`) ?? 0n),
    ]),
    ...accounts.map((account) => ask('pendingOf', [account, token, splitId], pendingOf(state, account, splitId, now))),
  ]);
  const refunds = [...state.refunded].map(([receipt, amount]) => ask('refundedOf', [receipt], amount));
  const spendings = [...state.spent].map(([key, amount]) => {
    const [seller, signer, day = '0'] = key.split('/');
    return ask('spentOf', [seller, signer, token, Number(day)], amount);
  });
  return [...ofAccounts, ...ofSplits, ...refunds, ...spendings, ...Dollars.views(state.dollars)];
}

function announcementOf({ announced }: State, account: bigint): readonly [Hex, bigint] {
  const found = announced.get(account);
  return found ? [sharesHashOf(found.shares, []), found.usableFrom] : [`0x${'0'.repeat(54)}`, 0n];
}

function pendingOf(state: State, account: bigint, splitId: Hex, now: bigint): readonly [bigint, bigint] {
  const mine = state.buckets.filter((bucket) => isOf(bucket, account, splitId));
  const sum = (buckets: readonly Bucket[]) => buckets.reduce((total, { amount }) => total + amount, 0n);
  return [sum(mine.filter(({ maturesAt }) => maturesAt > now)), sum(mine.filter(({ maturesAt }) => maturesAt <= now))];
}
