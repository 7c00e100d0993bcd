/** Asks before money is spent. */
import { createInterface } from 'node:readline/promises';
import * as Amount from '../internal/Amount.ts';
import { BaseError } from '../internal/Errors.ts';
import type { Context } from './Verb.ts';

/**
 * Says what is about to happen and makes sure that it is wanted. Answers whether to go on; `false` means that only the
 * plan was asked for. On a terminal it asks; in a script `--yes` is needed, and `--max-spend` where money moves.
 */
export async function approve(context: Context, plan: approve.Plan): Promise<boolean> {
  const { dryRun, explain, yes, maxSpend } = context.spending;
  if (explain || dryRun) for (const sentence of plan.sentences) context.progress(`  ${sentence}`);
  if (maxSpend !== undefined && plan.amount > maxSpend) throw new OverLimitError(plan.amount, maxSpend);
  if (dryRun) return false;
  if (plan.amount > 0n && yes && maxSpend === undefined) throw new NoLimitError(plan.amount);
  if (yes || (await ask(context, plan))) return true;
  throw new DeclinedError();
}

export declare namespace approve {
  type Plan = {
    /** What is asked, e.g. `Buy 30 days of digits`. */
    readonly question: string;
    /** Most atoms that leave the account. */
    readonly amount: bigint;
    /** One sentence per transaction. */
    readonly sentences: readonly string[];
  };
  type ErrorType = OverLimitError | NoLimitError | DeclinedError | NoTerminalError;
}

async function ask(context: Context, { question, amount }: approve.Plan): Promise<boolean> {
  if (!process.stdin.isTTY || context.json) throw new NoTerminalError(amount);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} for ${Amount.format(amount)}? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

/** It would cost more than allowed. */
export class OverLimitError extends BaseError {
  override readonly name = 'approve.OverLimitError';
  constructor(amount: bigint, limit: bigint) {
    super(`This costs ${Amount.format(amount)}, more than the ${Amount.format(limit)} you allow.`, {
      code: 'spend.over_limit',
      hint: `Allow it with --max-spend ${Amount.toDollars(amount)}`,
    });
  }
}

/** A script that spends says how much. */
export class NoLimitError extends BaseError {
  override readonly name = 'approve.NoLimitError';
  constructor(amount: bigint) {
    super('With --yes, the most that may be spent must be named.', {
      code: 'usage.max_spend',
      hint: `Add --max-spend ${Amount.toDollars(amount)}`,
    });
  }
}

/** Nobody is there to be asked. */
export class NoTerminalError extends BaseError {
  override readonly name = 'approve.NoTerminalError';
  constructor(amount: bigint) {
    super('This has to be confirmed, and there is no terminal to ask on.', {
      code: 'usage.confirm',
      hint: amount > 0n ? `Add --yes --max-spend ${Amount.toDollars(amount)}` : 'Add --yes',
    });
  }
}

/** The person said no. */
export class DeclinedError extends BaseError {
  override readonly name = 'approve.DeclinedError';
  constructor() {
    super('Nothing was done.', { code: 'declined' });
  }
}
