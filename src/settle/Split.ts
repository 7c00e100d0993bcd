/**
 * How the revenue of an account is shared out. A split is identified by the hash of its payees, its owner, the
 * protocol fee and its window; nothing per payee is stored on chain. The same arithmetic as the library `Splits`.
 * Amounts are token atoms, shares are basis points.
 */
import { type Address, type Hex, zeroAddress } from 'viem';
import { encodeAbiParameters } from 'viem/utils';
import { z } from 'zod';
import { BaseError } from '../internal/Errors.ts';
import { keccak } from '../internal/Hash.ts';

/** One who has a share. The zero address stands for whoever owns the account when money is harvested. */
export type Payee = { readonly account: Address; readonly bps: number };

/** What is stored of a configuration: the first 27 bytes of the hash of its shares, and its window in seconds. */
export type Terms = { readonly sharesHash: Hex; readonly window: number };

/** A split whose owner is known. */
export type Split = {
  /** Ascending by account. */
  readonly payees: readonly Payee[];
  /** Owner of the account at the harvest. */
  readonly owner: Address;
  /** Receiver of the protocol fee; the zero address when there is none. */
  readonly treasury: Address;
  readonly feeBps: number;
  /** Seconds for which money can still be given back. */
  readonly window: number;
};

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text as Address);

/** A split from outside. */
export const schema: z.ZodType<Split> = z.strictObject({
  payees: z.array(z.strictObject({ account: address, bps: z.int().min(1).max(10_000) })).max(64),
  owner: address,
  treasury: address,
  feeBps: z.int().min(0).max(10_000),
  window: z.int().min(0),
});

/** A row that can be withdrawn. */
export type Row = { readonly index: number; readonly payee: Address; readonly bps: number };

/** All the shares of a split. */
export const whole = 10_000;

/** Most payees of a split, without the protocol. */
export const maxPayees = 64;

const payeesType = {
  type: 'tuple[]',
  components: [{ type: 'address' }, { type: 'uint16' }],
} as const;

/** What the contract stores of a split. */
export function termsOf(split: Split): Terms {
  const payees = split.payees.map((payee) => [payee.account, payee.bps] as const);
  const encoded = encodeAbiParameters(
    [payeesType, { type: 'address' }, { type: 'uint16' }],
    [payees, split.treasury, split.feeBps],
  );
  return { sharesHash: keccak(encoded).slice(0, 2 + 2 * 27) as Hex, window: split.window };
}

/** Identity of what a configuration means while `owner` owns the account. */
export function idOf(terms: Terms, owner: Address): Hex {
  return keccak(
    encodeAbiParameters(
      [{ type: 'bytes27' }, { type: 'address' }, { type: 'uint40' }],
      [terms.sharesHash, owner, terms.window],
    ),
  );
}

/** Identity of a split with its owner. */
export function resolvedId(split: Split): Hex {
  return idOf(termsOf(split), split.owner);
}

/** The instructions of an attachment that sets the split of the asset being published. `window` in seconds. */
export function encodeAttachment(payees: readonly Payee[], window: number): Hex {
  const rows = payees.map((payee) => [payee.account, payee.bps] as const);
  return encodeAbiParameters([payeesType, { type: 'uint40' }], [rows, window]);
}

/** Rows of a split: the payees with the owner in its place, and the protocol fee behind the last. */
export function rows(split: Split): readonly Row[] {
  const payees = split.payees.map(({ account, bps }, index) => ({
    index,
    payee: account === zeroAddress ? split.owner : account,
    bps,
  }));
  if (split.feeBps === 0) return payees;
  return [...payees, { index: payees.length, payee: split.treasury, bps: split.feeBps }];
}

/** What each row has earned of `accrued` atoms over the life of the split, rounded down. */
export function credits(split: Split, accrued: bigint): readonly bigint[] {
  return rows(split).map(({ bps }) => shareDown(accrued, bps));
}

/** A share of an amount, rounded down. */
export function shareDown(accrued: bigint, bps: number): bigint {
  return (accrued * BigInt(bps)) / BigInt(whole);
}

/** Throws unless the contract would accept these payees beside a protocol fee, for an account paid at `payout`. */
export function assertPayees(payees: readonly Payee[], feeBps: number, payout: Address): void {
  if (payees.length > maxPayees) throw new InvalidError(`it has ${payees.length} payees, more than ${maxPayees}`);
  let sum = feeBps;
  let previous = -1n;
  for (const { account, bps } of payees) {
    const number = BigInt(account);
    if (number <= previous) throw new InvalidError(`payee ${account} is not above the one before it`);
    if (number === BigInt(payout)) throw new InvalidError(`payee ${account} is the account's own payout address`);
    if (!Number.isInteger(bps) || bps < 1 || bps > whole) throw new InvalidError(`the share of ${account} is ${bps}`);
    previous = number;
    sum += bps;
  }
  if (sum !== whole) throw new InvalidError(`the shares and the protocol fee are ${sum}, not ${whole} basis points`);
}

/** Payees that no contract would accept. */
export class InvalidError extends BaseError {
  override readonly name = 'Split.InvalidError';
  constructor(reason: string) {
    super(`The split is invalid: ${reason}.`, {
      code: 'split.invalid',
      docsPath: 'settle.md',
      hint: 'Name every payee once, in ascending order, with shares that make up 10,000 basis points.',
    });
  }
}
