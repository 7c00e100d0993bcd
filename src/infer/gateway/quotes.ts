import { randomBytes } from 'node:crypto';
import type { Hex } from 'viem';
import { bytesToHex } from 'viem/utils';
import * as Prices from '../../license/Prices.ts';
import * as Terms from '../../license/Terms.ts';
import type { Listing } from '../Listing.ts';
import * as Quote from '../Quote.ts';
import type { Seller } from './Seller.ts';

/** A quote with its hash and the receipt key's signature. */
export type SignedQuote = { readonly quote: Quote.Quote; readonly hash: Hex; readonly signature: Hex };

/** The quotes in force. */
export type QuoteBook = {
  /** The quote that a request is charged by: the one it names, else the current one. */
  take(listing: Listing, named?: string): SignedQuote;
};

/**
 * Keeps one current quote for each listing and terms, and the former ones until they expire. Prices are those of the
 * offer on chain, or the share of them that calls beyond a quota cost, so no quote can be above it.
 */
export function createQuoteBook(options: createQuoteBook.Options): QuoteBook {
  const { seller, sign, now, quoteSeconds } = options;
  const current = new Map<string, SignedQuote>();
  const known = new Map<Hex, SignedQuote>();

  function make(listing: Listing): SignedQuote {
    const seconds = BigInt(Math.floor(now() / 1_000));
    for (const [hash, old] of known) if (old.quote.validUntil < seconds) known.delete(hash);
    const quote: Quote.Quote = {
      ...Prices.shareUp(listing.prices, Terms.useBps(listing.terms)),
      seller: seller.address,
      asset: listing.asset,
      version: listing.version,
      termsId: listing.termsId,
      manifestRoot: listing.manifestRoot,
      token: listing.token,
      payTo: listing.payTo,
      validUntil: seconds + BigInt(quoteSeconds),
      nonce: bytesToHex(randomBytes(32)),
    };
    const hash = Quote.hash(quote);
    const signed = { quote, hash, signature: sign(Quote.digest(quote, seller.domain)) };
    current.set(keyOf(listing), signed);
    known.set(hash, signed);
    return signed;
  }

  return {
    take(listing, named) {
      const seconds = BigInt(Math.floor(now() / 1_000));
      if (named === undefined) {
        const quote = current.get(keyOf(listing));
        // Renewed at half its life, so that a buyer always has time to use the one it was shown.
        const half = BigInt(quoteSeconds / 2);
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
  type Options = { seller: Seller; sign: (digest: Hex) => Hex; now: () => number; quoteSeconds: number };
}

function keyOf({ engine, model, termsId }: Listing): string {
  return `${engine.route} ${termsId} ${model}`;
}
