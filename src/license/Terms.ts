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

/** What is left of refundable atoms when the penalty of the terms is taken off, rounded down. */
export function refundDown(terms: Terms, refundable: bigint): bigint {
  return (refundable * BigInt(10_000 - terms.refundPenaltyBps)) / 10_000n;
}

/**
 * The terms in plain words: what is permitted, what is not, what is demanded, what it costs, how long it lasts, how it
 * ends and who may hold it. What chain or gateway enforce is stated; what only the holder's word keeps says so.
 */
export function sentence(terms: Terms, prices: Prices.Prices): string {
  const granted = Right.inSet(terms.rights);
  const refused = Right.rights.filter((right) => !granted.includes(right));
  return [
    `You may ${list(granted.map(Right.describe), 'and')}.`,
    ...(refused.length > 0 ? [`You may not ${list(refused.map(Right.describe), 'or')}.`] : []),
    ...demands(terms),
    cost(terms, prices),
    ...trying(terms),
    ...covering(terms, prices),
    lasting(terms),
    ...leaving(terms),
    ...selling(terms),
    ...limits(terms),
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

function demands(terms: Terms): readonly string[] {
  const owed = Right.dutiesInSet(terms.duties);
  const [kept, promised] = [owed.filter(Right.isEnforced), owed.filter((duty) => !Right.isEnforced(duty))];
  const share = terms.derivativeShareBps;
  return [
    ...(kept.length > 0 ? [`You must ${list(kept.map(Right.describeDuty), 'and')}.`] : []),
    ...(promised.length > 0
      ? [`You must ${list(promised.map(Right.describeDuty), 'and')} (promised, not enforced).`]
      : []),
    ...(share > 0 ? [`You owe ${percent(share)} of what a derived asset earns.`] : []),
  ];
}

function trying({ trial }: Terms): readonly string[] {
  return trial > 0 ? [`You may try it for ${duration(trial)} before you first pay, once.`] : [];
}

function covering(terms: Terms, prices: Prices.Prices): readonly string[] {
  const { quota, overageBps } = terms;
  if (quota === 0n) return [];
  const covered = `${terms.period === 0 ? 'It' : 'Each payment'} covers ${quota} ${quota === 1n ? 'call' : 'calls'}`;
  if (!sellsUse(terms, prices)) return [`${covered}; further calls are refused.`];
  return [`${covered}; a further call costs ${percent(overageBps)} of the prices of use.`];
}

function lasting(terms: Terms): string {
  const { seats, period, noticePeriod } = terms;
  if (!sellsLicence(terms)) return 'This holds for every call that is paid for.';
  const held = seats > 1 ? `${seats} at a time can use it` : 'you alone hold it';
  if (period === 0) return `It has no end, and ${held}.`;
  const ends = `It ends ${duration(period)} after it begins, unless you pay again, and ${held}.`;
  return noticePeriod === 0
    ? ends
    : `${ends} When it is offered no more, you can pay again for ${duration(noticePeriod)}.`;
}

function leaving(terms: Terms): readonly string[] {
  if (!sellsLicence(terms)) return [];
  const { refundPolicy, refundWindow, refundPenaltyBps, quota } = terms;
  if (refundPolicy === 1) return [`You get your last payment back whole within ${duration(refundWindow)}.`];
  if (refundPolicy !== 2) return ['You get nothing back.'];
  const unused = quota > 0n ? 'the time or the calls that you have not used, whichever is worth less' : 'unused time';
  const penalty = refundPenaltyBps > 0 ? `, less ${percent(refundPenaltyBps)}` : '';
  const delay = quota > 0n ? ' That takes three days, or the word of the seller.' : '';
  return [`When you leave, you get back ${unused}${penalty}.${delay}`];
}

function selling({ rights, resaleRoyaltyBps, maxResales }: Terms): readonly string[] {
  if (!Right.has(rights, 'resell')) return [];
  const often = maxResales === 0 ? 'any number of times' : maxResales === 1 ? 'once' : `${maxResales} times`;
  const royalty = resaleRoyaltyBps === 0 ? 'without a royalty' : `with ${percent(resaleRoyaltyBps)} for the seller`;
  return [`It can be sold on ${often}, ${royalty}.`];
}

function limits({ maxSupply, checker, textHash, slaId }: Terms): readonly string[] {
  return [
    ...(maxSupply > 0 ? [`At most ${maxSupply} hold it.`] : []),
    ...(isZero(checker) ? [] : [`Only those whom ${checker} admits can hold it.`]),
    ...(isZero(textHash) ? [] : [`The text with the hash ${textHash} is part of the terms (promised, not enforced).`]),
    ...(isZero(slaId) ? [] : [`Service level ${slaId} is named, which nothing enforces yet.`]),
  ];
}

function isZero(value: Hex): boolean {
  return BigInt(value) === 0n;
}

function percent(bps: number): string {
  return `${bps / 100} %`;
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
