/**
 * How the revenue of an account is shared out. A split is identified by the hash of its payees, its owner, the
 * protocol fee and its window; nothing per payee is stored on chain. The same arithmetic as the library `Splits`.
 * Amounts are token atoms, shares are basis points.
 */
import { type Address, type Hex, zeroAddress } from 'viem';
import { encodeAbiParameters } from 'viem/utils';
import { z } from 'zod';
import * as Amount from '../internal/Amount.ts';
import { BaseError } from '../internal/Errors.ts';
import { keccak } from '../internal/Hash.ts';

/** One who has a share. The zero address stands for whoever owns the account when money is harvested. */
export type Payee = { readonly account: Address; readonly bps: number };

/** An asset that revenue is passed on to, with its share in all revenue. */
export type Upstream = { readonly account: bigint; readonly bps: number };

/** What is stored of a configuration: the first 27 bytes of the hash of its shares, and its window in seconds. */
export type Terms = { readonly sharesHash: Hex; readonly window: number };

/** A split whose owner is known. */
export type Split = {
  /** Ascending by account. What they leave is shared by the payees and the protocol. */
  readonly upstream: readonly Upstream[];
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
  upstream: z.array(z.strictObject({ account: Amount.schema(256), bps: z.int().min(1).max(10_000) })).max(16),
  payees: z.array(z.strictObject({ account: address, bps: z.int().min(1).max(10_000) })).max(64),
  owner: address,
  treasury: address,
  feeBps: z.int().min(0).max(10_000),
  window: z.int().min(0),
});

/** A row that can be withdrawn. Its basis points are of what is left after the assets, its parts of everything. */
export type Row = { readonly index: number; readonly payee: Address; readonly bps: number; readonly parts: number };

/** All the shares of a split. */
export const whole = 10_000;

/** The same in the unit of a share of what is left after other shares. */
const wholeParts = whole * whole;

/** Most payees of a split, without the protocol. */
export const maxPayees = 64;

const payeesType = {
  type: 'tuple[]',
  components: [{ type: 'address' }, { type: 'uint16' }],
} as const;

const upstreamType = { type: 'tuple[]', components: [{ type: 'uint256' }, { type: 'uint16' }] } as const;

/** What the contract stores of a split. */
export function termsOf(split: Split): Terms {
  return { sharesHash: behind(hashShares(split), split.upstream), window: split.window };
}

function hashShares(split: Split): Hex {
  const payees = split.payees.map((payee) => [payee.account, payee.bps] as const);
  const encoded = encodeAbiParameters(
    [payeesType, { type: 'address' }, { type: 'uint16' }],
    [payees, split.treasury, split.feeBps],
  );
  return first27(keccak(encoded));
}

function behind(sharesHash: Hex, upstream: readonly Upstream[]): Hex {
  if (upstream.length === 0) return sharesHash;
  const upstreamHash = keccak(
    encodeAbiParameters([upstreamType], [upstream.map(({ account, bps }) => [account, bps] as const)]),
  );
  return first27(keccak(encodeAbiParameters([{ type: 'bytes27' }, { type: 'bytes32' }], [sharesHash, upstreamHash])));
}

function first27(hash: Hex): Hex {
  return hash.slice(0, 2 + 2 * 27) as Hex;
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

/** What a first configuration names as the split in force: there is none, and it is not looked at. */
export const none: Split = {
  upstream: [],
  payees: [],
  owner: zeroAddress,
  treasury: zeroAddress,
  feeBps: 0,
  window: 0,
};

/** Whether nobody but the owner gets less; then a change needs no announcement. */
export function keepsAll(former: Split, payees: readonly Payee[], owner: Address): boolean {
  const shares = new Map(payees.map(({ account, bps }) => [account.toLowerCase(), bps]));
  const others = former.payees.filter(({ account }) => BigInt(account) !== 0n && BigInt(account) !== BigInt(owner));
  return others.every(({ account, bps }) => (shares.get(account.toLowerCase()) ?? 0) >= bps);
}

/** Whether two lists name the same payees with the same shares. */
export function isSame(a: readonly Payee[], b: readonly Payee[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ account, bps }, at) => BigInt(account) === BigInt(b[at]?.account ?? 0) && bps === b[at]?.bps)
  );
}

/** Rows of a split that are paid out: the payees with the owner in its place, and the protocol fee behind the last. */
export function rows(split: Split): readonly Row[] {
  const first = split.upstream.length;
  const rest = whole - split.upstream.reduce((sum, { bps }) => sum + bps, 0);
  const payees = split.payees.map(({ account, bps }, place) => ({
    index: first + place,
    payee: account === zeroAddress ? split.owner : account,
    bps,
    parts: rest * bps,
  }));
  if (split.feeBps === 0) return payees;
  const { treasury: payee, feeBps: bps } = split;
  return [...payees, { index: first + payees.length, payee, bps, parts: rest * bps }];
}

/** What each row has earned of `accrued` atoms over the life of the split, rounded down; those of assets come first. */
export function credits(split: Split, accrued: bigint): readonly bigint[] {
  const passed = split.upstream.map(({ bps }) => shareDown(accrued, bps * whole));
  return [...passed, ...rows(split).map(({ parts }) => shareDown(accrued, parts))];
}

/** A share of an amount, rounded down. The parts of everything are 10,000 times 10,000. */
export function shareDown(accrued: bigint, parts: number): bigint {
  return (accrued * BigInt(parts)) / BigInt(wholeParts);
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
