import { z } from 'zod';
import { BaseError } from './Errors.ts';

/** Decimals of the payment token: one dollar is 10^6 atoms. */
export const decimals = 6;

const uint = /^(0|[1-9][0-9]{0,77})$/;

/**
 * Parses a non-negative integer amount from its only accepted form: decimal digits without sign, exponent, prefix,
 * white space or leading zero. One parser for verifying and settling, so that both read the same number.
 */
export function parse(text: unknown, bits = 128): bigint {
  if (typeof text !== 'string' || !uint.test(text)) throw new InvalidError(text);
  const amount = BigInt(text);
  if (amount >> BigInt(bits) !== 0n) throw new InvalidError(text);
  return amount;
}

/** {@link parse} for schemas of outside data: what is no amount is an issue of the schema and no other error. */
export const schema = (bits = 128) =>
  z.string().transform((text, context) => {
    try {
      return parse(text, bits);
    } catch {
      context.addIssue({ code: 'custom', message: 'not a decimal amount' });
      return z.NEVER;
    }
  });

/** Parses dollars such as `1`, `0.0002` or `12.50` into atoms. More than six decimals are refused, never rounded. */
export function fromDollars(text: string): bigint {
  const match = /^(0|[1-9][0-9]{0,31})(?:\.([0-9]{1,6}))?$/.exec(text);
  if (!match) throw new InvalidError(text);
  return BigInt(match[1] ?? '0') * 1_000_000n + BigInt((match[2] ?? '').padEnd(decimals, '0') || '0');
}

/** Exact dollars of an amount of atoms, with at least two decimals: 200 is `0.0002`, 4000000 is `4.00`. */
export function toDollars(atoms: bigint): string {
  const sign = atoms < 0n ? '-' : '';
  const value = atoms < 0n ? -atoms : atoms;
  const whole = value / 1_000_000n;
  const fraction = (value % 1_000_000n).toString().padStart(decimals, '0').replace(/0+$/, '').padEnd(2, '0');
  return `${sign}${whole}.${fraction}`;
}

/** The same with a dollar sign, as people are shown it. */
export function format(atoms: bigint): string {
  return atoms < 0n ? `-$${toDollars(-atoms)}` : `$${toDollars(atoms)}`;
}

/** Ceiling of `a / b` for non-negative `a` and positive `b`. */
export function divUp(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

/** Text is not an amount. */
export class InvalidError extends BaseError {
  override readonly name = 'Amount.InvalidError';
  constructor(text: unknown) {
    const shown = typeof text === 'string' ? JSON.stringify(text.slice(0, 80)) : `A value of type ${typeof text}`;
    super(`${shown} is not an amount.`, {
      code: 'amount.invalid',
      hint: 'Use decimal digits only, for example 1500000 atoms or 1.50 dollars.',
    });
  }
}
