import { type Account, type Address, type Hash, type Hex, parseEventLogs } from 'viem';
import { encodeFunctionData } from 'viem/utils';
import { vaultsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';
import { BaseError } from '../internal/Errors.ts';
import { cascade } from './cascade.ts';
import { type Credit, credits } from './credits.ts';
import { findAccounts } from './findAccounts.ts';

/** Most rows of one transaction. */
const maxRows = 50;

/**
 * Pays a payee everything that has waited long enough, over all accounts: passes on to the accounts in which it shares
 * what was earned for them elsewhere, then matures and withdraws in one transaction.
 * Without `to` anyone may do it for the payee; with `to` the payee must be who signs.
 */
export async function withdraw(client: Client<Account>, options: withdraw.Options): Promise<withdraw.ReturnType> {
  const { vaults, payee, to } = options;
  await cascade(client, { ...options, accounts: await findAccounts(client, options) });
  const all = await credits(client, options);
  const due = all.filter(({ ready, matured }) => ready + matured > 0n).slice(0, maxRows);
  if (due.length === 0) throw new NothingError(payee, all);
  const calls = [...new Set(due.flatMap(encodeMature)), ...unique(due).map((credit) => encodeWithdraw(credit, to))];
  const { hash, receipt } = await send(client, {
    address: vaults,
    abi: vaultsAbi,
    functionName: 'multicall',
    args: [calls],
  });
  const events = parseEventLogs({ abi: vaultsAbi, eventName: 'Withdraw', logs: receipt.logs });
  return { hash, amount: events.reduce((sum, { args }) => sum + args.amount, 0n) };
}

export declare namespace withdraw {
  type Options = credits.Options & {
    /** Account to be paid, the payee unless given. */
    readonly to?: Address;
  };
  type ReturnType = {
    readonly hash: Hash;
    /** Atoms paid. */
    readonly amount: bigint;
  };
  type ErrorType = send.ErrorType | NothingError;
}

function encodeMature({ account, token, splitId, matured }: Credit): readonly Hex[] {
  if (matured === 0n) return [];
  return [encodeFunctionData({ abi: vaultsAbi, functionName: 'mature', args: [account, token, splitId] })];
}

function encodeWithdraw({ split, row, token }: Credit, to: Address | undefined): Hex {
  const args = [split, BigInt(row.index), token] as const;
  return to === undefined
    ? encodeFunctionData({ abi: vaultsAbi, functionName: 'withdraw', args })
    : encodeFunctionData({ abi: vaultsAbi, functionName: 'withdrawTo', args: [...args, to] });
}

/** Accounts with the same split share what has accrued, so that a row is withdrawn once. */
function unique(due: readonly Credit[]): readonly Credit[] {
  const rows = due.map((credit) => [`${credit.splitId}:${credit.row.index}:${credit.token}`, credit] as const);
  return [...new Map(rows).values()];
}

/** Nothing has waited long enough. */
export class NothingError extends BaseError {
  override readonly name = 'withdraw.NothingError';
  constructor(payee: Address, all: readonly Credit[]) {
    const waiting = all.reduce((sum, credit) => sum + credit.waiting, 0n);
    const last = all.reduce((latest, { maturesAt = 0n }) => (maturesAt > latest ? maturesAt : latest), 0n);
    super(`There is nothing to withdraw for ${payee} yet.`, {
      code: 'withdraw.nothing',
      docsPath: 'settle.md',
      ...(last === 0n ? {} : { hint: `${waiting} atoms are waiting; all has matured at ${last} (unix seconds).` }),
    });
  }
}
