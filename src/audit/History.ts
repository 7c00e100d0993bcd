/**
 * The public history of a deployment, replayed from its events alone: who held what, what every channel, payout and
 * split did. Amounts are atoms. Nothing here trusts a server.
 */

import type { Address, Hex } from 'viem';
import { isSameAddress } from '../internal/isSameAddress.ts';
import * as Terms from '../license/Terms.ts';
import type * as Split from '../settle/Split.ts';
import type { Contract } from './Contracts.ts';

/** A decoded event in the order of the chain. */
export type Event = {
  readonly contract: Contract;
  readonly name: string;
  // The shape follows from contract and name; `replay` below is the one reader.
  readonly args: Readonly<Record<string, unknown>>;
  readonly transaction: Hex;
};

/** A channel's whole life. */
export type Channel = {
  payer: Address;
  receiver: Address;
  token: Address;
  deposited: bigint;
  claimed: bigint;
  refunded: bigint;
  withdrawn: bigint;
};

/** A head of a receipt log as it was anchored. */
export type Head = { seller: Address; log: number; epoch: bigint; size: bigint; root: Hex };

/** A bought licence. */
export type Purchase = {
  termsId: Hex;
  holder: Address;
  payer: Address;
  start: number;
  end: number;
  transaction: Hex;
};

/** What became of the money of a split. */
export type Shared = {
  split: Split.Split | undefined;
  accrued: bigint;
  readonly withdrawn: Map<number, bigint>;
  readonly passed: Map<number, bigint>;
};

/** A licence that changed hands with the royalty paid: by a sale of its owner, or revived after a transfer. */
export type Resale = {
  tokenId: bigint;
  payer: Address;
  /** What the buyer paid in all; 0 for a revival. */
  price: bigint;
  royalty: bigint;
  /** The former owner, who gets what the royalty leaves; undefined for a revival. */
  seller: Address | undefined;
  transaction: Hex;
};

/** An escrow account of a contract, in the token that is audited. */
export type Escrow = { readonly controller: Address; readonly id: Hex; deposited: bigint; paid: bigint };

/** Everything the events add up to. Keys of maps are lower case and joined by `|`. */
export type State = {
  readonly balances: Map<string, bigint>;
  minted: bigint;
  readonly channels: Map<Hex, Channel>;
  /** By receiver: claimed and settled. */
  readonly receivers: Map<string, { claimed: bigint; settled: bigint }>;
  /** By asset, its owner. */
  readonly owners: Map<bigint, Address>;
  /** By account, the shares configured last. Their owner is the one of that moment. */
  readonly configured: Map<bigint, Split.Split>;
  /** By account, what it passes on to others. */
  readonly upstreams: Map<bigint, readonly Split.Upstream[]>;
  /** By account: harvested, matured and refunded. */
  readonly accounts: Map<bigint, { harvested: bigint; matured: bigint; refunded: bigint; payout: Address }>;
  /** By split: accrued, and withdrawn or passed on per row. */
  readonly splits: Map<Hex, Shared>;
  /** Terms that were ever offered. */
  readonly terms: Map<Hex, Terms.Terms>;
  readonly purchases: Purchase[];
  /** By controller and account. */
  readonly escrows: Map<string, Escrow>;
  /** What licences gave back and released, by escrow account. */
  readonly returns: Map<Hex, { refunded: bigint; released: bigint }>;
  /** Terms of which there are tokens, by the upper 160 bits of their ids. */
  readonly rules: Map<bigint, { readonly termsId: Hex; readonly payout: Address }>;
  readonly resales: Resale[];
  readonly heads: Head[];
  /** What each used authorization moved, as `from|to|value`, by `authorizer|nonce`; the token tells of it right after. */
  readonly authorizations: Map<string, string | undefined>;
  /** The authorization that the next transfer of a transaction belongs to. */
  readonly moving: Map<Hex, string>;
  /** Token transfers by transaction: `from|to|value`. */
  readonly transfers: Map<Hex, string[]>;
};

/** Replays events in order. */
export function replay(events: readonly Event[], token: Address): State {
  const state: State = {
    balances: new Map(),
    minted: 0n,
    channels: new Map(),
    receivers: new Map(),
    owners: new Map(),
    configured: new Map(),
    upstreams: new Map(),
    accounts: new Map(),
    splits: new Map(),
    terms: new Map(),
    purchases: [],
    escrows: new Map(),
    returns: new Map(),
    rules: new Map(),
    resales: [],
    heads: [],
    authorizations: new Map(),
    moving: new Map(),
    transfers: new Map(),
  };
  for (const event of events)
    handlers[`${event.contract}.${event.name}`]?.(state, event.args as never, event.transaction, token);
  return state;
}

type Handler = (state: State, args: never, transaction: Hex, token: Address) => void;

const zero = `0x${'0'.repeat(40)}`;

const handlers: Readonly<Record<string, Handler>> = {
  'token.Transfer'(state, { from, to, value }: { from: Address; to: Address; value: bigint }, transaction) {
    if (from === zero) state.minted += value;
    else add(state.balances, from.toLowerCase(), -value);
    if (to === zero) state.minted -= value;
    else add(state.balances, to.toLowerCase(), value);
    const list = state.transfers.get(transaction) ?? [];
    const transfer = `${from}|${to}|${value}`.toLowerCase();
    list.push(transfer);
    state.transfers.set(transaction, list);
    const authorization = state.moving.get(transaction);
    if (authorization === undefined) return;
    state.authorizations.set(authorization, transfer);
    state.moving.delete(transaction);
  },
  'token.AuthorizationUsed'(state, { authorizer, nonce }: { authorizer: Address; nonce: Hex }, transaction) {
    const authorization = `${authorizer}|${nonce}`.toLowerCase();
    state.authorizations.set(authorization, undefined);
    state.moving.set(transaction, authorization);
  },
  'settlement.ChannelCreated'(
    state,
    args: { channelId: Hex; config: { payer: Address; receiver: Address; token: Address } },
  ) {
    const { payer, receiver, token } = args.config;
    if (state.channels.has(args.channelId)) return;
    state.channels.set(args.channelId, {
      payer,
      receiver,
      token,
      deposited: 0n,
      claimed: 0n,
      refunded: 0n,
      withdrawn: 0n,
    });
  },
  'settlement.Deposited'(state, { channelId, amount }: { channelId: Hex; amount: bigint }) {
    channel(state, channelId).deposited += amount;
  },
  'settlement.Claimed'(state, { channelId, claimAmount }: { channelId: Hex; claimAmount: bigint }) {
    const row = channel(state, channelId);
    row.claimed += claimAmount;
    receiver(state, row.receiver, row.token).claimed += claimAmount;
  },
  'settlement.Refunded'(state, { channelId, amount }: { channelId: Hex; amount: bigint }) {
    channel(state, channelId).refunded += amount;
  },
  'settlement.WithdrawFinalized'(state, { channelId, amount }: { channelId: Hex; amount: bigint }) {
    channel(state, channelId).withdrawn += amount;
  },
  'settlement.Settled'(state, args: { receiver: Address; token: Address; amount: bigint }) {
    receiver(state, args.receiver, args.token).settled += args.amount;
  },
  'assets.Transfer'(state, { to, tokenId }: { to: Address; tokenId: bigint }) {
    state.owners.set(tokenId, to);
  },
  'vaults.Bind'(state, args: { account: bigint; upstream: readonly Split.Upstream[] }) {
    state.upstreams.set(args.account, args.upstream);
    const known = state.configured.get(args.account);
    if (known) state.configured.set(args.account, { ...known, upstream: args.upstream });
  },
  'vaults.Configure'(
    state,
    args: {
      account: bigint;
      splitId: Hex;
      owner: Address;
      payees: readonly Split.Payee[];
      treasury: Address;
      feeBps: number;
      window: number;
    },
  ) {
    const { payees, owner, treasury, feeBps, window } = args;
    const upstream = state.upstreams.get(args.account) ?? [];
    const configured = { upstream, payees, owner, treasury, feeBps, window };
    state.configured.set(args.account, configured);
    split(state, args.splitId).split ??= configured;
  },
  'vaults.Harvest'(
    state,
    args: { account: bigint; token: Address; splitId: Hex; amount: bigint; payout: Address },
    _,
    token,
  ) {
    if (!isSameAddress(args.token, token)) return;
    use(state, args.account, args.splitId);
    const row = account(state, args.account);
    row.harvested += args.amount;
    row.payout = args.payout;
  },
  'vaults.Mature'(state, args: { account: bigint; token: Address; splitId: Hex; amount: bigint }, _, token) {
    if (!isSameAddress(args.token, token)) return;
    account(state, args.account).matured += args.amount;
    split(state, args.splitId).accrued += args.amount;
  },
  'vaults.Refund'(state, args: { account: bigint; token: Address; amount: bigint }, _, token) {
    if (isSameAddress(args.token, token)) account(state, args.account).refunded += args.amount;
  },
  'vaults.Withdraw'(state, args: { splitId: Hex; token: Address; index: bigint; amount: bigint }, _, token) {
    if (!isSameAddress(args.token, token)) return;
    const { withdrawn } = split(state, args.splitId);
    withdrawn.set(Number(args.index), (withdrawn.get(Number(args.index)) ?? 0n) + args.amount);
  },
  'vaults.Cascade'(
    state,
    args: { splitId: Hex; token: Address; account: bigint; into: Hex; index: bigint; amount: bigint },
    _,
    token,
  ) {
    if (!isSameAddress(args.token, token)) return;
    const { passed } = split(state, args.splitId);
    passed.set(Number(args.index), (passed.get(Number(args.index)) ?? 0n) + args.amount);
    use(state, args.account, args.into).accrued += args.amount;
  },
  'licenses.Offer'(state, { termsId, terms }: { termsId: Hex; terms: Terms.Terms }) {
    state.terms.set(termsId, terms);
  },
  'licenses.Buy'(state, args: Omit<Purchase, 'transaction'>, transaction) {
    state.purchases.push({ ...args, transaction });
  },
  'licenses.Leave'(state, args: { termsId: Hex; holder: Address; refund: bigint }) {
    returned(state, args).refunded += args.refund;
  },
  'licenses.Release'(state, args: { termsId: Hex; holder: Address; amount: bigint }) {
    returned(state, args).released += args.amount;
  },
  'escrows.Deposit'(state, args: Moved, _, token) {
    if (isSameAddress(args.token, token)) escrow(state, args).deposited += args.amount;
  },
  'escrows.Pay'(state, args: Moved, _, token) {
    if (isSameAddress(args.token, token)) escrow(state, args).paid += args.amount;
  },
  'resales.Register'(state, args: { termsId: Hex; payout: Address; currency: Address }, _, token) {
    if (isSameAddress(args.currency, token)) state.rules.set(BigInt(args.termsId) >> 96n, args);
  },
  'resales.Resell'(state, args: Omit<Resale, 'payer' | 'transaction'> & { buyer: Address }, transaction) {
    const { tokenId, buyer: payer, price, royalty, seller } = args;
    state.resales.push({ tokenId, payer, price, royalty, seller, transaction });
  },
  'resales.Revive'(state, args: Pick<Resale, 'tokenId' | 'payer' | 'royalty'>, transaction) {
    state.resales.push({ ...args, price: 0n, seller: undefined, transaction });
  },
  'logs.Post'(state, args: Head) {
    state.heads.push({ seller: args.seller, log: args.log, epoch: args.epoch, size: args.size, root: args.root });
  },
};

function add(map: Map<string, bigint>, key: string, amount: bigint): void {
  map.set(key, (map.get(key) ?? 0n) + amount);
}

type Moved = { readonly controller: Address; readonly token: Address; readonly id: Hex; readonly amount: bigint };

function escrow(state: State, { controller, id }: Moved): Escrow {
  const key = `${controller}|${id}`.toLowerCase();
  const row = state.escrows.get(key) ?? { controller, id, deposited: 0n, paid: 0n };
  state.escrows.set(key, row);
  return row;
}

function returned(state: State, { termsId, holder }: { termsId: Hex; holder: Address }) {
  const id = Terms.licenceIdOf(termsId, holder);
  const row = state.returns.get(id) ?? { refunded: 0n, released: 0n };
  state.returns.set(id, row);
  return row;
}

function channel(state: State, id: Hex): Channel {
  const known = state.channels.get(id);
  if (known) return known;
  const unknown: Channel = {
    payer: zero as Address,
    receiver: zero as Address,
    token: zero as Address,
    deposited: 0n,
    claimed: 0n,
    refunded: 0n,
    withdrawn: 0n,
  };
  state.channels.set(id, unknown);
  return unknown;
}

function receiver(state: State, address: Address, token: Address) {
  const key = `${address}|${token}`.toLowerCase();
  const row = state.receivers.get(key) ?? { claimed: 0n, settled: 0n };
  state.receivers.set(key, row);
  return row;
}

function account(state: State, id: bigint) {
  const row = state.accounts.get(id) ?? { harvested: 0n, matured: 0n, refunded: 0n, payout: zero as Address };
  state.accounts.set(id, row);
  return row;
}

/** The split that money of an account came under: what was configured last, with the owner of that moment. */
function use(state: State, account: bigint, id: Hex): Shared {
  const row = split(state, id);
  const configured = state.configured.get(account);
  if (configured) row.split ??= { ...configured, owner: state.owners.get(account) ?? configured.owner };
  return row;
}

function split(state: State, id: Hex): Shared {
  const row = state.splits.get(id) ?? { split: undefined, accrued: 0n, withdrawn: new Map(), passed: new Map() };
  state.splits.set(id, row);
  return row;
}
