/** What a settler is started with, and its limits. */
import type { Address, Hex } from 'viem';
import type * as Addresses from '../../chain/Addresses.ts';
import type * as Claim from '../Claim.ts';
import type * as Exposure from './Exposure.ts';

/** When money is claimed and harvested. Amounts are atoms, ages milliseconds. */
export type Policy = Claim.Policy & {
  /** Atoms waiting at a payout address from which on they are harvested. */
  readonly harvestThreshold: bigint;
  /** Milliseconds after which less is harvested too. */
  readonly harvestAgeMs: number;
};

/** What a stolen ledger could make the settler spend in a day (UTC). */
export type Caps = {
  /** Atoms given back by refunds of channels, and as many again by credit notes. */
  readonly dailyAtoms: bigint;
  /** Wei of gas. Claims of channels whose payers are leaving are sent beyond it. */
  readonly dailyGas: bigint;
  /**
   * Wei for a unit of gas. While the network asks for more, work waits; claims of channels whose payers are leaving are
   * sent all the same. No limit unless given.
   */
  readonly feePerGas?: bigint | undefined;
};

/** How long before a payer can take its money out its claim is raised with every block. */
export type Margin = { readonly seconds: number; readonly blocks: number };

/** Configuration of one seller's settler. */
export type Config = {
  readonly rpcUrl: string;
  readonly addresses: Addresses.Addresses;
  readonly seller: Address;
  /** Vault accounts whose payout addresses may receive money: the seller's assets, and the seller itself. */
  readonly accounts: readonly bigint[];
  readonly tokens: readonly Address[];
  /** The gateway's ledger, which is only read. */
  readonly ledgerFile: string;
  /** The settler's own file. */
  readonly file: string;
  /** Private key that sends the seller's transactions, registered with `Authorizers`. */
  readonly key: Hex;
  readonly policy: Policy;
  /** Blocks on top of a transaction's block before it is called confirmed; 0 when mined is enough. */
  readonly confirmations: number;
  /** Further blocks for deposits and payments by their size; none unless given. */
  readonly exposure?: readonly Exposure.Limit[] | undefined;
  /** Five minutes and twenty blocks unless given. */
  readonly margin?: Margin | undefined;
  /** Blocks on top of a transaction's block before it is no longer watched. */
  readonly finality: number;
  readonly caps: Caps;
  /** Port of health and metrics on 127.0.0.1; none unless given, 0 picks a free one. */
  readonly port?: number;
  /** Milliseconds between two steps. */
  readonly pollMs: number;
  /** Milliseconds after which an unmined transaction is sent again at a higher price, 60,000 unless given. */
  readonly stuckMs?: number;
};

/** Limits of the process, in one place. */
export const limits = {
  /** Rows taken out of the outbox in one step. */
  outboxRows: 500,
  /** Transactions that may be waiting to be mined. */
  inFlight: 32,
  /** Further ones, for claims of channels whose payers are leaving. */
  urgentInFlight: 16,
  /** Milliseconds between two sendings of the same unmined transaction. */
  resendMs: 2_000,
  /** Milliseconds for which a job that would revert waits for its predecessors. */
  patienceMs: 30_000,
  /** Milliseconds for which a credit waits for money in a bucket. */
  creditMs: 600_000,
  /** Milliseconds between two looks at a job that waits for something. */
  waitMs: 500,
  /** Milliseconds before a channel that cannot be claimed is tried again; twice as many after each further try. */
  poisonedMs: 600_000,
  /** Most milliseconds between two such tries. */
  poisonedMostMs: 86_400_000,
  /** Milliseconds between two looks at the payout addresses when nothing happened. */
  harvestCheckMs: 2_000,
  /** Times that a job is tried for which the node answers with an error that is no revert. */
  attempts: 20,
  /** Milliseconds of the longest pause after failures. */
  backoffMs: 5_000,
  /** Milliseconds for an answer of the node. */
  rpcMs: 10_000,
  /** Blocks of events that are asked for at once. */
  logRange: 5_000n,
  /** Percent by which a stuck transaction is made more expensive. */
  bumpPercent: 25n,
  /** Percent below which nodes refuse a replacement. */
  leastBumpPercent: 10n,
  /** Times what the network asks now that a replacement offers at most. */
  mostTimes: 10n,
} as const;

/** Default of {@link Config.stuckMs}. */
export const stuckMs = 60_000;

/** Default of {@link Config.margin}. */
export const margin: Margin = { seconds: 300, blocks: 20 };
