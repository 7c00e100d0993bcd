import type { Hex } from 'viem';
import type { Call } from '../../infer/callModel.ts';
import type { Account, ChannelStore } from '../../pay/ChannelStore.ts';
import type * as Export from './Export.ts';
import type { Writer } from './openExport.ts';

/** A channel store that also writes into the buyer's export: first the store, then the copy. */
export function recordChannels(store: ChannelStore, writer: Writer): ChannelStore {
  const written = new Set<Hex>();
  return {
    all: store.all,
    get: store.get,
    async put(account) {
      await store.put(account);
      await writer.append(written.has(account.channelId) ? [toBalance(account)] : toEntries(account));
      written.add(account.channelId);
    },
  };
}

/** A buyer's channel as lines of an export. */
export function toEntries(account: Account): readonly Export.Entry[] {
  return [{ kind: 'channel', id: account.channelId, config: account.config }, toBalance(account)];
}

/** A call's receipt as a line of the export of who paid. */
export function toReceived(call: Pick<Call, 'logIndex' | 'salt' | 'receipt' | 'proof'>): Export.Entry {
  const { logIndex: index, salt, receipt, proof } = call;
  return { kind: 'received', index, salt, receipt, proof };
}

function toBalance({ channelId, balance, charged, signed, closed }: Account): Export.Entry {
  return { kind: 'balance', channelId, balance, charged, signed, closed };
}
