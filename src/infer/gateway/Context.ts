/** What is known of a request when it is admitted and must survive a crash: enough to write its receipt. */
import type { Address, Hex } from 'viem';
import * as Json from '../../internal/Json.ts';
import type { Draft } from './commit.ts';
import type { Offer } from './offer.ts';

/** Facts of a receipt that are fixed at admission. */
export type Context = {
  readonly agent: Address;
  readonly asset: bigint;
  readonly version: number;
  readonly manifestRoot: Hex;
  readonly quoteHash: Hex;
  readonly token: Address;
  readonly payTo: Address;
  readonly startedAt: bigint;
  /** Salted hash of the request. */
  readonly requestHash: Hex;
  /** Outbox key that must be confirmed before the work starts. */
  readonly settleFirst: string | undefined;
};

/** Context of an offer that was taken. */
export function from(
  offer: Offer,
  facts: Pick<Context, 'agent' | 'startedAt' | 'requestHash' | 'settleFirst'>,
): Context {
  return {
    ...facts,
    asset: offer.listing.asset,
    version: offer.listing.version,
    manifestRoot: offer.listing.engine.manifestRoot,
    quoteHash: offer.quote.hash,
    token: offer.listing.token,
    payTo: offer.listing.payTo,
  };
}

/** Text for the ledger. */
export function serialize(context: Context): string {
  return Json.canonical({ ...context });
}

/** Reads the text back. It is the gateway's own. */
export function parse(text: string): Context {
  const value = JSON.parse(text) as Record<keyof Context, string> & { version: number };
  return {
    ...(value as unknown as Context),
    asset: BigInt(value.asset),
    startedAt: BigInt(value.startedAt),
    settleFirst: value.settleFirst,
  };
}

/** A receipt's draft: the context and how it went. */
export function draft(context: Context, run: Omit<Draft, keyof Context>): Draft {
  const { settleFirst: _, ...facts } = context;
  return { ...facts, ...run };
}
