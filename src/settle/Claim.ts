/**
 * Which vouchers to claim and when. A claim takes what was charged and never what was merely signed for. Amounts are
 * token atoms, times unix milliseconds.
 */
import type { Address, Hex } from 'viem';
import type * as Channel from '../pay/Channel.ts';
import type * as Ledger from '../pay/Ledger.ts';
import * as Voucher from '../pay/Voucher.ts';

/** Most rows of one claim: 100 rows cost about 2.2 million gas. */
export const maxRows = 100;

/** When unclaimed money is claimed. */
export type Policy = {
  /** Unclaimed atoms of a channel from which on it is claimed. */
  readonly threshold: bigint;
  /** Milliseconds after which less is claimed too. */
  readonly maxAgeMs: number;
};

/** Channels that are claimed in one transaction: they share the authorizer whose one signature covers all. */
export type Batch = { readonly authorizer: Address; readonly channels: readonly Ledger.ChannelRow[] };

/** A row of `claim` and `claimWithSignature` of the settlement contract. */
export type Row = {
  readonly voucher: { readonly channel: Channel.Config; readonly maxClaimableAmount: bigint };
  readonly signature: Hex;
  readonly totalClaimed: bigint;
};

/** The total that can be claimed: what was charged, as far as it was signed for and the channel still holds it. */
export function totalOf(channel: Ledger.ChannelRow): bigint {
  let total = channel.charged;
  if (total > channel.max) total = channel.max;
  if (total > channel.balance) total = channel.balance;
  return total;
}

/** Atoms that a claim would add. */
export function unclaimed(channel: Ledger.ChannelRow): bigint {
  const total = totalOf(channel);
  return total > channel.claimed ? total - channel.claimed : 0n;
}

/** Whether a channel is to be claimed now: enough of it, for long enough, or because its payer is leaving. */
export function isDue(channel: Ledger.ChannelRow, policy: Policy, now: number): boolean {
  const amount = unclaimed(channel);
  if (amount === 0n) return false;
  if (channel.state === 'leaving' || amount >= policy.threshold) return true;
  return channel.unclaimedSince > 0n && BigInt(now) - channel.unclaimedSince >= BigInt(policy.maxAgeMs);
}

/** The claims to send now. Channels whose payers are leaving come first, then the largest amounts. */
export function plan(channels: readonly Ledger.ChannelRow[], policy: Policy, now: number): readonly Batch[] {
  const groups = new Map<string, Ledger.ChannelRow[]>();
  for (const channel of channels) {
    if (!isDue(channel, policy, now)) continue;
    const authorizer = channel.config.receiverAuthorizer.toLowerCase();
    const group = groups.get(authorizer);
    if (group) group.push(channel);
    else groups.set(authorizer, [channel]);
  }
  return [...groups.values()].flatMap((group) => split(group.sort(byUrgency)));
}

/** The rows of a batch as the contract takes them. */
export function toRows(channels: readonly Ledger.ChannelRow[]): readonly Row[] {
  return channels.map((channel) => ({
    voucher: { channel: channel.config, maxClaimableAmount: channel.max },
    signature: channel.signature,
    totalClaimed: totalOf(channel),
  }));
}

/** What the authorizer of a batch signs. */
export function digest(channels: readonly Ledger.ChannelRow[], place: Channel.Place): Hex {
  const entries = channels.map((channel) => ({
    channelId: channel.id,
    maxClaimableAmount: channel.max,
    totalClaimed: totalOf(channel),
  }));
  return Voucher.claimBatchDigest(entries, place);
}

function split(channels: readonly Ledger.ChannelRow[]): readonly Batch[] {
  const batches: Batch[] = [];
  for (let at = 0; at < channels.length; at += maxRows) {
    const part = channels.slice(at, at + maxRows);
    const [first] = part;
    if (first) batches.push({ authorizer: first.config.receiverAuthorizer, channels: part });
  }
  return batches;
}

function byUrgency(a: Ledger.ChannelRow, b: Ledger.ChannelRow): number {
  const leaving = Number(b.state === 'leaving') - Number(a.state === 'leaving');
  if (leaving !== 0) return leaving;
  const [left, right] = [unclaimed(a), unclaimed(b)];
  if (left !== right) return left > right ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
