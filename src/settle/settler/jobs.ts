import type { Hex } from 'viem';
import { openStore, type Row, type Transaction } from '../../internal/node/sqlite.ts';
import type * as Ledger from '../../pay/Ledger.ts';

const schema = `
create table if not exists jobs(
  id integer primary key autoincrement, key text not null unique, kind text not null, payload text not null,
  state text not null default 'queued', nonce integer, raw text, hash text, block_hash text, error text,
  attempts integer not null default 0, final integer not null default 0, fee text not null default '0', day integer,
  displaced_at integer, created_at integer not null, updated_at integer not null);
create index if not exists jobs_state on jobs(state, id);
create index if not exists jobs_nonce on jobs(nonce);
create table if not exists transactions(
  hash text primary key, key text not null, nonce integer not null, raw text not null,
  max_fee text not null, tip text not null, gas text not null, created_at integer not null);
create index if not exists transactions_key on transactions(key, created_at);
create table if not exists claims(
  channel text primary key, total text not null, key text, error text, at integer not null) without rowid;
create table if not exists poisoned(
  channel text primary key, tries integer not null) without rowid;
create table if not exists days(
  day integer primary key, gas text not null default '0', atoms text not null default '0');
create table if not exists given(
  day integer not null, kind text not null, atoms text not null, primary key(day, kind)) without rowid;
create table if not exists notes(name text primary key, value text not null) without rowid;
`;

/** State of a job; see `Progress`. */
export type State = 'queued' | 'sent' | 'confirmed' | 'failed';

/** One piece of work and what became of it. */
export type Job = {
  readonly id: number;
  readonly key: string;
  readonly kind: string;
  readonly payload: string;
  readonly state: State;
  readonly nonce: number | undefined;
  /** Hash of the transaction that was mined, else of the newest one. */
  readonly hash: Hex | undefined;
  readonly blockHash: Hex | undefined;
  readonly error: string | undefined;
  readonly attempts: number;
  readonly final: boolean;
  /** Wei: the most it can cost until it is mined, then what it did cost. */
  readonly fee: bigint;
  /** Day (UTC) on which it was sent. */
  readonly day: number | undefined;
  /** Block at which another transaction was found in its place. */
  readonly displacedAt: bigint | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** A signed transaction, kept word for word. */
export type Signed = {
  readonly hash: Hex;
  readonly raw: Hex;
  readonly nonce: number;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  readonly gas: bigint;
  readonly createdAt: number;
};

/** The claim that is under way or was refused for a channel. */
export type Claimed = {
  readonly total: bigint;
  /** State of the claim's job, undefined when no job was made because the row itself is refused. */
  readonly state: State | undefined;
  readonly error: string | undefined;
  readonly at: number;
  /** Times in a row that the row was refused. */
  readonly tries: number;
};

/** What is spent on a day: wei of gas and atoms given back. */
export type Day = { readonly gas: bigint; readonly atoms: bigint };

/** What the chain says about a job's transaction. */
export type Mined = {
  readonly state: State;
  readonly hash: Hex;
  readonly blockHash: Hex;
  readonly final: boolean;
  readonly fee: bigint;
  readonly error: string | undefined;
};

/** The settler's own store. Every change resolves when it is durable. */
export type Jobs = {
  /** Adds work from the outbox and remembers how far it was read, in one write. */
  take(rows: readonly (Ledger.OutboxRow & { id: number })[], now: number): Promise<void>;
  /** Position in the outbox. */
  cursor(): number;
  /** Adds the settler's own work; the same key again changes nothing. */
  add(row: Ledger.OutboxRow, now: number): Promise<void>;
  /** Adds a claim and notes the total for each of its channels. */
  addClaim(row: Ledger.OutboxRow, totals: readonly { id: Hex; total: bigint }[], now: number): Promise<void>;
  /** Notes that a channel's claim is refused. */
  poison(channel: Hex, total: bigint, error: string, now: number): Promise<void>;
  /** Number of channels whose claims are refused. */
  poisoned(): number;
  claimOf(channel: Hex): Claimed | undefined;
  job(key: string): Job | undefined;
  /** Work that has no transaction yet, in order of arrival; of one kind when it is named. */
  queued(limit: number, kind?: string): readonly Job[];
  /** Work whose transaction may still change its fate, by nonce. */
  open(): readonly Job[];
  /** Whether there is unfinished work whose key begins so. */
  pending(prefix: string): boolean;
  /** Payloads of refunds that failed, or that could not be sent when they were tried. */
  stuckRefunds(): readonly string[];
  /** When a job whose key begins so failed last, unix milliseconds, 0 when none did. */
  failedAt(prefix: string): number;
  /** Stores a signed transaction before it is sent for the first time. */
  sign(key: string, signed: Signed, spend: Day & { day: number }): Promise<void>;
  /** All signed transactions of a job, newest first. */
  signed(key: string): readonly Signed[];
  /** Records what the chain says. */
  settle(key: string, mined: Mined, now: number): Promise<void>;
  /** Records that a transaction is not in the chain any more, or not yet. */
  unsettle(key: string, now: number): Promise<void>;
  /** Watches everything from a nonce on again, final or not; returns how many were final. */
  reopen(nonce: number, now: number): Promise<number>;
  /** Ends a job that will never be sent. */
  fail(key: string, error: string, now: number): Promise<void>;
  /** Ends a job that somebody else's transaction has done. */
  done(key: string, hash: Hex, now: number): Promise<void>;
  /** Notes another transaction in a job's place; undefined takes the note back. */
  displaced(key: string, block: bigint | undefined): Promise<void>;
  /** Puts a job whose nonce was used by another transaction back into the queue. */
  requeue(key: string, now: number): Promise<void>;
  /** Notes what a job that is all right waits for. */
  wait(key: string, reason: string, now: number): Promise<void>;
  /** Counts a try that led to nothing. */
  attempt(key: string, error: string, now: number): Promise<void>;
  day(day: number): Day;
  /** Atoms that jobs of one kind have given back on a day. */
  given(day: number, kind: string): bigint;
  note(name: string): string | undefined;
  setNote(name: string, value: string | undefined): Promise<void>;
  /** Transactions that took the place of another. */
  repriced(): number;
  /** Number of jobs in each state. */
  counts(): Readonly<Record<State, number>>;
  close(): Promise<void>;
};

/** Opens or creates the settler's file. */
export function openJobs(file: string): Jobs {
  const store = openStore(file, { schema });
  const { update, read } = store;
  return {
    take: (rows, now) => update((t) => take(t, rows, now)),
    cursor: () => read((t) => Number(noteOf(t, 'cursor') ?? 0)),
    add: (row, now) => update((t) => insert(t, row, now)),
    addClaim: (row, totals, now) => update((t) => addClaim(t, row, totals, now)),
    poison: (channel, total, error, now) => update((t) => poison(t, channel, total, error, now)),
    poisoned: () => read((t) => Number(t.get(selectPoisoned)?.n ?? 0n)),
    claimOf: (channel) => read((t) => toClaimed(t.get(selectClaim, channel))),
    job: (key) => read((t) => toJob(t.get('select * from jobs where key = ?', key))),
    queued: (limit, kind) => read((t) => t.all(selectQueued, kind ?? null, limit).map((row) => toJob(row) as Job)),
    open: () => read((t) => t.all(selectOpen).map((row) => toJob(row) as Job)),
    pending: (prefix) => read((t) => t.get(selectPending, `${prefix}%`) !== undefined),
    stuckRefunds: () => read((t) => t.all(selectRefunds).map((row) => row.payload as string)),
    failedAt: (prefix) => read((t) => Number(t.get(selectFailed, `${prefix}%`)?.at ?? 0n)),
    sign: (key, signed, spend) => update((t) => sign(t, key, signed, spend)),
    signed: (key) => read((t) => t.all(selectSigned, key).map(toSigned)),
    settle: (key, mined, now) => update((t) => settle(t, key, mined, now)),
    unsettle: (key, now) => update((t) => void t.run(unsettle, now, key)),
    reopen: async (nonce, now) =>
      read((t) => t.get(selectFinal, nonce)) ? await update((t) => Number(t.run(reopen, now, nonce))) : 0,
    fail: (key, error, now) => update((t) => void t.run(fail, error, now, key)),
    done: (key, hash, now) => update((t) => void t.run(done, hash, now, key)),
    displaced: (key, block) => update((t) => void t.run(displaced, block ?? null, key)),
    requeue: (key, now) => update((t) => void t.run(requeue, now, key)),
    attempt: (key, error, now) => update((t) => void t.run(attempt, error, now, key)),
    wait: (key, reason, now) => update((t) => void t.run(wait, reason, now, key)),
    day: (day) => read((t) => dayOf(t, day)),
    given: (day, kind) => read((t) => givenOn(t, day, kind)),
    note: (name) => read((t) => noteOf(t, name)),
    setNote: (name, value) => update((t) => setNote(t, name, value)),
    repriced: () => read((t) => Number(t.get(selectRepriced)?.n ?? 0n)),
    counts: () => read(counts),
    close: () => store.close(),
  };
}

const selectQueued = "select * from jobs where state = 'queued' and kind = coalesce(?, kind) order by id limit ?";
const selectOpen = 'select * from jobs where nonce is not null and final = 0 order by nonce';
const selectFinal = 'select 1 from jobs where nonce >= ? and final = 1 limit 1';
const selectRefunds = `select payload from jobs where kind = 'refund'
  and (state = 'failed' or (state = 'queued' and (attempts > 0 or error is not null)))`;
const selectFailed = `select max(updated_at) as at from jobs where state = 'failed' and key like ?`;
const selectPending = "select 1 from jobs where state in ('queued', 'sent') and key like ? limit 1";
const selectSigned = 'select * from transactions where key = ? order by created_at desc, rowid desc';
const selectClaim = `select c.*, j.state, coalesce(p.tries, 0) as tries from claims c left join jobs j on j.key = c.key
  left join poisoned p on p.channel = c.channel where c.channel = ?`;
const countTry = `insert into poisoned(channel, tries) values (?, 1)
  on conflict(channel) do update set tries = tries + 1`;
const selectPoisoned = 'select count(*) as n from poisoned';
const selectRepriced = 'select count(*) - count(distinct key || nonce) as n from transactions';
const wait = "update jobs set error = ?, updated_at = ? where key = ? and state = 'queued'";
const unsettle = "update jobs set state = 'sent', block_hash = null, error = null, updated_at = ? where key = ?";
const reopen = `update jobs set state = 'sent', final = 0, block_hash = null, error = null, updated_at = ?
  where nonce >= ? and final = 1`;
const fail = "update jobs set state = 'failed', error = ?, updated_at = ? where key = ? and state = 'queued'";
const done = `update jobs set state = 'confirmed', final = 1, hash = ?, error = null, updated_at = ?
  where key = ? and state = 'queued'`;
const displaced = 'update jobs set displaced_at = ? where key = ?';
const requeue = `update jobs set state = 'queued', nonce = null, raw = null, hash = null, block_hash = null,
  displaced_at = null, updated_at = ? where key = ?`;
const revive = `update jobs set state = 'queued', nonce = null, raw = null, hash = null, block_hash = null, final = 0,
  error = null, updated_at = ? where key = ? and state = 'failed'`;
const putGiven = `insert into given(day, kind, atoms) values (?, ?, ?)
  on conflict(day, kind) do update set atoms = excluded.atoms`;
const attempt = 'update jobs set attempts = attempts + 1, error = ?, updated_at = ? where key = ?';

function take(t: Transaction, rows: readonly (Ledger.OutboxRow & { id: number })[], now: number): void {
  for (const row of rows) insert(t, row, now);
  const last = rows.at(-1);
  if (last) setNote(t, 'cursor', String(last.id));
}

function insert(t: Transaction, row: Ledger.OutboxRow, now: number): void {
  t.run(
    `insert into jobs(kind, key, payload, created_at, updated_at) values (?, ?, ?, ?, ?)
     on conflict(key) do nothing`,
    row.kind,
    row.key,
    row.payload,
    now,
    now,
  );
}

function addClaim(
  t: Transaction,
  row: Ledger.OutboxRow,
  totals: readonly { id: Hex; total: bigint }[],
  now: number,
): void {
  insert(t, row, now);
  // The same claim failed before; it was tried again and would succeed now.
  t.run(revive, now, row.key);
  for (const { id, total } of totals) {
    putClaim(t, id, total, row.key, null, now);
    t.run('delete from poisoned where channel = ?', id);
  }
}

function poison(t: Transaction, channel: Hex, total: bigint, error: string, now: number): void {
  putClaim(t, channel, total, null, error, now);
  t.run(countTry, channel);
}

function putClaim(t: Transaction, id: Hex, total: bigint, key: string | null, error: string | null, at: number): void {
  t.run(
    `insert into claims(channel, total, key, error, at) values (?, ?, ?, ?, ?)
     on conflict(channel) do update set total = excluded.total, key = excluded.key, error = excluded.error,
       at = excluded.at`,
    id,
    total.toString(),
    key,
    error,
    at,
  );
}

function sign(t: Transaction, key: string, signed: Signed, spend: Day & { day: number }): void {
  const { hash, raw, nonce, maxFeePerGas, maxPriorityFeePerGas, gas, createdAt } = signed;
  t.run(
    'insert into transactions(hash, key, nonce, raw, max_fee, tip, gas, created_at) values (?, ?, ?, ?, ?, ?, ?, ?)',
    hash,
    key,
    nonce,
    raw,
    maxFeePerGas.toString(),
    maxPriorityFeePerGas.toString(),
    gas.toString(),
    createdAt,
  );
  const job = toJob(t.get('select * from jobs where key = ?', key));
  // A replacement takes the place of what was set aside before.
  const before = job?.state === 'sent' ? job.fee : 0n;
  const day = job?.state === 'sent' ? (job.day ?? spend.day) : spend.day;
  addToDay(t, day, { gas: spend.gas - before, atoms: spend.atoms });
  if (job && spend.atoms > 0n) t.run(putGiven, day, job.kind, (givenOn(t, day, job.kind) + spend.atoms).toString());
  t.run(
    `update jobs set state = 'sent', nonce = ?, raw = ?, hash = ?, fee = ?, day = ?, error = null,
       attempts = attempts + 1, updated_at = ? where key = ?`,
    nonce,
    raw,
    hash,
    spend.gas.toString(),
    day,
    createdAt,
    key,
  );
}

function settle(t: Transaction, key: string, mined: Mined, now: number): void {
  const job = toJob(t.get('select * from jobs where key = ?', key));
  if (job?.day !== undefined) addToDay(t, job.day, { gas: mined.fee - job.fee, atoms: 0n });
  t.run(
    `update jobs set state = ?, hash = ?, block_hash = ?, final = ?, fee = ?, error = ?, displaced_at = null,
       updated_at = ? where key = ?`,
    mined.state,
    mined.hash,
    mined.blockHash,
    mined.final ? 1 : 0,
    mined.fee.toString(),
    mined.error ?? null,
    now,
    key,
  );
}

function addToDay(t: Transaction, day: number, more: Day): void {
  const { gas, atoms } = dayOf(t, day);
  t.run(
    'insert into days(day, gas, atoms) values (?, ?, ?) on conflict(day) do update set gas = excluded.gas, atoms = excluded.atoms',
    day,
    (gas + more.gas).toString(),
    (atoms + more.atoms).toString(),
  );
}

function dayOf(t: Transaction, day: number): Day {
  const row = t.get('select gas, atoms from days where day = ?', day);
  return { gas: BigInt((row?.gas as string) ?? '0'), atoms: BigInt((row?.atoms as string) ?? '0') };
}

function givenOn(t: Transaction, day: number, kind: string): bigint {
  return BigInt((t.get('select atoms from given where day = ? and kind = ?', day, kind)?.atoms as string) ?? '0');
}

function noteOf(t: Transaction, name: string): string | undefined {
  return t.get('select value from notes where name = ?', name)?.value as string | undefined;
}

function setNote(t: Transaction, name: string, value: string | undefined): void {
  if (value === undefined) t.run('delete from notes where name = ?', name);
  else
    t.run(
      'insert into notes(name, value) values (?, ?) on conflict(name) do update set value = excluded.value',
      name,
      value,
    );
}

function counts(t: Transaction): Record<State, number> {
  const found = { queued: 0, sent: 0, confirmed: 0, failed: 0 };
  for (const row of t.all('select state, count(*) as n from jobs group by state'))
    found[row.state as State] = Number(row.n);
  return found;
}

function toJob(row: Row | undefined): Job | undefined {
  if (!row) return undefined;
  return {
    id: Number(row.id),
    key: row.key as string,
    kind: row.kind as string,
    payload: row.payload as string,
    state: row.state as State,
    nonce: row.nonce === null ? undefined : Number(row.nonce),
    hash: (row.hash as Hex | null) ?? undefined,
    blockHash: (row.block_hash as Hex | null) ?? undefined,
    error: (row.error as string | null) ?? undefined,
    attempts: Number(row.attempts),
    final: row.final === 1n,
    fee: BigInt(row.fee as string),
    day: row.day === null ? undefined : Number(row.day),
    displacedAt: (row.displaced_at as bigint | null) ?? undefined,
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  };
}

function toSigned(row: Row): Signed {
  return {
    hash: row.hash as Hex,
    raw: row.raw as Hex,
    nonce: Number(row.nonce),
    maxFeePerGas: BigInt(row.max_fee as string),
    maxPriorityFeePerGas: BigInt(row.tip as string),
    gas: BigInt(row.gas as string),
    createdAt: Number(row.created_at),
  };
}

function toClaimed(row: Row | undefined): Claimed | undefined {
  if (!row) return undefined;
  return {
    total: BigInt(row.total as string),
    state: (row.state as State | null) ?? undefined,
    error: (row.error as string | null) ?? undefined,
    at: Number(row.at),
    tries: Number(row.tries),
  };
}
