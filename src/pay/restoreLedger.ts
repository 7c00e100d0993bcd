import type { Address, Hex } from 'viem';
import { openStore, type Transaction } from '../internal/node/sqlite.ts';
import type * as Ledger from './Ledger.ts';

/** A fact that a ledger had before it was lost. */
export type Fact =
  | { readonly kind: 'voucher'; readonly channelId: Hex; readonly max: bigint; readonly signature: Hex }
  | {
      readonly kind: 'receipt';
      readonly row: Ledger.ReceiptRow;
      readonly rail: Ledger.Rail;
      readonly payer: Address;
      readonly price: bigint;
      readonly cumulative: bigint;
      readonly outcome: number;
      /** {@link Ledger.Admission.bodyHash}, as the receipt says it. */
      readonly bodyHash: Hex;
      /** What authorised the call: it is spent. */
      readonly authority: Hex;
    }
  | { readonly kind: 'outbox'; readonly id: number; readonly row: Ledger.OutboxRow };

/** A ledger that is brought up to date while no gateway runs on it. */
export type Restore = {
  /** Adds what is missing of some facts, all in one write; answers how many were. What is there is never lowered. */
  add(facts: readonly Fact[], now: number): Promise<number>;
  close(): Promise<void>;
};

/**
 * Opens an existing ledger to bring it up to date from a copy of what it said. The channels that the facts are about must
 * be in it already. What a receipt was given for is spent from then
 * on: its request is known as done, so that its voucher admits nothing. Its stored answer is gone, so that a repetition
 * of it is known, and refused instead of answered again.
 */
export function openRestore(file: string): Restore {
  const store = openStore(file, { schema: '' });
  return {
    add: (facts, now) => store.update((t) => facts.reduce((sum, fact) => sum + Number(addFact(t, fact, now)), 0)),
    close: () => store.close(),
  };
}

function addFact(t: Transaction, fact: Fact, now: number): bigint {
  if (fact.kind === 'voucher') return raise(t, fact);
  if (fact.kind === 'receipt') return addReceipt(t, fact, now);
  const { id, row } = fact;
  const insert = 'insert into outbox(id, kind, key, payload, created_at) values (?, ?, ?, ?, ?) on conflict do nothing';
  return t.run(insert, id, row.kind, row.key, row.payload, now);
}

function raise(t: Transaction, { channelId, max, signature }: Extract<Fact, { kind: 'voucher' }>): bigint {
  const known = t.get('select max from channels where id = ?', channelId);
  if (!known || BigInt(known.max as string) >= max) return 0n;
  return t.run('update channels set max = ?, signature = ? where id = ?', max.toString(), signature, channelId);
}

function addReceipt(t: Transaction, fact: Extract<Fact, { kind: 'receipt' }>, now: number): bigint {
  const { row, rail, payer, price, cumulative, outcome, authority, bodyHash } = fact;
  if (t.get('select 1 from receipts where log_index = ?', row.logIndex)) return 0n;
  openAccount(t, row.account, rail, payer);
  t.run(
    `insert into requests(id, account, authority, body_hash, bound, context, state, lease_until, created_at, price,
       outcome, log_index) values (?, ?, ?, ?, ?, '', 'done', 0, ?, ?, ?, ?)
     on conflict(id) do update set state = 'done', price = excluded.price, outcome = excluded.outcome,
       log_index = excluded.log_index`,
    row.requestId,
    row.account,
    authority,
    bodyHash,
    price.toString(),
    now,
    price.toString(),
    outcome,
    row.logIndex,
  );
  t.run(
    'insert into receipts(log_index, account, seq, request, hash, body, proof) values (?, ?, ?, ?, ?, ?, ?)',
    row.logIndex,
    row.account,
    row.seq,
    row.requestId,
    row.hash,
    row.body,
    row.proof,
  );
  t.run(
    'update accounts set seq = ?, head = ?, charged = ? where id = ?',
    row.seq,
    row.hash,
    `${cumulative}`,
    row.account,
  );
  if (price > 0n)
    t.run('update channels set unclaimed_since = ? where id = ? and unclaimed_since = 0', now, row.account);
  return 1n;
}

function openAccount(t: Transaction, id: Hex, rail: Ledger.Rail, payer: Address): void {
  const insert = 'insert into accounts(id, rail, payer, head) values (?, ?, ?, ?) on conflict do nothing';
  t.run(insert, id, rail, payer, `0x${'0'.repeat(64)}`);
}
