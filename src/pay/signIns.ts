/** Sign-ins of licence holders in the ledger: one token a seat, and challenges that are spent. */
import type { Hex } from 'viem';
import * as Eip712 from '../internal/Eip712.ts';
import type { Row, Transaction } from '../internal/node/sqlite.ts';
import type * as Ledger from './Ledger.ts';

/** Tables of this file. */
export const schema = `
create table if not exists sign_ins(
  licence text not null, seat integer not null, token text not null unique, terms text not null, holder text not null,
  token_id text, audience text not null, expires_at integer not null, primary key(licence, seat)) without rowid;
create table if not exists challenges(nonce text primary key, until integer not null) without rowid;
`;

/** Seats a holder and spends the challenge; false when it was spent before. */
export function add(
  t: Transaction,
  signIn: Ledger.SignIn,
  challenge: { readonly nonce: string; readonly until: number },
  now: number,
): boolean {
  t.run('delete from challenges where until < ?', now);
  const { nonce, until } = challenge;
  if (t.run('insert into challenges(nonce, until) values (?, ?) on conflict do nothing', nonce, until) === 0n)
    return false;
  t.run(
    'insert or replace into sign_ins(licence, seat, token, terms, holder, token_id, audience, expires_at) values (?, ?, ?, ?, ?, ?, ?, ?)',
    signIn.licence,
    signIn.seat,
    signIn.token,
    signIn.termsId,
    signIn.holder,
    signIn.tokenId === undefined ? null : Eip712.word(signIn.tokenId),
    signIn.audience,
    signIn.expiresAt,
  );
  return true;
}

/** The sign-in that a token stands for now. */
export function find(t: Transaction, token: Hex, now: number): Ledger.SignIn | undefined {
  const row = t.get('select * from sign_ins where token = ? and expires_at > ?', token, now);
  return row && toSignIn(row);
}

function toSignIn(row: Row): Ledger.SignIn {
  return {
    token: row.token as Hex,
    licence: row.licence as Hex,
    seat: Number(row.seat),
    termsId: row.terms as Hex,
    holder: row.holder as Hex,
    tokenId: row.token_id === null ? undefined : BigInt(row.token_id as string),
    audience: row.audience as string,
    expiresAt: Number(row.expires_at),
  };
}
