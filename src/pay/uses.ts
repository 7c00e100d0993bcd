/** Counters of the ledger: how many requests of an account were admitted in a run, against what was granted. */
import type { Hex } from 'viem';
import type { Transaction } from '../internal/node/sqlite.ts';
import type * as Ledger from './Ledger.ts';

/** Tables of this file. */
export const schema = `
create table if not exists uses(
  account text not null, run integer not null, used integer not null, primary key(account, run)) without rowid;
`;

/** Counts one more request, unless everything granted is used. What is settled elsewhere was used whoever counted it. */
export function take(t: Transaction, account: Hex, quota: NonNullable<Ledger.Admission['quota']>): boolean {
  const { run, granted, settled = 0n } = quota;
  const counted = count(t, account, run);
  const used = counted > settled ? counted : settled;
  if (used >= granted) return false;
  t.run('insert or replace into uses(account, run, used) values (?, ?, ?)', account, run, used + 1n);
  return true;
}

/** Takes back the count of a request that was not served. */
export function giveBack(t: Transaction, requestId: Hex): void {
  t.run(
    'update uses set used = used - 1 where (account, run) = (select account, run from requests where id = ?)',
    requestId,
  );
}

/** Requests counted in a run. */
export function count(t: Transaction, account: Hex, run: number): bigint {
  return (t.get('select used from uses where account = ? and run = ?', account, run)?.used ?? 0n) as bigint;
}
