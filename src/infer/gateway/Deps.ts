import type { Address, Hex } from 'viem';
import type { Log } from '../../internal/node/log.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import type { ProgressReader } from '../../pay/Outbox.ts';
import type { Listing } from '../Listing.ts';
import type { Committer } from './commit.ts';
import type { QuoteBook } from './quotes.ts';
import type { Seller } from './Seller.ts';
import type { Salts } from './salts.ts';

/** What the gateway asks the chain. None of it happens while a funded channel is served. */
export type ChainReader = {
  /** State of a channel, and whether it was ever refunded or withdrawn. */
  channel(id: Hex): Promise<Ledger.ChannelFacts & { dead: boolean }>;
  /** Whether a holder has a valid licence now. */
  holds(termsId: Hex, holder: Address): Promise<boolean>;
};

/**
 * Named points of a paid request, told before the next thing is done: its deposit handed to the settler, its payment
 * verified and not kept yet, kept, answered by the engine, charged.
 */
export type Point = 'enqueued' | 'verified' | 'admitted' | 'served' | 'committed';

/** Everything a handler needs. */
export type Deps = {
  readonly seller: Seller;
  readonly listings: readonly Listing[];
  readonly ledger: Ledger.Ledger;
  readonly progress: ProgressReader;
  readonly chain: ChainReader;
  /** Channels whose state on chain was read anew since the last look at the chain. */
  readonly recent: Set<Hex>;
  readonly quotes: QuoteBook;
  readonly committer: Committer;
  /** Signs digests with the receipt key. */
  readonly sign: (digest: Hex) => Hex;
  readonly saltOf: Salts;
  readonly now: () => number;
  readonly log: Log;
  /** Aborted when the process shuts down. */
  readonly closing: AbortSignal;
  /** Told at named points of a request. */
  readonly at: (point: Point) => void;
};
