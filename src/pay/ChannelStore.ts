/** What a buyer remembers of its channels, so that one deposit pays for many calls and survives a restart. */
import type { Hex } from 'viem';
import type * as Channel from './Channel.ts';

/** A buyer's side of a channel. Amounts in atoms. */
export type Account = {
  readonly channelId: Hex;
  readonly config: Channel.Config;
  readonly chainId: number;
  /** What the channel holds by the buyer's own reckoning. */
  readonly balance: bigint;
  /** What the seller has charged by the buyer's own reckoning. */
  readonly charged: bigint;
  /** Highest total ever signed: what the seller could claim at most. */
  readonly signed: bigint;
  /** A deposit that was signed and not seen on chain yet: until it runs out it may still arrive. */
  readonly deposit?: Deposit | undefined;
  /** A channel for which a refund was asked, or that was withdrawn, is never used again. */
  readonly closed: boolean;
};

/** An authorization (EIP-3009) of a deposit into a channel. */
export type Deposit = {
  readonly amount: bigint;
  /** Unix seconds after which it is void. */
  readonly validBefore: bigint;
  readonly salt: Hex;
  readonly signature: Hex;
};

/** Where a buyer keeps its channels. `put` resolves when the state is durable. */
export type ChannelStore = {
  all(): Promise<readonly Account[]>;
  get(channelId: Hex): Promise<Account | undefined>;
  put(account: Account): Promise<void>;
};

/** A store that forgets, for tests and short scripts. */
export function inMemory(): ChannelStore {
  const accounts = new Map<Hex, Account>();
  return {
    all: async () => [...accounts.values()],
    get: async (channelId) => accounts.get(channelId),
    put: async (account) => {
      accounts.set(account.channelId, account);
    },
  };
}
