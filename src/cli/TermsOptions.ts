/** The terms of an offer from the options of `agorai publish`. */
import type { Address } from 'viem';
import * as Amount from '../internal/Amount.ts';
import { BaseError } from '../internal/Errors.ts';
import * as AllowList from '../license/AllowList.ts';
import * as Prices from '../license/Prices.ts';
import * as Right from '../license/Right.ts';
import * as Terms from '../license/Terms.ts';
import type { Options } from './Verb.ts';

/** Prices are kept per million units, so that the price of a single token can be below one atom. */
export function prices(options: Options): Prices.Prices {
  return Prices.from({
    perCall: dollars(options.perCall) * 1_000_000n,
    perInputToken: dollars(options.perMillionTokens),
  });
}

/** Price of a period, in atoms; 0 when none is named. */
export function price(options: Options): bigint {
  return dollars(options.price);
}

/** The terms. Asset and version are put in when it is published. */
export function terms(options: Options, from: terms.From): Terms.Terms {
  const { needed, allowed, allowList, ...rest } = from;
  const names = text(options.rights)?.split(',') ?? [needed];
  const rights = names.map((name) => Right.parse(name.trim()));
  const resale = resaleOf(text(options.resale));
  const asked = price(options);
  return Terms.from({
    ...rest,
    ...resale,
    ...refundOf(text(options.refund)),
    rights: Right.setOf(resale && !rights.includes('resell') ? [...rights, 'resell'] : rights),
    price: asked,
    // Without a licence to sell there is nothing that could end.
    period: asked === 0n ? 0 : Terms.parseDuration(text(options.period) ?? '30d'),
    noticePeriod: seconds(options.notice),
    trial: seconds(options.trial),
    quota: BigInt(whole('--quota', options.quota, 2 ** 53 - 1)),
    overageBps: options.overage === undefined ? 0 : bpsOf('--overage', text(options.overage) ?? ''),
    derivativeShareBps: options.derived === undefined ? 0 : bpsOf('--derived', text(options.derived) ?? ''),
    seats: whole('--seats', options.seats, 65_535),
    maxSupply: whole('--supply', options.supply, 2 ** 24 - 1),
    ...(allowed ? { checker: allowList, policyRoot: AllowList.root(allowed) } : {}),
  });
}

export declare namespace terms {
  type From = {
    /** The right that the route of the model needs. */
    readonly needed: Right.Right;
    readonly currency: Address;
    readonly prices: Prices.Prices;
    /** The contract that checks lists. */
    readonly allowList: Address;
    /** Who may hold a licence; anybody unless given. */
    readonly allowed: readonly Address[] | undefined;
  };
}

function refundOf(policy: string | undefined): Partial<Terms.Terms> {
  if (policy === undefined) return {};
  const [kind, detail] = policy.split(':');
  if (kind === 'full' && detail) return { refundPolicy: 1, refundWindow: Terms.parseDuration(detail) };
  if (kind !== 'prorata') throw new OptionError('--refund', policy);
  return { refundPolicy: 2, refundPenaltyBps: detail === undefined ? 0 : bpsOf('--refund', detail) };
}

function resaleOf(resale: string | undefined): Partial<Terms.Terms> | undefined {
  if (resale === undefined) return undefined;
  const [royalty = '', times] = resale.split(':');
  return { resaleRoyaltyBps: bpsOf('--resale', royalty), maxResales: whole('--resale', times, 255) };
}

/** Per cent, with or without the sign, as basis points. */
export function bpsOf(option: string, percent: string): number {
  const match = /^([0-9]{1,3})(?:\.([0-9]{1,2}))?%?$/.exec(percent);
  if (!match) throw new OptionError(option, percent);
  const bps = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
  // A share of use can be more than the whole; what is above the whole elsewhere is refused by the contract.
  if (bps > 65_535) throw new OptionError(option, percent);
  return bps;
}

function whole(option: string, value: string | boolean | undefined, most: number): number {
  if (value === undefined) return 0;
  const number = typeof value === 'string' && /^[1-9][0-9]{0,15}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number <= most)) throw new OptionError(option, String(value));
  return number;
}

function seconds(option: string | boolean | undefined): number {
  return typeof option === 'string' ? Terms.parseDuration(option) : 0;
}

function dollars(option: string | boolean | undefined): bigint {
  return typeof option === 'string' ? Amount.fromDollars(option) : 0n;
}

function text(option: string | boolean | undefined): string | undefined {
  return typeof option === 'string' ? option : undefined;
}

/** An option that says nothing. */
export class OptionError extends BaseError {
  override readonly name = 'TermsOptions.OptionError';
  constructor(option: string, value: string) {
    super(`${JSON.stringify(value)} is nothing that ${option} takes.`, {
      code: 'usage.terms',
      hint: 'See what it takes: agorai publish --help',
    });
  }
}
