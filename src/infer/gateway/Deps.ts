import type { Address, Hex } from 'viem';
import type * as Eip712 from '../../internal/Eip712.ts';
import type { Log } from '../../internal/node/log.ts';
import type * as Authorization from '../../pay/Authorization.ts';
import type * as Channel from '../../pay/Channel.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import type { ProgressReader } from '../../pay/Outbox.ts';
import type { Listing } from '../Listing.ts';
import type { Committer } from './commit.ts';
import type { QuoteBook } from './quotes.ts';

/** What the gateway asks the chain. None of it happens while a funded channel is served. */
export type ChainReader = {
  /** State of a channel, and whether it was ever refunded or withdrawn. */
  channel(id: Hex): Promise<Ledger.ChannelFacts & { dead: boolean }>;
  /** Whether a holder has a valid licence now. */
  holds(termsId: Hex, holder: Address): Promise<boolean>;
};

/** The seller that this gateway serves for, as facts of its configuration. */
export type Seller = {
  readonly address: Address;
  readonly receiverAuthorizer: Address;
  readonly withdrawDelay: number;
  readonly place: Channel.Place;
  readonly erc3009Collector: Address;
  readonly token: Authorization.Token;
  /** Domain of receipts and quotes. */
  readonly domain: Eip712.Domain;
  /** Number of this gateway's receipt log. */
  readonly log: number;
};

/** Everything a handler needs. */
export type Deps = {
  readonly seller: Seller;
  readonly listings: readonly Listing[];
  readonly ledger: Ledger.Ledger;
  readonly progress: ProgressReader;
  readonly chain: ChainReader;
  readonly quotes: QuoteBook;
  readonly committer: Committer;
  /** Signs digests with the receipt key. */
  readonly sign: (digest: Hex) => Hex;
  readonly now: () => number;
  readonly log: Log;
  /** Aborted when the process shuts down. */
  readonly closing: AbortSignal;
};
