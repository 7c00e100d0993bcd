/** Reads the manifest root of a version. The chain stores that of an update; that of version 1 is in its event. */
import type { Hex } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { assetsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { readEvents } from '../chain/readEvents.ts';

/** The root of a version, undefined when there is no such version. */
export async function readRoot(client: Client, options: readRoot.Options): Promise<Hex | undefined> {
  const { addresses, asset, version } = options;
  const registry = { address: addresses.assets, abi: assetsAbi } as const;
  if (version === 1) {
    const query = { ...registry, eventName: 'Publish', fromBlock: addresses.deployedAtBlock } as const;
    const [published] = await readEvents(client, { ...query, args: { asset } });
    return published?.args.manifestRoot;
  }
  const root = await client.readContract({ ...registry, functionName: 'rootOf', args: [asset, version] });
  return BigInt(root) === 0n ? undefined : root;
}

export declare namespace readRoot {
  type Options = { readonly addresses: Addresses; readonly asset: bigint; readonly version: number };
}
