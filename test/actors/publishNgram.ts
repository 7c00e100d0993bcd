import type { Address, Hex } from 'viem';
import { vaultsAbi } from '../../src/chain/abi/index.ts';
import type { Listing } from '../../src/infer/Listing.ts';
import { buyLicence } from '../../src/license/buyLicence.ts';
import { offerTerms } from '../../src/license/offerTerms.ts';
import * as Prices from '../../src/license/Prices.ts';
import * as Right from '../../src/license/Right.ts';
import * as Terms from '../../src/license/Terms.ts';
import * as Asset from '../../src/publish/Asset.ts';
import { publishAsset } from '../../src/publish/publishAsset.ts';
import { manifestRoot, openNgram, type Pace } from './ngram.ts';
import type { World } from './startWorld.ts';

/** One atom for a token that is read and two for one that is written. */
export const tokenPrices = Prices.from({ perInputToken: 1_000_000n, perOutputToken: 2_000_000n });

/** A month for five cents, which covers every call. */
export const monthly = { price: 50_000n, period: 30 * 86_400 } as const;

/** Publishes the model of `ngram.ts` for both of its routes, under terms that differ from pay by the token as given. */
export async function publishNgram(world: World, options: publishNgram.Options = {}) {
  const { addresses, people, client } = world;
  const { pace, prices = tokenPrices, rights = ['infer'], ...rest } = options;
  const { id: asset } = await publishAsset(await world.connect('seller'), {
    addresses,
    publication: { kind: 'model', manifestRoot, salt: Asset.noSalt, uri: `agorai:${manifestRoot}` },
    attachments: [],
  });
  const terms = Terms.from({
    asset,
    version: 1,
    rights: Right.setOf(rights),
    currency: addresses.token,
    prices,
    ...rest,
  });
  await offer(world, terms, prices);
  const payTo = await client.readContract({
    address: addresses.vaults,
    abi: vaultsAbi,
    functionName: 'payoutOf',
    args: [BigInt(people.seller.address)],
  });
  const listings = (['chat', 'text'] as const).map(
    (kind): Listing => ({
      model: 'ngram',
      asset,
      version: 1,
      manifestRoot,
      termsId: Terms.idOf(addresses, terms),
      terms,
      prices,
      token: addresses.token,
      payTo,
      engine: openNgram(kind, pace),
    }),
  );
  return { asset, terms, prices, listings, termsId: Terms.idOf(addresses, terms) };
}

export declare namespace publishNgram {
  type Options = Partial<Omit<Terms.Terms, 'pricesHash' | 'rights'>> & {
    prices?: Prices.Prices;
    rights?: readonly Right.Right[];
    pace?: Pace;
  };
}

/** Puts terms on offer. */
export async function offer(world: World, terms: Terms.Terms, prices: Prices.Prices): Promise<void> {
  await offerTerms(await world.connect('seller'), { addresses: world.addresses, terms, prices });
}

/** Gives the holder a licence, which the buyer pays. */
export async function holdLicence({ addresses, connect }: World, terms: Terms.Terms, holder: Address): Promise<Hex> {
  const purchase = { addresses, terms, maxPrice: terms.price, holder };
  return (await buyLicence(await connect('buyer'), purchase)).termsId;
}
