import { channelsAbi } from '../../chain/abi/index.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import type { Context } from './Context.ts';

/** Channels with the balance and the claimed total that the chain has now: the ledger may be behind. */
export async function readChannels(
  { client, config }: Pick<Context, 'client' | 'config'>,
  channels: readonly Ledger.ChannelRow[],
): Promise<readonly Ledger.ChannelRow[]> {
  return await Promise.all(
    channels.map(async (channel) => {
      const [balance, claimed] = await client.readContract({
        address: config.addresses.settlement,
        abi: channelsAbi,
        functionName: 'channels',
        args: [channel.id],
      });
      return { ...channel, balance, claimed };
    }),
  );
}
