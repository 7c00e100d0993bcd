/** What is for sale: assets of the chain, with cards where the home has them and the offers that stand. */
import { readdir } from 'node:fs/promises';
import { BaseError } from '../internal/Errors.ts';
import { isNotFound } from '../internal/node/files.ts';
import * as Text from '../internal/Text.ts';
import { type Offer, readOffers } from '../license/readOffers.ts';
import * as Asset from '../publish/Asset.ts';
import type * as Bundle from '../publish/Bundle.ts';
import { openContentStore } from '../publish/openContentStore.ts';
import { readAssets } from '../publish/readAssets.ts';
import * as Home from './Home.ts';
import type { Market } from './openMarket.ts';

/** An asset with what is known of it. */
export type Listing = {
  readonly asset: Asset.Asset;
  readonly latest: Asset.Version;
  /** Card and manifest of the latest version, checked against the chain; absent when no copy is at hand. */
  readonly content: Bundle.Content | undefined;
  /** Offers that stand. */
  readonly offers: readonly Offer[];
};

/** Everything that is published on the chain of the home. */
export async function readListings(home: Home.Home, market: Market): Promise<readonly Listing[]> {
  const [assets, offers, stores] = await Promise.all([
    readAssets(market.client, market),
    readOffers(market.client, market),
    openStores(home),
  ]);
  return Promise.all(
    assets.map(async (asset) => {
      const latest = Asset.latest(asset);
      const found = await Promise.all(stores.map((store) => store.get(latest)));
      const standing = offers.filter(({ terms, standing }) => standing && terms.asset === asset.id);
      return { asset, latest, content: found.find((content) => content !== undefined), offers: standing };
    }),
  );
}

/** Finds one asset by its name or by the beginning of its id. */
export async function findListing(home: Home.Home, market: Market, reference: string): Promise<Listing> {
  const listings = await readListings(home, market);
  const named = listings.filter(({ content }) => content?.card.name === reference);
  const ids = new Set(
    Asset.find(
      listings.map(({ asset }) => asset),
      reference,
    ).map(({ id }) => id),
  );
  const found = named.length > 0 ? named : listings.filter(({ asset }) => ids.has(asset.id));
  const [listing] = found;
  if (!listing) throw new NotFoundError(reference);
  if (found.length > 1) throw new AmbiguousError(reference, found);
  return listing;
}

/** The name of an asset's card, or the beginning of its id. */
export function nameOf({ asset, content }: Pick<Listing, 'asset' | 'content'>): string {
  return content ? Text.plain(content.card.name) : Asset.short(asset.id);
}

async function openStores(home: Home.Home) {
  const sellers = await readdir(Home.sellersOf(home)).catch((error: unknown) => {
    if (isNotFound(error)) return [];
    throw error;
  });
  return sellers.map((seller) => openContentStore(Home.sellerOf(home, seller).content));
}

/** No such asset. */
export class NotFoundError extends BaseError {
  override readonly name = 'readListings.NotFoundError';
  constructor(reference: string) {
    super(`There is no asset ${JSON.stringify(Text.plain(reference, 80))}.`, {
      code: 'asset.unknown',
      hint: 'Name it as in the list, or give at least four digits of its id: agorai search',
    });
  }
}

/** More than one asset. */
export class AmbiguousError extends BaseError {
  override readonly name = 'readListings.AmbiguousError';
  constructor(reference: string, found: readonly Listing[]) {
    super(`${found.length} assets are called ${JSON.stringify(Text.plain(reference, 80))}.`, {
      code: 'asset.ambiguous',
      metaMessages: found.map(({ asset }) => `${Asset.toHex(asset.id)} by ${asset.publisher}`),
      hint: 'Give more digits of the id you mean.',
    });
  }
}
