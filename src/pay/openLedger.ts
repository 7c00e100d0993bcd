import type { Hex } from 'viem';
import { BaseError } from '../internal/Errors.ts';
import * as Json from '../internal/Json.ts';
import { openStore, type Row, type Transaction } from '../internal/node/sqlite.ts';
import type * as Channel from './Channel.ts';
import { exposureOf } from './exposureOf.ts';
import type * as Ledger from './Ledger.ts';
import * as signIns from './signIns.ts';
import * as uses from './uses.ts';

const schema = `
create table if not exists accounts(
  id text primary key, rail text not null, payer text not null,
  seq integer not null default 0, head text not null, charged text not null default '0') without rowid;
create table if not exists channels(
  id text primary key references accounts(id), config text not null, state text not null,
  balance text not null, confirmed text not null, claimed text not null, refund_nonce text not null, withdraw_at integer not null,
  max text not null default '0', signature text not null default '0x', unclaimed_since integer not null default 0) without rowid;
create index if not exists channels_unconfirmed on channels(id) where confirmed <> balance;
create table if not exists requests(
  id text primary key, account text not null references accounts(id), authority text not null, body_hash text not null,
  bound text not null, context text not null, state text not null, lease_until integer not null, created_at integer not null,
  run integer,
  price text not null default '0', outcome integer not null default 0,
  status integer, content_type text, body blob, log_index integer) without rowid;
create index if not exists requests_open on requests(account, lease_until) where state = 'reserved';
create index if not exists requests_authority on requests(authority);
create table if not exists receipts(
  log_index integer primary key, account text not null, seq integer not null, request text not null unique,
  hash text not null, body text not null, proof text not null, unique(account, seq));
create table if not exists outbox(
  id integer primary key autoincrement, kind text not null, key text not null unique, payload text not null,
  created_at integer not null);
${uses.schema}${signIns.schema}`;

const zero: Hex = `0x${'0'.repeat(64)}`;
const selectChannel = 'select c.*, a.charged from channels c join accounts a on a.id = c.id';
const isUnconfirmed = 'c.confirmed <> c.balance';
// Amounts are decimal text without leading zeros, so the longer one is the larger one.
const matters = "(c.state <> 'dead' or (length(c.confirmed), c.confirmed) < (length(a.charged), a.charged))";
const selectRequest = 'select r.*, a.rail, a.payer from requests r join accounts a on a.id = r.account';

/** Opens the embedded ledger: one SQLite file, written by the gateway alone and readable by the settler. */
export function openLedger(file: string, options: { readOnly?: boolean } = {}): Ledger.Ledger {
  const store = openStore(file, { schema, ...options });
  return {
    channel: (id) => store.read((t) => toChannel(t.get(`${selectChannel} where c.id = ?`, id))),
    channels: ({ dead = false } = {}) => store.read((t) => channelsWhere(t, dead ? 'true' : "c.state <> 'dead'")),
    watched: ({ unconfirmed = false } = {}) =>
      store.read((t) => channelsWhere(t, unconfirmed ? `${isUnconfirmed} and ${matters}` : matters)),
    counts: () => store.read(counts),
    putChannel: (id, config, facts, state) => store.update((t) => putChannel(t, id, config, facts, state)),
    admit: (admission) => store.update((t) => admit(t, admission)),
    commit: (outcomes, sealer) => store.update((t) => commit(t, outcomes, sealer)),
    signIn: (signIn, challenge, now) => store.update((t) => signIns.add(t, signIn, challenge, now)),
    signedIn: (token, now) => store.read((t) => signIns.find(t, token, now)),
    used: (account, run) => store.read((t) => uses.count(t, account, run)),
    leave: (id, charged, row, now) => store.update((t) => leave(t, id, charged, row, now)),
    expired: (now) =>
      store.read((t) =>
        t.all(`${selectRequest} where r.state = 'reserved' and r.lease_until <= ?`, now).map(toRequest),
      ),
    request: (id) => store.read((t) => optional(t.get(`${selectRequest} where r.id = ?`, id), toRequest)),
    receipts: (from, limit) =>
      store.read((t) =>
        t.all('select * from receipts where log_index >= ? order by log_index limit ?', from, limit).map(toReceipt),
      ),
    receiptOf: (id) => store.read((t) => optional(t.get('select * from receipts where request = ?', id), toReceipt)),
    logSize: () => store.read((t) => logSize(t)),
    enqueue: (row, now) => store.update((t) => enqueue(t, row, now)),
    outbox: (after, limit) =>
      store.read((t) =>
        t
          .all('select id, kind, key, payload from outbox where id > ? order by id limit ?', after, limit)
          .map((row) => ({ ...(row as unknown as Ledger.OutboxRow), id: Number(row.id) })),
      ),
    close: () => store.close(),
  };
}

function channelsWhere(t: Transaction, condition: string): readonly Ledger.ChannelRow[] {
  return t.all(`${selectChannel} where ${condition}`).map((row) => toChannel(row) as Ledger.ChannelRow);
}

function putChannel(
  t: Transaction,
  id: Hex,
  config: Channel.Config,
  facts: Ledger.ChannelFacts,
  state: Ledger.ChannelState,
): void {
  openAccount(t, id, 'channel', config.payer);
  t.run(
    `insert into channels(id, config, state, balance, confirmed, claimed, refund_nonce, withdraw_at)
     values (?, ?, ?, ?, ?, ?, ?, ?)
     on conflict(id) do update set balance = excluded.balance, confirmed = excluded.confirmed, claimed = excluded.claimed,
       refund_nonce = excluded.refund_nonce, withdraw_at = excluded.withdraw_at,
       state = case when state = 'dead' then 'dead' else excluded.state end`,
    id,
    Json.stringify(config),
    state,
    facts.balance.toString(),
    facts.confirmed.toString(),
    facts.claimed.toString(),
    facts.refundNonce.toString(),
    facts.withdrawInitiatedAt,
  );
  const channel = toChannel(t.get(`${selectChannel} where c.id = ?`, id));
  if (channel && channel.charged <= facts.claimed) t.run('update channels set unclaimed_since = 0 where id = ?', id);
}

function admit(t: Transaction, admission: Ledger.Admission): Ledger.Admitted {
  const { requestId, account, authority } = admission;
  const known = t.get(`${selectRequest} where r.id = ?`, requestId);
  if (known) {
    if (known.account !== account || known.body_hash !== admission.bodyHash) return { status: 'conflict' };
    const request = toRequest(known);
    return request.state === 'done' ? { status: 'replay', request } : { status: 'running' };
  }
  const spent = t.get(
    "select 1 from requests where authority = ? and (state = 'reserved' or price <> '0') limit 1",
    authority,
  );
  if (admission.voucher) {
    const refused = refuseVoucher(t, admission, admission.voucher, spent !== undefined);
    if (refused) return refused;
  } else {
    if (spent || (admission.outbox && isTaken(t, admission.outbox))) return { status: 'spent' };
    openAccount(t, account, admission.rail, admission.payer);
  }
  if (admission.quota && !uses.take(t, account, admission.quota)) return { status: 'exhausted' };
  t.run(
    `insert into requests(id, account, authority, body_hash, bound, context, state, lease_until, created_at, run)
     values (?, ?, ?, ?, ?, ?, 'reserved', ?, ?, ?)`,
    requestId,
    account,
    authority,
    admission.bodyHash,
    admission.bound.toString(),
    admission.context,
    admission.leaseUntil,
    admission.now,
    admission.quota?.run ?? null,
  );
  if (admission.outbox) enqueue(t, admission.outbox, admission.now);
  return { status: 'admitted' };
}

/** Checks a voucher against the channel and stores it; returns why it is refused, or undefined. */
function refuseVoucher(
  t: Transaction,
  admission: Ledger.Admission,
  voucher: NonNullable<Ledger.Admission['voucher']>,
  spent: boolean,
): Ledger.Admitted | undefined {
  const channel = toChannel(t.get(`${selectChannel} where c.id = ?`, admission.account));
  if (!channel) return { status: 'unknown' };
  if (channel.state !== 'open') return { status: channel.state };
  // What costs nothing needs no new voucher: the last one names the same total, spent or not, and moves nothing again.
  const isSpent = spent && admission.bound > 0n;
  // One request at a time on a channel without a session: its next voucher must name what this one was charged.
  if (t.get("select 1 from requests where account = ? and state = 'reserved' limit 1", channel.id)) {
    return { status: isSpent ? 'spent' : 'busy' };
  }
  if (voucher.max !== channel.charged + admission.bound) return { status: 'mismatch', channel };
  if (isSpent) return { status: 'spent' };
  if (voucher.max > channel.balance) return { status: 'insufficient', channel };
  const { exposure } = admission;
  if (exposure && voucher.max > channel.confirmed) {
    const own = voucher.max - channel.confirmed;
    if (own > exposure.channel || own + exposureOf(t, channel.id) > exposure.total) return { status: 'unconfirmed' };
  }
  if (voucher.max > channel.max) {
    t.run(
      'update channels set max = ?, signature = ? where id = ?',
      voucher.max.toString(),
      voucher.signature,
      channel.id,
    );
  }
  return undefined;
}

function commit(
  t: Transaction,
  outcomes: readonly Ledger.Outcome[],
  sealer: Ledger.Sealer,
): readonly Ledger.ReceiptRow[] {
  const rows = outcomes.map((outcome) => close(t, outcome, sealer));
  const proofs = sealer.sign(rows.map((row) => row.hash));
  return rows.map((row, i) => {
    const proof = proofs[i] ?? '';
    t.run('update receipts set proof = ? where log_index = ?', proof, row.logIndex);
    return { ...row, proof };
  });
}

/** Charges one request and links its receipt to the account's previous one. */
function close(t: Transaction, outcome: Ledger.Outcome, sealer: Ledger.Sealer): Omit<Ledger.ReceiptRow, 'proof'> {
  const request = optional(t.get(`${selectRequest} where r.id = ?`, outcome.requestId), toRequest);
  if (!request || request.state === 'done') throw new EndedError(outcome.requestId);
  if (outcome.price > request.bound || outcome.price < 0n) throw new OverchargeError(outcome.price, request.bound);
  const account = t.get('select seq, head, charged from accounts where id = ?', request.account) as Row;
  const link: Ledger.Link = {
    request,
    seq: (account.seq as bigint) + 1n,
    prev: account.head as Hex,
    cumulative: BigInt(account.charged as string) + outcome.price,
    logIndex: logSize(t),
  };
  const { hash, body } = sealer.write(link);
  storeReceipt(t, link, hash, body);
  if (outcome.unused) uses.giveBack(t, request.id);
  storeOutcome(t, outcome, link, hash);
  return { hash, body, logIndex: link.logIndex, account: request.account, seq: link.seq, requestId: request.id };
}

function storeReceipt(t: Transaction, link: Ledger.Link, hash: Hex, body: string): void {
  const { account, id } = link.request;
  t.run(
    'update accounts set seq = ?, head = ?, charged = ? where id = ?',
    link.seq,
    hash,
    link.cumulative.toString(),
    account,
  );
  t.run(
    `insert into receipts(log_index, account, seq, request, hash, body, proof) values (?, ?, ?, ?, ?, ?, '')`,
    link.logIndex,
    account,
    link.seq,
    id,
    hash,
    body,
  );
}

function storeOutcome(t: Transaction, outcome: Ledger.Outcome, link: Ledger.Link, receiptHash: Hex): void {
  const { answer, price, now } = outcome;
  t.run(
    `update requests set state = 'done', price = ?, outcome = ?, status = ?, content_type = ?, body = ?, log_index = ?
     where id = ?`,
    price.toString(),
    outcome.outcome,
    answer.status,
    answer.contentType,
    answer.body,
    link.logIndex,
    outcome.requestId,
  );
  if (price > 0n) {
    t.run('update channels set unclaimed_since = ? where id = ? and unclaimed_since = 0', now, link.request.account);
  }
  if (outcome.outbox) enqueue(t, outcome.outbox(receiptHash), now);
}

function counts(t: Transaction): { requests: number; reserved: number } {
  const row = t.get(
    "select count(*) as requests, count(*) filter (where state = 'reserved') as reserved from requests",
  );
  return { requests: Number(row?.requests ?? 0n), reserved: Number(row?.reserved ?? 0n) };
}

function leave(t: Transaction, id: Hex, charged: bigint, row: Ledger.OutboxRow, now: number): boolean {
  if (toChannel(t.get(`${selectChannel} where c.id = ?`, id))?.charged !== charged) return false;
  if (t.get("select 1 from requests where account = ? and state = 'reserved' limit 1", id)) return false;
  t.run("update channels set state = 'dead' where id = ?", id);
  enqueue(t, row, now);
  return true;
}

function openAccount(t: Transaction, id: Hex, rail: Ledger.Rail, payer: string): void {
  t.run(
    'insert into accounts(id, rail, payer, head) values (?, ?, ?, ?) on conflict do nothing',
    id,
    rail,
    payer,
    zero,
  );
}

function enqueue(t: Transaction, row: Ledger.OutboxRow, now: number): void {
  t.run(
    'insert into outbox(kind, key, payload, created_at) values (?, ?, ?, ?) on conflict do nothing',
    row.kind,
    row.key,
    row.payload,
    now,
  );
}

/** Whether the key of a row stands for other work already: what it would pay for is not what it says. */
function isTaken(t: Transaction, { key, payload }: Ledger.OutboxRow): boolean {
  return t.get('select 1 from outbox where key = ? and payload <> ?', key, payload) !== undefined;
}

function logSize(t: Transaction): number {
  return Number(t.get('select coalesce(max(log_index) + 1, 0) as size from receipts')?.size ?? 0n);
}

function optional<T>(row: Row | undefined, convert: (row: Row) => T): T | undefined {
  return row && convert(row);
}

function toChannel(row: Row | undefined): Ledger.ChannelRow | undefined {
  if (!row) return undefined;
  return {
    id: row.id as Hex,
    config: JSON.parse(row.config as string) as Channel.Config,
    state: row.state as Ledger.ChannelState,
    balance: BigInt(row.balance as string),
    confirmed: BigInt(row.confirmed as string),
    claimed: BigInt(row.claimed as string),
    refundNonce: BigInt(row.refund_nonce as string),
    withdrawInitiatedAt: row.withdraw_at as bigint,
    charged: BigInt(row.charged as string),
    max: BigInt(row.max as string),
    signature: row.signature as Hex,
    unclaimedSince: row.unclaimed_since as bigint,
  };
}

function toRequest(row: Row): Ledger.RequestRow {
  const answer =
    row.status === null
      ? undefined
      : { status: Number(row.status), contentType: row.content_type as string, body: row.body as Uint8Array };
  return {
    id: row.id as Hex,
    rail: row.rail as Ledger.Rail,
    account: row.account as Hex,
    payer: row.payer as Hex,
    authority: row.authority as Hex,
    bound: BigInt(row.bound as string),
    state: row.state as 'reserved' | 'done',
    leaseUntil: Number(row.lease_until),
    price: BigInt(row.price as string),
    outcome: Number(row.outcome),
    answer,
    logIndex: row.log_index === null ? undefined : Number(row.log_index),
    context: row.context as string,
  };
}

function toReceipt(row: Row): Ledger.ReceiptRow {
  return {
    logIndex: Number(row.log_index),
    account: row.account as Hex,
    seq: row.seq as bigint,
    requestId: row.request as Hex,
    hash: row.hash as Hex,
    body: row.body as string,
    proof: row.proof as string,
  };
}

/** A request ended already (or never began); its outcome stands. */
export class EndedError extends BaseError {
  override readonly name = 'Ledger.EndedError';
  constructor(requestId: Hex) {
    super(`Request ${requestId} is not open.`, { code: 'ledger.ended' });
  }
}

/** A charge outside of the reservation. */
export class OverchargeError extends BaseError {
  override readonly name = 'Ledger.OverchargeError';
  constructor(price: bigint, bound: bigint) {
    super(`A charge of ${price} atoms is outside of the reserved ${bound}.`, { code: 'ledger.overcharge' });
  }
}
