/** What an audit found: what it proved, where books and chain disagree, and what it could not see. */
import type { Address, Hex } from 'viem';

/** A difference between what a rule demands and what is there. One is enough to fail an audit. */
export type Residual = {
  /** Name of the invariant, e.g. `X2`. */
  readonly rule: string;
  /** What the numbers are about. */
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
};

/** Something that was recomputed and agrees. */
export type Proof = { readonly rule: string; readonly sentence: string };

/** One payment for a call, as its receipt states it. */
export type Payment = {
  readonly receipt: Hex;
  readonly payer: Address;
  readonly asset: bigint;
  readonly price: bigint;
  readonly status: string;
  readonly payTo: Address;
};

/** A party that was paid. Amounts in atoms of the token. */
export type Payee = {
  readonly account: Address;
  readonly bps: number;
  /** Earned over all matured money. */
  readonly earned: bigint;
  readonly withdrawn: bigint;
};

/** The whole report. */
export type Report = {
  readonly proofs: readonly Proof[];
  readonly residuals: readonly Residual[];
  /** What this kind of audit cannot see, in sentences. */
  readonly unseen: readonly string[];
  readonly payments: readonly Payment[];
  readonly payees: readonly Payee[];
};

/** Collects what checks find. */
export type Collector = {
  /** Compares and records a residual when the two differ; answers whether they agree. */
  equal(rule: string, subject: string, expected: bigint | string, found: bigint | string): boolean;
  /** Records a residual unless the condition holds. */
  holds(rule: string, subject: string, condition: boolean, expected: string, found: string): boolean;
  /** States what was proved, if nothing of this rule failed. */
  prove(rule: string, sentence: string): void;
  readonly proofs: readonly Proof[];
  readonly residuals: readonly Residual[];
};

/** Creates a collector. */
export function collect(): Collector {
  const proofs: Proof[] = [];
  const residuals: Residual[] = [];
  return {
    proofs,
    residuals,
    equal(rule, subject, expected, found) {
      const same =
        typeof expected === 'string' ? expected.toLowerCase() === String(found).toLowerCase() : expected === found;
      if (!same) residuals.push({ rule, subject, expected: String(expected), found: String(found) });
      return same;
    },
    holds(rule, subject, condition, expected, found) {
      if (!condition) residuals.push({ rule, subject, expected, found });
      return condition;
    },
    prove(rule, sentence) {
      if (!residuals.some((residual) => residual.rule === rule)) proofs.push({ rule, sentence });
    },
  };
}

/** Whether an audit passed. */
export function passed(report: Report): boolean {
  return report.residuals.length === 0;
}
