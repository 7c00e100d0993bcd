import type { Address, PublicClient } from 'viem';
import { assetsAbi } from '../chain/abi/index.ts';
import * as Revert from '../chain/Revert.ts';

/** Who owns a vault account now: the seller that it is, or the owner of the asset; undefined for an unknown asset. */
export async function readOwner(
  client: Pick<PublicClient, 'readContract'>,
  assets: Address,
  account: bigint,
): Promise<Address | undefined> {
  if (account >> 160n === 0n) return `0x${account.toString(16).padStart(40, '0')}`;
  const contract = { address: assets, abi: assetsAbi } as const;
  return await client
    .readContract({ ...contract, functionName: 'ownerOf', args: [account] })
    .catch((error: unknown) => {
      if (Revert.fromError(error)) return undefined;
      throw error;
    });
}
