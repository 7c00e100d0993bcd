/** Terms on offer, of an asset that is published for them. */
import type { LocalAccount } from 'viem';
import type { Client } from '../../src/chain/client.ts';
import { offerTerms } from '../../src/license/offerTerms.ts';
import * as Prices from '../../src/license/Prices.ts';
import * as Right from '../../src/license/Right.ts';
import * as Terms from '../../src/license/Terms.ts';
import * as Asset from '../../src/publish/Asset.ts';
import { publishAsset } from '../../src/publish/publishAsset.ts';
import type { Market } from './startMarket.ts';

/** Publishes an asset for the seller, once, and offers such terms of it. */
export async function offerLicence(
  market: Market,
  seller: Client<LocalAccount>,
  options: Partial<Omit<Terms.Terms, 'pricesHash' | 'rights'>> & { readonly rights?: readonly Right.Right[] },
): Promise<Terms.Terms> {
  const { addresses } = market;
  const { id: asset } = await publishAsset(seller, {
    addresses,
    publication: { kind: 'model', manifestRoot: `0x${'7'.repeat(64)}`, salt: Asset.noSalt, uri: 'agorai:none' },
    attachments: [],
  });
  const prices = Prices.from({});
  const rights = Right.setOf(options.rights ?? ['infer']);
  const terms = Terms.from({
    currency: addresses.token,
    price: 50_000n,
    period: 1_000,
    ...options,
    rights,
    asset,
    version: 1,
    prices,
  });
  await offerTerms(seller, { addresses, terms, prices });
  return terms;
}
