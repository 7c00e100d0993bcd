/** Publishes an asset in one transaction, exactly once. */
import type { Account, Hash } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { assetsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { RevertedError, send } from '../chain/send.ts';
import { waitForPending } from '../chain/waitForPending.ts';
import * as Asset from './Asset.ts';

/**
 * Publishes an asset with its attachments. The id is known beforehand, so a run that was interrupted at any point is
 * repeated: it waits for what is under way and finds what is there, and never mints twice.
 */
export async function publishAsset(
  client: Client<Account>,
  options: publishAsset.Options,
): Promise<publishAsset.ReturnType> {
  const { addresses, publication, attachments = [] } = options;
  Asset.assert(publication);
  const registry = { chainId: addresses.chainId, assets: addresses.assets };
  const id = Asset.idOf(registry, client.account.address, publication);

  await waitForPending(client);
  if (await isPublished(client, addresses, id)) return { id, status: 'found' };
  const { kind, ...rest } = publication;
  try {
    const { hash } = await send(client, {
      address: addresses.assets,
      abi: assetsAbi,
      functionName: 'publish',
      args: [{ kind: Asset.indexOf(kind), ...rest }, [...attachments]],
    });
    return { id, status: 'published', hash };
  } catch (error) {
    // Another run of the same person was faster.
    if (error instanceof RevertedError && error.errorName === 'Assets_AlreadyPublished') return { id, status: 'found' };
    throw error;
  }
}

export declare namespace publishAsset {
  type Options = {
    readonly addresses: Addresses;
    readonly publication: Asset.Publication;
    /** Offers, a split; carried out in the same transaction. They do nothing when the asset is there already. */
    readonly attachments?: readonly Asset.Attachment[];
  };
  type ReturnType =
    | { readonly id: bigint; readonly status: 'found' }
    | { readonly id: bigint; readonly status: 'published'; readonly hash: Hash };
}

async function isPublished(client: Client, addresses: Addresses, id: bigint): Promise<boolean> {
  const version = await client.readContract({
    address: addresses.assets,
    abi: assetsAbi,
    functionName: 'versionOf',
    args: [id],
  });
  return version > 0;
}
