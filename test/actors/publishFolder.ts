import { vaultsAbi } from '../../src/chain/abi/index.ts';
import { openEngines } from '../../src/infer/engines/openEngine.ts';
import type { Upstream } from '../../src/infer/engines/Upstream.ts';
import type { Listing } from '../../src/infer/Listing.ts';
import type * as Prices from '../../src/license/Prices.ts';
import * as Right from '../../src/license/Right.ts';
import * as Terms from '../../src/license/Terms.ts';
import * as Asset from '../../src/publish/Asset.ts';
import { publishAsset } from '../../src/publish/publishAsset.ts';
import type { Folder } from '../../src/publish/readFolder.ts';
import { encodeAttachment } from '../../src/settle/Split.ts';
import { payees, type World } from './startWorld.ts';

/** Publishes a folder with an offer and a split in one transaction, and opens its engines: a listing for each route. */
export async function publishFolder(world: World, folder: Folder, options: publishFolder.Options) {
  const { addresses, people } = world;
  const { rights, prices, upstream, price, period } = options;
  const { card, manifest } = folder;
  const terms = Terms.from({
    rights: Right.setOf(rights),
    currency: addresses.token,
    prices,
    ...(price === undefined ? {} : { price, period: period ?? 30 * 86_400 }),
  });
  const { id: asset } = await publishAsset(await world.connect('seller'), {
    addresses,
    publication: {
      kind: card.kind,
      manifestRoot: manifest.root,
      salt: Asset.noSalt,
      uri: `agorai:${manifest.root}`,
    },
    attachments: [
      { module: addresses.licenses, data: Terms.encodeAttachment([{ terms, prices }]) },
      { module: addresses.vaults, data: encodeAttachment(payees(people), 30) },
    ],
  });
  const sold = { ...terms, asset, version: 1 };
  const payTo = await world.client.readContract({
    address: addresses.vaults,
    abi: vaultsAbi,
    functionName: 'payoutOf',
    args: [BigInt(people.seller.address)],
  });
  const engines = await openEngines({ ...folder, upstream });
  const listing = (engine: Listing['engine']): Listing => ({
    model: card.name,
    asset,
    version: 1,
    manifestRoot: manifest.root,
    termsId: Terms.idOf(addresses, sold),
    terms: sold,
    prices,
    token: addresses.token,
    payTo,
    engine,
  });
  const [first, ...others] = engines;
  return { listings: [listing(first), ...others.map(listing)] as const, terms: sold };
}

export declare namespace publishFolder {
  type Options = {
    readonly rights: readonly Right.Right[];
    readonly prices: Prices.Prices;
    readonly upstream?: Upstream;
    /** Price of a licence in atoms, and its period in seconds, a month unless given. */
    readonly price?: bigint;
    readonly period?: number;
  };
}
