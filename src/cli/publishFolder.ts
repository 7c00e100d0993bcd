/** Publishes a model folder with one offer, or appends it as a version, exactly once. */
import type { Hash, Hex } from 'viem';
import { offerTerms } from '../license/offerTerms.ts';
import type * as Prices from '../license/Prices.ts';
import * as Terms from '../license/Terms.ts';
import * as Asset from '../publish/Asset.ts';
import * as Bundle from '../publish/Bundle.ts';
import { openContentStore } from '../publish/openContentStore.ts';
import { publishAsset } from '../publish/publishAsset.ts';
import type { Folder } from '../publish/readFolder.ts';
import { updateAsset } from '../publish/updateAsset.ts';
import * as Home from './Home.ts';
import type { Signing } from './openMarket.ts';

/**
 * Card and manifest are kept before the chain names them. The offer travels with the publication; when that was there
 * before, with another offer or none, the offer is made by itself.
 */
export async function publishFolder(options: publishFolder.Options): Promise<publishFolder.ReturnType> {
  const { home, market, folder, attachments = [] } = options;
  const { client, addresses } = market;
  const { manifest, files } = folder;
  const uri = await openContentStore(Home.sellerOf(home, market.person).content).put(Bundle.from(manifest, files));
  const offer = { terms: options.terms, prices: options.prices };
  // Behind the others: what an asset was made from limits its offers.
  const all = [...attachments, { module: addresses.licenses, data: Terms.encodeAttachment([offer]) }];
  const kind = folder.card.kind;

  const content = { addresses, manifestRoot: manifest.root, uri, attachments: all };
  const done =
    options.update === undefined
      ? await publishAsset(client, {
          ...content,
          publication: { kind, manifestRoot: manifest.root, salt: Asset.noSalt, uri },
        }).then((result) => ({ ...result, version: 1 }))
      : await updateAsset(client, { ...content, asset: options.update }).then((result) => ({
          ...result,
          id: options.update as bigint,
        }));
  const terms = { ...offer.terms, asset: done.id, version: done.version };
  const { termsId } = await offerTerms(client, { addresses, terms, prices: offer.prices });
  const hash = 'hash' in done ? { hash: done.hash } : {};
  return { id: done.id, version: done.version, status: done.status, termsId, uri, terms, ...hash };
}

export declare namespace publishFolder {
  type Options = {
    readonly home: Home.Home;
    readonly market: Signing;
    readonly folder: Folder;
    /** Terms of the offer; asset and version are put in. */
    readonly terms: Terms.Terms;
    readonly prices: Prices.Prices;
    readonly attachments?: readonly Asset.Attachment[];
    /** The asset that gets a version, instead of a new asset. */
    readonly update?: bigint;
  };
  type ReturnType = {
    readonly id: bigint;
    readonly version: number;
    readonly status: 'published' | 'updated' | 'found';
    readonly termsId: Hex;
    readonly uri: string;
    readonly terms: Terms.Terms;
    readonly hash?: Hash;
  };
}
