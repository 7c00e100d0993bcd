/**
 * The terms of a licence: immutable, and identified by their hash together with chain and contract. Amounts are token
 * atoms, times are seconds, shares are basis points.
 */
import type { Address, Hex } from 'viem';
import { encodeAbiParameters } from 'viem/utils';
import { z } from 'zod';
import { licensesAbi } from '../chain/abi/index.ts';
import * as Amount from '../internal/Amount.ts';
import * as Eip712 from '../internal/Eip712.ts';
import { BaseError } from '../internal/Errors.ts';
import * as Prices from './Prices.ts';
import * as Right from './Right.ts';

/** The contract's struct, field by field. */
export type Terms = {
  readonly asset: bigint;
  readonly version: number;
  /** Set of rights, see `Right.setOf`. */
  readonly rights: number;
  /** Set of duties. */
  readonly duties: number;
  /** Price of one period. */
  readonly price: bigint;
  readonly pricesHash: Hex;
  readonly currency: Address;
  /** What one payment buys, in seconds; 0 is without end. */
  readonly period: number;
  readonly noticePeriod: number;
  readonly trial: number;
  /** Calls that one payment buys. */
  readonly quota: bigint;
  readonly overageBps: number;
  readonly seats: number;
  readonly maxSupply: number;
  readonly resaleRoyaltyBps: number;
  readonly maxResales: number;
  readonly derivativeShareBps: number;
  readonly refundPolicy: number;
  readonly refundWindow: number;
  readonly refundPenaltyBps: number;
  readonly slaId: Hex;
  readonly policyRoot: Hex;
  readonly textHash: Hex;
  readonly checker: Address;
};

/** Where terms are offered. */
export type Registry = { readonly chainId: number; readonly licenses: Address };

/** The fields in the order of the contract's struct. */
export const fields = [
  'asset',
  'version',
  'rights',
  'duties',
  'price',
  'pricesHash',
  'currency',
  'period',
  'noticePeriod',
  'trial',
  'quota',
  'overageBps',
  'seats',
  'maxSupply',
  'resaleRoyaltyBps',
  'maxResales',
  'derivativeShareBps',
  'refundPolicy',
  'refundWindow',
  'refundPenaltyBps',
  'slaId',
  'policyRoot',
  'textHash',
  'checker',
] as const satisfies readonly (keyof Terms)[];

const nothing: Terms = {
  asset: 0n,
  version: 0,
  rights: 0,
  duties: 0,
  price: 0n,
  pricesHash: Prices.hash(Prices.from({})),
  currency: `0x${'0'.repeat(40)}`,
  period: 0,
  noticePeriod: 0,
  trial: 0,
  quota: 0n,
  overageBps: 0,
  seats: 0,
  maxSupply: 0,
  resaleRoyaltyBps: 0,
  maxResales: 0,
  derivativeShareBps: 0,
  refundPolicy: 0,
  refundWindow: 0,
  refundPenaltyBps: 0,
  slaId: Eip712.word(0),
  policyRoot: Eip712.word(0),
  textHash: Eip712.word(0),
  checker: `0x${'0'.repeat(40)}`,
};

/** Terms with zero for what is not named. Zero for asset and version of attached terms means those at hand. */
export function from(terms: from.Options): Terms {
  const { prices, ...rest } = terms;
  return { ...nothing, ...rest, pricesHash: Prices.hash(prices) };
}

export declare namespace from {
  /** The fields that differ from zero, and the prices of use instead of their hash. */
  type Options = Partial<Omit<Terms, 'pricesHash'>> &
    Pick<Terms, 'rights' | 'currency'> & { readonly prices: Prices.Prices };
}

const amount = z.string().transform((text) => Amount.parse(text, 256));
const integer = z.int().min(0);
const hex = z
  .string()
  .regex(/^0x([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$/)
  .transform((text) => text as Hex);

/** Terms from outside. Each field is read as what the same field of no terms is. */
export const schema = z.strictObject(
  Object.fromEntries(
    fields.map((field) => {
      const example = nothing[field];
      return [field, typeof example === 'bigint' ? amount : typeof example === 'number' ? integer : hex];
    }),
  ),
) as unknown as z.ZodType<Terms>;

/** keccak256(abi.encode(chain id, contract, terms)): `Licenses.idOf`. */
export function idOf({ chainId, licenses }: Registry, terms: Terms): Hex {
  return Eip712.hashWords(
    [chainId, licenses, ...fields.map((field) => terms[field])].map((field) => Eip712.word(field)),
  );
}

/** Id of a holder's licence under some terms: keccak256(abi.encode(termsId, holder)). */
export function licenceIdOf(termsId: Hex, holder: Address): Hex {
  return Eip712.hashWords([termsId, Eip712.word(holder)]);
}

const structs = licensesAbi.find((item) => item.type === 'event' && item.name === 'Offer')?.inputs;

/** The instructions of an attachment that makes offers in the transaction that publishes or updates their asset. */
export function encodeAttachment(offers: readonly { readonly terms: Terms; readonly prices: Prices.Prices }[]): Hex {
  const types = ['terms', 'prices'].map((name) => {
    const input = structs?.find((one) => one.name === name);
    return { type: 'tuple[]', components: input && 'components' in input ? input.components : [] };
  });
  return encodeAbiParameters(types, [offers.map(({ terms }) => terms), offers.map(({ prices }) => prices)]);
}

/** Whether a licence under the terms must be bought before use; otherwise every paid call is one. */
export function sellsLicence(terms: Terms): boolean {
  return terms.price > 0n;
}

/**
 * What a licence under the terms covers: every call of its time, calls up to its quota, or none, so that the licence
 * is the permission and each call is paid by the prices of use.
 */
export function coverage(terms: Terms, prices: Prices.Prices): 'time' | 'quota' | 'none' {
  if (terms.quota > 0n) return 'quota';
  return sellsLicence(terms) && Prices.isFree(prices) ? 'time' : 'none';
}

/** Whether calls that no licence covers are sold. */
export function sellsUse(terms: Terms, prices: Prices.Prices): boolean {
  const covered = coverage(terms, prices);
  return covered === 'none' || (covered === 'quota' && terms.overageBps > 0 && !Prices.isFree(prices));
}

/** Share of the prices of use that a call costs which no licence covers, in basis points: beyond a quota the overage. */
export function useBps(terms: Terms): number {
  return terms.quota > 0n ? terms.overageBps : 10_000;
}

/** What the terms say of a refund: nothing, the last payment whole within a window, or what is unused. */
export const refundPolicies = ['none', 'full', 'prorata'] as const;

/** What is left of refundable atoms when the penalty of the terms is taken off, rounded down. */
export function refundDown(terms: Terms, refundable: bigint): bigint {
  return (refundable * BigInt(10_000 - terms.refundPenaltyBps)) / 10_000n;
}

/**
 * The terms in plain words: what is permitted, what is not, what is demanded, what it costs and how long it lasts.
 */
export function sentence(terms: Terms, prices: Prices.Prices): string {
  const granted = Right.inSet(terms.rights);
  const refused = Right.rights.filter((right) => !granted.includes(right));
  const owed = Right.dutiesInSet(terms.duties);
  return [
    `You may ${list(granted.map(Right.describe), 'and')}.`,
    ...(refused.length > 0 ? [`You may not ${list(refused.map(Right.describe), 'or')}.`] : []),
    ...(owed.length > 0 ? [`You must ${list(owed.map(Right.describeDuty), 'and')}.`] : []),
    cost(terms, prices),
    lasting(terms),
  ].join(' ');
}

/** Seconds in the largest unit that divides them, e.g. `30 days`. */
export function duration(seconds: number): string {
  const [unit, length] = units.find(([, length]) => seconds > 0 && seconds % length === 0) ?? ['second', 1];
  const count = seconds / length;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** The part of the {@link sentence} that says what is paid. */
export function cost(terms: Terms, prices: Prices.Prices): string {
  const use = Prices.describe(prices);
  const period = terms.period === 0 ? 'once' : `for ${duration(terms.period)}`;
  if (!sellsLicence(terms)) return use === 'free' ? 'You pay nothing.' : `You pay ${use}.`;
  return `You pay ${Amount.format(terms.price)} ${period}${use === 'free' ? '' : `, and ${use}`}.`;
}

function lasting(terms: Terms): string {
  if (!sellsLicence(terms)) return 'This holds for every call that is paid for.';
  if (terms.period === 0) return 'It has no end, and you alone hold it.';
  return `It ends ${duration(terms.period)} after it begins, unless you pay again, and you alone hold it.`;
}

function list(items: readonly string[], word: string): string {
  const last = items.at(-1) ?? 'nothing';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} ${word} ${last}`;
}

/** Text such as `30d`, `12h` or `90s` as seconds. */
export function parseDuration(text: string): number {
  const match = /^([1-9][0-9]{0,8})([smhd])$/.exec(text);
  if (!match) throw new DurationError(text);
  return Number(match[1]) * ({ s: 1, m: 60, h: 3_600, d: 86_400 }[match[2] as 's' | 'm' | 'h' | 'd'] ?? 1);
}

/** Text that is no duration. */
export class DurationError extends BaseError {
  override readonly name = 'Terms.DurationError';
  constructor(text: string) {
    super(`${JSON.stringify(text)} is not a duration.`, {
      code: 'license.duration',
      docsPath: 'docs/license.md',
      hint: 'Write a number and s, m, h or d, for example 30d.',
    });
  }
}
