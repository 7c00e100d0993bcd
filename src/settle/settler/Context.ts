/** What the parts of one running settler share. */
import type { Address, Hex, PrivateKeyAccount, PublicClient } from 'viem';
import type { Log } from '../../internal/node/log.ts';
import type * as Channel from '../../pay/Channel.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import type * as Call from './Call.ts';
import type * as Config from './Config.ts';
import type { Jobs } from './jobs.ts';

/** Named points of a step, told before the next thing is done; tests kill the process there. */
export type Point = 'stored' | 'sent' | 'mined' | 'recorded';

/** State and surroundings of a settler. */
export type Context = {
  readonly config: Config.Config;
  readonly client: PublicClient;
  /** The settler's key. */
  readonly account: PrivateKeyAccount;
  readonly place: Channel.Place;
  readonly limits: Call.Limits;
  /** Account of each payout address, in lower case. */
  readonly accounts: ReadonlyMap<string, bigint>;
  readonly jobs: Jobs;
  readonly ledger: Ledger.Ledger;
  readonly log: Log;
  readonly demand: Demand;
  /** Jobs that are not looked at before a time, unix milliseconds. */
  readonly postponed: Map<string, number>;
  readonly clock: Clock;
  /** When each unmined transaction was last handed to the node, unix milliseconds. */
  readonly sentAt: Map<Hex, number>;
  now(): number;
  at(point: Point): void;
};

/** The chain's time as of its last block, in unix seconds, how quickly it makes blocks, and the wei of the key. */
export type Clock = { time: bigint; secondsPerBlock: number; wei: bigint };

/** What is wanted before its time. */
export type Demand = {
  /** Channels to claim. */
  readonly claims: Set<Hex>;
  /** Accounts to harvest, as `account:token`. */
  readonly harvests: Set<string>;
  /** Everything: somebody asked to settle now. */
  all: boolean;
};

/** Name of an account's money in one token. */
export function purse(account: bigint, token: Address): string {
  return `${account}:${token.toLowerCase()}`;
}

/** Day (UTC) of a time in unix milliseconds. */
export function dayOf(now: number): number {
  return Math.floor(now / 86_400_000);
}
