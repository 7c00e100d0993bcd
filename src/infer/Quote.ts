/**
 * Quotes: prices that a seller's receipt key signs for a while, within the offer on chain. A request is charged by the
 * quote it named, and its receipt carries the quote's hash.
 */
import type { Address, Hex } from 'viem';
import * as Eip712 from '../internal/Eip712.ts';
import { BaseError } from '../internal/Errors.ts';
import type * as Prices from '../license/Prices.ts';

/** A quote. Prices in atoms per million units, `validUntil` in unix seconds. */
export type Quote = Prices.Prices & {
  readonly seller: Address;
  readonly asset: bigint;
  readonly version: number;
  readonly termsId: Hex;
  readonly manifestRoot: Hex;
  readonly token: Address;
  readonly payTo: Address;
  readonly validUntil: bigint;
  readonly nonce: Hex;
};

const type = Eip712.typeHash(
  'Quote(address seller,uint256 asset,uint32 version,bytes32 termsId,bytes32 manifestRoot,address token,address payTo,' +
    'uint128 perCall,uint128 perInputToken,uint128 perOutputToken,uint128 perSecond,uint128 perImage,uint128 perByte,' +
    'uint64 validUntil,bytes32 nonce)',
);

/** hashStruct of a quote, named by receipts. */
export function hash(quote: Quote): Hex {
  return Eip712.hashStruct(type, [
    quote.seller,
    quote.asset,
    quote.version,
    quote.termsId,
    quote.manifestRoot,
    quote.token,
    quote.payTo,
    quote.perCall,
    quote.perInputToken,
    quote.perOutputToken,
    quote.perSecond,
    quote.perImage,
    quote.perByte,
    quote.validUntil,
    quote.nonce,
  ]);
}

/** Digest that a receipt key signs. */
export function digest(quote: Quote, domain: Eip712.Domain): Hex {
  return Eip712.digest(domain, hash(quote));
}

/** Throws unless the quote is still valid at `now` (unix seconds). */
export function assertValid(quote: Quote, now: bigint): void {
  if (now > quote.validUntil) throw new ExpiredError(hash(quote), quote.validUntil);
}

/** The named quote has run out. */
export class ExpiredError extends BaseError {
  override readonly name = 'Quote.ExpiredError';
  constructor(quoteHash: Hex, validUntil: bigint) {
    super(`Quote ${quoteHash} expired at ${new Date(Number(validUntil) * 1_000).toISOString()}.`, {
      code: 'quote.expired',
      hint: 'Ask for a new quote: the 402 answer carries one.',
    });
  }
}

/** The named quote is not one of this seller's for this route. */
export class UnknownError extends BaseError {
  override readonly name = 'Quote.UnknownError';
  constructor(quoteHash: string) {
    super(`Quote ${quoteHash} is not known for this route.`, {
      code: 'quote.unknown',
      hint: 'Ask for a new quote: the 402 answer carries one.',
    });
  }
}
