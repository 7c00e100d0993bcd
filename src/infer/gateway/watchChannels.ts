import type { Hex } from 'viem';
import { messageOf } from '../../internal/Errors.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import { refreshChannel } from './channelPayment.ts';
import type { Deps } from './Deps.ts';

/** What changed on chain since the last look. */
export type ChainFeed = {
  /** Ids of channels with events since the last call; `all` when history was rewritten, so that nothing cached counts. */
  next(): Promise<readonly Hex[] | 'all'>;
  /** Makes the next look read everything again, because what this one found could not be used. */
  forget(): void;
};

/**
 * One look at the chain: channels with events are read again; after a reorganisation, or after a local chain came back
 * without its last seconds, every channel is. So a deposit that vanished stops being credit within one look.
 */
export async function watchChannels(deps: Deps, feed: ChainFeed): Promise<void> {
  // A block that came and went between two looks is missing in both: what was read from it is read again.
  const recent = [...deps.recent];
  deps.recent.clear();
  try {
    const changed = await feed.next();
    deps.look.at = deps.passed();
    for (const channel of changed === 'all' ? deps.ledger.watched() : affected(deps, [...changed, ...recent]))
      await refresh(deps, channel);
  } catch (error) {
    feed.forget();
    // Funded channels are served on; new credit needs the chain and is refused until it answers.
    deps.log.warn({ code: 'chain.unavailable', reason: messageOf(error) }, 'the chain does not answer');
  }
}

/** Channels of this ledger that something happened to, and those whose deposits get deeper. */
function affected({ ledger }: Deps, ids: readonly Hex[]): readonly Ledger.ChannelRow[] {
  const unconfirmed = ledger.watched({ unconfirmed: true });
  const known = new Set(unconfirmed.map(({ id }) => id));
  const others = [...new Set(ids)].filter((id) => !known.has(id)).map((id) => ledger.channel(id));
  return [...unconfirmed, ...others.filter((channel) => channel !== undefined)];
}

/** Reads one channel again. One that cannot be read is read before it is served, and does not hold up the others. */
async function refresh(deps: Deps, { config, id }: Ledger.ChannelRow): Promise<void> {
  try {
    await refreshChannel(deps, config, id);
  } catch (error) {
    deps.seen.delete(id);
    deps.recent.add(id);
    deps.log.warn({ channel: id, reason: messageOf(error) }, 'a channel cannot be read');
  }
}
