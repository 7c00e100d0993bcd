import type { Hex } from 'viem';
import { isSameAddress } from '../../internal/isSameAddress.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import * as Claim from '../Claim.ts';
import { readChannels } from '../readChannels.ts';
import { sift } from '../sift.ts';
import { limits } from './Config.ts';
import { type Context, dayOf } from './Context.ts';
import type { Claimed } from './jobs.ts';
import { rowOf } from './kinds/claim.ts';
import { tryClaim } from './tryClaim.ts';
import { deadlineOf } from './urgencyOf.ts';

/** Makes jobs of the claims that are due by the policy, wanted now, or urgent because a payer is leaving. */
export async function planClaims(context: Context): Promise<void> {
  const { jobs, now, log } = context;
  const plan = (channels: readonly Ledger.ChannelRow[]) => Claim.plan(channels, context.config.policy, now());
  const known = plan(claimable(context).flatMap((channel) => adjust(context, channel)));
  const due = known.flatMap((batch) => batch.channels);
  if (due.length === 0) return;
  const spent = jobs.day(dayOf(now())).gas >= context.config.caps.dailyGas;
  for (const batch of plan(await readChannels(context, due))) {
    const channels = spent ? batch.channels.filter((channel) => channel.state === 'leaving') : batch.channels;
    const { good, bad } = await sift(channels, (some) => tryClaim(context, some));
    for (const { item: channel, error } of bad) {
      log.error({ channel: channel.id, error }, 'channel cannot be claimed');
      await jobs.poison(channel.id, Claim.totalOf(channel), error, now());
    }
    if (good.length === 0) continue;
    const totals = good.map((channel) => ({ id: channel.id, total: Claim.totalOf(channel) }));
    await jobs.addClaim(rowOf(context, good), totals, now());
  }
}

/** The channels in use, and those given up whose refund, which would have claimed them, does not get through. */
function claimable({ jobs, ledger }: Pick<Context, 'jobs' | 'ledger'>): readonly Ledger.ChannelRow[] {
  const given = jobs.stuckRefunds().flatMap((payload) => ledger.channel(channelOf(payload)) ?? []);
  return [...ledger.channels(), ...given.filter((channel) => channel.state === 'dead')];
}

/** Channel of a refund. One that is malformed has failed for that and names no channel. */
function channelOf(payload: string): Hex {
  return (/"channelId":"(0x[0-9a-f]{64})"/i.exec(payload)?.[1] as Hex | undefined) ?? '0x';
}

/** What no claim covers yet. */
export type Outstanding = {
  readonly atoms: bigint;
  /** Unix milliseconds of the first such charge, 0 for none. */
  readonly since: bigint;
  /** When the first payer who is leaving can take it out, in unix seconds. */
  readonly deadline: bigint | undefined;
};

/** Total of the channels' charges that no claim covers yet. */
export function outstanding(context: Pick<Context, 'ledger' | 'jobs'>): Outstanding {
  let atoms = 0n;
  let since = 0n;
  let deadline: bigint | undefined;
  for (const channel of claimable(context)) {
    const claim = context.jobs.claimOf(channel.id);
    const claimed = claim?.state === 'confirmed' && claim.total > channel.claimed ? claim.total : channel.claimed;
    const amount = Claim.unclaimed({ ...channel, claimed });
    if (amount === 0n) continue;
    atoms += amount;
    if (since === 0n || channel.unclaimedSince < since) since = channel.unclaimedSince;
    const leaves = deadlineOf(context, channel.id);
    if (leaves !== undefined && (deadline === undefined || leaves < deadline)) deadline = leaves;
  }
  return { atoms, since, deadline };
}

/** How long a channel that could not be claimed is left alone, in milliseconds: twice as long after every further try. */
function pauseOf({ tries }: Claimed, isLeaving: boolean): number {
  const [first, most] = isLeaving ? [limits.backoffMs, limits.poisonedMs] : [limits.poisonedMs, limits.poisonedMostMs];
  return Math.min(first * 2 ** Math.max(0, tries - 1), most);
}

/** A channel as the plan shall see it, or none when it is not ours to claim or was tried in vain just now. */
function adjust(context: Context, channel: Ledger.ChannelRow): readonly Ledger.ChannelRow[] {
  const { jobs, limits: allowed, accounts, demand, now } = context;
  const { receiver, receiverAuthorizer } = channel.config;
  if (!isSameAddress(receiverAuthorizer, allowed.authorizer)) return [];
  if (!accounts.has(receiver.toLowerCase())) return [];
  const urgent = demand.all || demand.claims.has(channel.id) || jobs.note(`leaving:${channel.id}`) !== undefined;
  const state = urgent ? 'leaving' : channel.state;
  const claim = jobs.claimOf(channel.id);
  if (!claim) return [{ ...channel, state }];
  const isRefused = claim.state === undefined || claim.state === 'failed';
  if (isRefused) return now() - claim.at >= pauseOf(claim, state === 'leaving') ? [{ ...channel, state }] : [];
  // The ledger may not know of the claim yet, and its time is that of the first charge before it.
  let { claimed, unclaimedSince } = channel;
  if (claim.total > claimed) claimed = claim.total;
  if (BigInt(claim.at) > unclaimedSince) unclaimedSince = BigInt(claim.at);
  return [{ ...channel, state, claimed, unclaimedSince }];
}
