import { type Address, type Hex, keccak256 } from 'viem';
import { concat, pad, toHex } from 'viem/utils';
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

/** Whether the contract offers such terms: it refuses what it does not enforce. */
function isEnforced({ quota, overageBps, seats }: Terms.Terms): boolean {
  return quota === 0n && overageBps === 0 && seats < 2;
}

/** Puts terms on offer, where the contract takes them. */
export async function offer(world: World, terms: Terms.Terms, prices: Prices.Prices): Promise<void> {
  const { addresses } = world;
  if (isEnforced(terms)) await offerTerms(await world.connect('seller'), { addresses, terms, prices });
}

/**
 * Gives the holder a licence: bought by the buyer, or, where the contract does not sell such terms, written into its
 * storage as a purchase would have.
 */
export async function holdLicence(world: World, terms: Terms.Terms, holder: Address): Promise<Hex> {
  const { addresses, client } = world;
  const termsId = Terms.idOf(addresses, terms);
  if (isEnforced(terms)) {
    await buyLicence(await world.connect('buyer'), { addresses, terms, maxPrice: terms.price, holder });
    return termsId;
  }
  const { timestamp } = await client.getBlock();
  const packed = timestamp | ((timestamp + BigInt(terms.period)) << 40n) | (BigInt(terms.seats) << 80n);
  await writeLicence(world, termsId, holder, packed);
  return termsId;
}

/** Takes a licence away on chain, as no function of the contract does. */
export function takeLicence(world: World, termsId: Hex, holder: Address): Promise<void> {
  return writeLicence(world, termsId, holder, 0n);
}

async function writeLicence({ addresses, client }: World, termsId: Hex, holder: Address, value: bigint): Promise<void> {
  const slotOf = (key: Hex, slot: Hex) => keccak256(concat([key, slot]));
  const slot = slotOf(pad(holder), slotOf(termsId, pad('0x01')));
  const params = [addresses.licenses, slot, toHex(value, { size: 32 })];
  await client.request({ method: 'anvil_setStorageAt', params } as never);
  await client.request({ method: 'evm_mine', params: [] } as never);
}
