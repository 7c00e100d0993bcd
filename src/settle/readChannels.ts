import type { Address, PublicClient } from 'viem';
import { channelsAbi } from '../chain/abi/index.ts';
import type * as Ledger from '../pay/Ledger.ts';

/** A client, and where the settlement contract is. */
export type Place = {
  readonly client: Pick<PublicClient, 'readContract'>;
  readonly config: { readonly addresses: { readonly settlement: Address } };
};

/** Channels with the balance and the claimed total that the chain has now: the ledger may be behind. */
export async function readChannels(
  { client, config }: Place,
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
