/** Reads what is published from the events of the `Assets` contract. */

import type { Address, Hex } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { assetsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { readEvents } from '../chain/readEvents.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';
import * as Asset from './Asset.ts';

/** All assets, or those of one publisher, in the order of their publication. */
export async function readAssets(client: Client, options: readAssets.Options): Promise<readonly Asset.Asset[]> {
  const { addresses, publisher } = options;
  const query = { address: addresses.assets, abi: assetsAbi, fromBlock: addresses.deployedAtBlock } as const;
  const [published, updated, transferred] = await Promise.all([
    readEvents(client, { ...query, eventName: 'Publish' }),
    readEvents(client, { ...query, eventName: 'Update' }),
    readEvents(client, { ...query, eventName: 'Transfer' }),
  ]);
  const owners = new Map(transferred.map(({ args }) => [args.tokenId, args.to]));
  const copied = findCopies([...published, ...updated]);
  const versions = new Map<bigint, Asset.Version[]>();
  for (const event of [...published.map((event) => ({ ...event, version: 1 })), ...updated.map(withVersion)]) {
    const { asset, manifestRoot, uri } = event.args;
    const known = versions.get(asset) ?? versions.set(asset, []).get(asset);
    const { blockNumber, transactionHash: transaction, version } = event;
    known?.push({ version, manifestRoot, uri, blockNumber, transaction });
  }
  const own = published.filter(({ args }) => !publisher || isSameAddress(args.publisher, publisher));
  return own.map(({ args }) => ({
    id: args.asset,
    kind: Asset.kindOf(args.kind),
    publisher: args.publisher,
    owner: owners.get(args.asset) ?? args.publisher,
    versions: versions.get(args.asset) ?? [],
    duplicateOf: copied.get(args.asset),
  }));
}

export declare namespace readAssets {
  type Options = {
    readonly addresses: Addresses;
    /** Everybody unless given. */
    readonly publisher?: Address;
  };
}

type Named = {
  readonly args: { readonly asset: bigint; readonly manifestRoot: Hex };
  readonly blockNumber: bigint;
  readonly logIndex: number;
};

/** By asset, the one that was the first to name a content that it names too. */
function findCopies(events: readonly Named[]): ReadonlyMap<bigint, bigint> {
  const ordered = events.toSorted((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex);
  const firsts = new Map<Hex, bigint>();
  const copied = new Map<bigint, bigint>();
  for (const { args } of ordered) {
    const first = firsts.get(args.manifestRoot) ?? args.asset;
    firsts.set(args.manifestRoot, first);
    if (first !== args.asset) copied.set(args.asset, first);
  }
  return copied;
}

function withVersion<event extends { args: { version: number } }>(event: event): event & { version: number } {
  return { ...event, version: event.args.version };
}
