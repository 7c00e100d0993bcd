import type { Address } from 'viem';
import { erc20Abi } from 'viem';
import { channelsAbi } from '../chain/abi/index.ts';
import type { Place } from './readChannels.ts';

/** Atoms that a harvest would bring in: what lies at the payout address, and what was claimed for it. */
export async function readWaiting({ client, config }: Place, payout: Address, token: Address): Promise<bigint> {
  const [balance, [claimed, settled]] = await Promise.all([
    client.readContract({ address: token, abi: erc20Abi, functionName: 'balanceOf', args: [payout] }),
    client.readContract({
      address: config.addresses.settlement,
      abi: channelsAbi,
      functionName: 'receivers',
      args: [payout, token],
    }),
  ]);
  return balance + claimed - settled;
}
