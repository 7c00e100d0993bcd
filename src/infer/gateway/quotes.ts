import { randomBytes } from 'node:crypto';
import type { Hex } from 'viem';
import { bytesToHex } from 'viem/utils';
import type { Listing } from '../Listing.ts';
import * as Quote from '../Quote.ts';
import { limits } from './Limits.ts';
import type { Seller } from './Seller.ts';

/** A quote with its hash and the receipt key's signature. */
export type SignedQuote = { readonly quote: Quote.Quote; readonly hash: Hex; readonly signature: Hex };

/** The quotes in force. */
export type QuoteBook = {
  /** The quote that a request is charged by: the one it names, else the current one. */
  take(listing: Listing, named?: string): SignedQuote;
};

/**
 * Keeps one current quote per listing and the former ones until they expire. Prices are those of the offer on chain, so
 * no quote can be above it.
 */
export function createQuoteBook(options: createQuoteBook.Options): QuoteBook {
  const { seller, sign, now } = options;
  const current = new Map<Listing, SignedQuote>();
  const known = new Map<Hex, SignedQuote>();

  function make(listing: Listing): SignedQuote {
    const seconds = BigInt(Math.floor(now() / 1_000));
    for (const [hash, old] of known) if (old.quote.validUntil < seconds) known.delete(hash);
    const quote: Quote.Quote = {
      ...listing.prices,
      seller: seller.address,
      asset: listing.asset,
      version: listing.version,
      termsId: listing.termsId,
      manifestRoot: listing.manifestRoot,
      token: listing.token,
      payTo: listing.payTo,
      validUntil: seconds + BigInt(limits.quoteSeconds),
      nonce: bytesToHex(randomBytes(32)),
    };
    const hash = Quote.hash(quote);
    const signed = { quote, hash, signature: sign(Quote.digest(quote, seller.domain)) };
    current.set(listing, signed);
    known.set(hash, signed);
    return signed;
  }

  return {
    take(listing, named) {
      const seconds = BigInt(Math.floor(now() / 1_000));
      if (named === undefined) {
        const quote = current.get(listing);
        // Renewed at half its life, so that a buyer always has time to use the one it was shown.
        const half = BigInt(limits.quoteSeconds / 2);
        return quote && quote.quote.validUntil - seconds > half ? quote : make(listing);
      }
      const quote = known.get(named.toLowerCase() as Hex);
      if (!quote || quote.quote.termsId !== listing.termsId) throw new Quote.UnknownError(named.slice(0, 66));
      Quote.assertValid(quote.quote, seconds);
      return quote;
    },
  };
}

export declare namespace createQuoteBook {
  type Options = { seller: Seller; sign: (digest: Hex) => Hex; now: () => number };
}
