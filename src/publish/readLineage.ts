/** Reads what assets were made from, and what was made from them, from the events of the `Lineages` contract. */
import type { Addresses } from '../chain/Addresses.ts';
import { lineagesAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { readEvents } from '../chain/readEvents.ts';
import * as Lineage from './Lineage.ts';

/** The parents and the children of an asset. */
export async function readLineage(client: Client, options: readLineage.Options): Promise<readLineage.ReturnType> {
  const { addresses, asset } = options;
  const query = {
    address: addresses.lineages,
    abi: lineagesAbi,
    eventName: 'Derive',
    fromBlock: addresses.deployedAtBlock,
  } as const;
  const [up, down] = await Promise.all([
    readEvents(client, { ...query, args: { asset } }),
    readEvents(client, { ...query, args: { parent: asset } }),
  ]);
  const parents = up.map(({ args: { parent, relation, shareBps, termsId, licensee } }) => ({
    asset: parent,
    relation: Lineage.relationOf(relation),
    shareBps,
    termsId,
    licensee,
  }));
  return { parents, children: down.map(({ args }) => args.asset) };
}

export declare namespace readLineage {
  type Options = { readonly addresses: Addresses; readonly asset: bigint };
  type ReturnType = { readonly parents: readonly Lineage.Parent[]; readonly children: readonly bigint[] };
}
