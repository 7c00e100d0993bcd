/** Appends a version to an asset, exactly once. */
import type { Account, Hash, Hex } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { assetsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';
import { waitForPending } from '../chain/waitForPending.ts';
import * as Asset from './Asset.ts';
import { readRoot } from './readRoot.ts';

/**
 * Appends a version with its attachments. Versions have no identity of their own, so a repeated run is recognised by
 * the content: when the latest version already has this root, it is the one that was wanted.
 */
export async function updateAsset(
  client: Client<Account>,
  options: updateAsset.Options,
): Promise<updateAsset.ReturnType> {
  const { addresses, asset, manifestRoot, uri, attachments = [] } = options;
  Asset.assert({ manifestRoot, uri });
  const registry = { address: addresses.assets, abi: assetsAbi } as const;

  await waitForPending(client);
  const latest = await client.readContract({ ...registry, functionName: 'versionOf', args: [asset] });
  const root = await readRoot(client, { addresses, asset, version: latest });
  if (root === manifestRoot) return { version: latest, status: 'found' };
  const { hash } = await send(client, {
    ...registry,
    functionName: 'update',
    args: [asset, manifestRoot, uri, [...attachments]],
  });
  const version = await client.readContract({ ...registry, functionName: 'versionOf', args: [asset] });
  return { version, status: 'updated', hash };
}

export declare namespace updateAsset {
  type Options = {
    readonly addresses: Addresses;
    readonly asset: bigint;
    readonly manifestRoot: Hex;
    readonly uri: string;
    /** Offers for the new version; carried out in the same transaction. */
    readonly attachments?: readonly Asset.Attachment[];
  };
  type ReturnType =
    | { readonly version: number; readonly status: 'found' }
    | { readonly version: number; readonly status: 'updated'; readonly hash: Hash };
}
