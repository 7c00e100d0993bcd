import type * as Ledger from '../../pay/Ledger.ts';
import type { Context } from './Context.ts';
import { encodeClaim } from './kinds/claim.ts';
import { isUnreachable, reasonOf, type Simulated, simulate } from './rpc.ts';

/** Channels that can be claimed together, and those that would make the whole claim revert. */
export type Sifted = {
  readonly good: readonly Ledger.ChannelRow[];
  readonly bad: readonly { readonly channel: Ledger.ChannelRow; readonly error: string }[];
};

/**
 * Tries a claim and, when it would revert, its halves, down to the rows that are to blame. A batch of n rows with k bad
 * ones takes about 2 k log2(n) simulations.
 */
export async function sift(context: Context, channels: readonly Ledger.ChannelRow[]): Promise<Sifted> {
  const [first] = channels;
  if (!first) return { good: [], bad: [] };
  const simulated = await attempt(context, channels);
  if (!('revert' in simulated)) return { good: channels, bad: [] };
  if (channels.length === 1) return { good: [], bad: [{ channel: first, error: simulated.revert }] };
  const middle = Math.ceil(channels.length / 2);
  const left = await sift(context, channels.slice(0, middle));
  const right = await sift(context, channels.slice(middle));
  return { good: [...left.good, ...right.good], bad: [...left.bad, ...right.bad] };
}

/** A row that cannot be encoded, or that the node cannot read, is as bad as one that reverts. */
async function attempt(context: Context, channels: readonly Ledger.ChannelRow[]): Promise<Simulated> {
  const { account, client, config } = context;
  try {
    const data = encodeClaim(context, channels);
    return await simulate(client, { from: account.address, to: config.addresses.settlement, data });
  } catch (error) {
    if (isUnreachable(error)) throw error;
    return { revert: reasonOf(error) };
  }
}
