/** Reads what is published from the events of the `Assets` contract. */
import type { Address } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { assetsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { readEvents } from '../chain/readEvents.ts';
import * as Asset from './Asset.ts';

/** All assets, or those of one publisher, in the order of their publication. */
export async function readAssets(client: Client, options: readAssets.Options): Promise<readonly Asset.Asset[]> {
  const { addresses, publisher } = options;
  const query = { address: addresses.assets, abi: assetsAbi, fromBlock: addresses.deployedAtBlock } as const;
  const [published, updated, transferred, duplicates] = await Promise.all([
    readEvents(client, { ...query, eventName: 'Publish', args: publisher ? { publisher } : {} }),
    readEvents(client, { ...query, eventName: 'Update' }),
    readEvents(client, { ...query, eventName: 'Transfer' }),
    readEvents(client, { ...query, eventName: 'Duplicate' }),
  ]);
  const owners = new Map(transferred.map(({ args }) => [args.tokenId, args.to]));
  const firsts = new Map(duplicates.map(({ args }) => [args.asset, args.first]));
  const versions = new Map<bigint, Asset.Version[]>();
  for (const event of [...published.map((event) => ({ ...event, version: 1 })), ...updated.map(withVersion)]) {
    const { asset, manifestRoot, uri } = event.args;
    const known = versions.get(asset) ?? versions.set(asset, []).get(asset);
    const { blockNumber, transactionHash: transaction, version } = event;
    known?.push({ version, manifestRoot, uri, blockNumber, transaction });
  }
  return published.map(({ args }) => ({
    id: args.asset,
    kind: Asset.kindOf(args.kind),
    publisher: args.publisher,
    owner: owners.get(args.asset) ?? args.publisher,
    versions: versions.get(args.asset) ?? [],
    duplicateOf: firsts.get(args.asset),
  }));
}

export declare namespace readAssets {
  type Options = {
    readonly addresses: Addresses;
    /** Everybody unless given. */
    readonly publisher?: Address;
  };
}

function withVersion<event extends { args: { version: number } }>(event: event): event & { version: number } {
  return { ...event, version: event.args.version };
}
