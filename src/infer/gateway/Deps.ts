import type { Address, Hex } from 'viem';
import type { Log } from '../../internal/node/log.ts';
import type * as Prices from '../../license/Prices.ts';
import type { Terms } from '../../license/Terms.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import type { ProgressReader } from '../../pay/Outbox.ts';
import type { Listing } from '../Listing.ts';
import type { Committer } from './commit.ts';
import type { InFlight } from './InFlight.ts';
import type { Limits } from './Limits.ts';
import type { QuoteBook } from './quotes.ts';
import type { Claimed, Held } from './readLicence.ts';
import type { Seller } from './Seller.ts';
import type { Salts } from './salts.ts';

/** Terms of an offer with the prices of use that they commit to. */
export type Sold = { readonly terms: Terms; readonly prices: Prices.Prices };

/** What the gateway asks the chain. None of it happens while a funded channel is served without a licence. */
export type ChainReader = {
  /** State of a channel, and whether it was ever refunded or withdrawn. */
  channel(id: Hex): Promise<Ledger.ChannelFacts & { dead: boolean }>;
  /** The licence of a holder as of the newest block. */
  licence(claimed: Claimed): Promise<Held>;
  /** Terms that were ever offered for an asset, by their id. */
  sold(asset: bigint, termsId: Hex): Promise<Sold | undefined>;
  /** Whether the contract at an address accepts a signature (ERC-1271). */
  accepts(wallet: Address, digest: Hex, signature: Hex): Promise<boolean>;
};

/** Calls that the seller gives away. */
export type FreeGrants = {
  /** Calls a day for each address and listing. */
  readonly callsPerDay: number;
  /** Zero bits that the work for a call begins with: each one more doubles it. */
  readonly difficulty: number;
};

/**
 * Named points of a paid request, told before the next thing is done: its deposit handed to the settler, its payment
 * verified and not kept yet, kept, answered by the engine, charged.
 */
export type Point = 'enqueued' | 'verified' | 'admitted' | 'served' | 'committed';

/** Everything a handler needs. */
export type Deps = {
  readonly seller: Seller;
  /** Where clients find this gateway, e.g. `https://example.com`: what they sign is good here only. */
  readonly origin: string;
  readonly listings: readonly Listing[];
  /** What is given away, undefined when nothing is. */
  readonly free: FreeGrants | undefined;
  readonly limits: Limits;
  readonly ledger: Ledger.Ledger;
  readonly progress: ProgressReader;
  readonly chain: ChainReader;
  /** Channels whose state on chain was read anew since the last look at the chain. */
  readonly recent: Set<Hex>;
  /** Channels whose state in the ledger is that of the chain: read by this process, and followed since. */
  readonly seen: Set<Hex>;
  /** When the chain last answered what had changed, by `passed`. */
  readonly look: { at: number };
  readonly quotes: QuoteBook;
  readonly committer: Committer;
  /** Signs digests with the receipt key. */
  readonly sign: (digest: Hex) => Hex;
  readonly saltOf: Salts;
  /** Code over a challenge, so that the gateway knows its own again. */
  readonly macOf: (text: string) => string;
  /** Unix milliseconds, by a clock that may be wrong and may be set: for what others sign or read. */
  readonly now: () => number;
  /** Milliseconds that passed, whatever is done to the clock: for how long something is waited for or believed. */
  readonly passed: () => number;
  readonly log: Log;
  readonly inFlight: InFlight;
  /** Aborted when the process shuts down. */
  readonly closing: AbortSignal;
  /** Told at named points of a request. */
  readonly at: (point: Point) => void;
};
