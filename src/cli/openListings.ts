/** Opens what a gateway serves: engines with the published weights, and the offers of the chain that they stand under. */

import type { Address } from 'viem';
import { vaultsAbi } from '../chain/abi/index.ts';
import type { Engine } from '../infer/Engine.ts';
import { openEngines } from '../infer/engines/openEngine.ts';
import type { Listing } from '../infer/Listing.ts';
import { BaseError } from '../internal/Errors.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';
import * as Right from '../license/Right.ts';
import { type Offer, readOffers } from '../license/readOffers.ts';
import * as Asset from '../publish/Asset.ts';
import { readFolder } from '../publish/readFolder.ts';
import { readLineage } from '../publish/readLineage.ts';
import { readRoot } from '../publish/readRoot.ts';
import type * as Config from './Config.ts';
import type { Market } from './openMarket.ts';

/**
 * One listing for each route of a model. A model is refused when its bytes are not those published under its version,
 * or when no standing offer of this seller grants a right that its engine needs.
 */
export async function openListings(
  market: Market,
  config: Pick<Config.Gateway, 'seller' | 'models'>,
): Promise<readonly Listing[]> {
  const listings: Listing[] = [];
  for (const model of config.models) listings.push(...(await openModel(market, config.seller, model)));
  return listings;
}

/**
 * Where calls are paid: one address for all of a seller's models, so that a buyer deposits once. What names parents is
 * paid at its own address, where the chain passes their shares on.
 */
export async function payToOf({ client, addresses }: Market, seller: Address, asset: bigint): Promise<Address> {
  const { parents } = await readLineage(client, { addresses, asset });
  const account = parents.length > 0 ? asset : BigInt(seller);
  return client.readContract({
    address: addresses.vaults,
    abi: vaultsAbi,
    functionName: 'payoutOf',
    args: [account],
  });
}

async function openModel(
  market: Market,
  seller: Address,
  { folder, asset, version, upstream }: Config.Gateway['models'][number],
): Promise<readonly Listing[]> {
  const { client, addresses } = market;
  const files = await readFolder(folder);
  const root = await readRoot(client, { addresses, asset, version });
  if (root !== files.manifest.root) throw new NotPublishedError(files.card.name, asset, version);
  const payTo = await payToOf(market, seller, asset);
  const engines = await openEngines({ ...files, upstream });
  const offers = await readOffers(client, { addresses, asset });
  const { parents } = await readLineage(client, { addresses, asset });
  const listing = (engine: Engine): Listing => {
    const offer = offers.filter((candidate) => fits(candidate, seller, version, engine.rights)).at(-1);
    if (!offer) throw new NoOfferError(files.card.name, engine.rights);
    return {
      model: files.card.name,
      asset,
      version,
      manifestRoot: files.manifest.root,
      termsId: offer.termsId,
      terms: offer.terms,
      prices: offer.prices,
      token: offer.terms.currency,
      payTo,
      engine,
      // Parents take their part when money matures, where no credit note reaches it.
      refundable: parents.length === 0,
    };
  };
  try {
    return engines.map(listing);
  } catch (error) {
    for (const engine of engines) await engine.close();
    throw error;
  }
}

function fits(offer: Offer, expected: Address, version: number, rights: Engine['rights']): boolean {
  const { standing, seller, terms } = offer;
  const own = isSameAddress(seller, expected);
  return standing && own && terms.version === version && rights.some((right) => Right.has(terms.rights, right));
}

/** The files are not those of the published version. */
export class NotPublishedError extends BaseError {
  override readonly name = 'openListings.NotPublishedError';
  constructor(name: string, asset: bigint, version: number) {
    super(`The files of ${name} are not those published as version ${version} of ${Asset.toHex(asset)}.`, {
      code: 'weights.not_published',
      docsPath: 'infer.md',
      hint: `Restore the files, or publish them as a new version: agorai publish <folder> --update ${Asset.short(asset)}`,
    });
  }
}

/** No offer of the chain lets buyers use the route. */
export class NoOfferError extends BaseError {
  override readonly name = 'openListings.NoOfferError';
  constructor(name: string, rights: Engine['rights']) {
    super(`No standing offer of ${name} grants the right to ${rights.map(Right.describe).join(' or to ')}.`, {
      code: 'license.no-offer',
      docsPath: 'license.md',
      hint: `Offer one: agorai publish <folder> --rights ${rights[0]}`,
    });
  }
}
