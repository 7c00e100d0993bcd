import { join } from 'node:path';
import { zeroAddress } from 'viem';
import { vaultsAbi } from '../../src/chain/abi/index.ts';
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import type { Listing } from '../../src/infer/Listing.ts';
import * as Prices from '../../src/license/Prices.ts';
import * as Right from '../../src/license/Right.ts';
import * as Terms from '../../src/license/Terms.ts';
import * as Asset from '../../src/publish/Asset.ts';
import { publishAsset } from '../../src/publish/publishAsset.ts';
import { readFolder } from '../../src/publish/readFolder.ts';
import { encodeAttachment } from '../../src/settle/Split.ts';
import type { People, World } from './startWorld.ts';

/** $0.0002 a call, and $0.0001 a call plus $0.10 a million input tokens. */
export const prices = {
  digits: Prices.from({ perCall: 200_000_000n }),
  embeddings: Prices.from({ perCall: 100_000_000n, perInputToken: 100_000n }),
};

/** The models of a test. */
export type Model = keyof typeof prices;

/** 70 % for the owner of the account, 20 % for a contributor, 10 % for an evaluator, in the contract's order. */
export function payees(people: People) {
  return [
    { account: zeroAddress, bps: 7_000 },
    { account: people.contributor.address, bps: 2_000 },
    { account: people.evaluator.address, bps: 1_000 },
  ].sort((a, b) => (BigInt(a.account) < BigInt(b.account) ? -1 : 1));
}

/** Publishes a built-in model with an offer and a split in one transaction, and opens its engine. */
export async function publishModel(world: World, model: Model, options: { licensed?: boolean } = {}) {
  const { addresses, people } = world;
  const folder = await readFolder(join(import.meta.dirname, '../../models', model));
  const terms = Terms.from({
    rights: Right.setOf([model === 'digits' ? 'infer' : 'embed']),
    currency: addresses.token,
    prices: prices[model],
    ...(options.licensed ? { price: 50_000n, period: 30 * 86_400 } : {}),
  });
  const { id: asset } = await publishAsset(await world.connect('seller'), {
    addresses,
    publication: {
      kind: 'model',
      manifestRoot: folder.manifest.root,
      salt: Asset.noSalt,
      uri: `agorai:${folder.manifest.root}`,
    },
    attachments: [
      { module: addresses.licenses, data: Terms.encodeAttachment([{ terms, prices: prices[model] }]) },
      { module: addresses.vaults, data: encodeAttachment(payees(people), 30) },
    ],
  });
  const sold = { ...terms, asset, version: 1 };
  const listing: Listing = {
    model,
    asset,
    version: 1,
    manifestRoot: folder.manifest.root,
    termsId: Terms.idOf(addresses, sold),
    terms: sold,
    prices: prices[model],
    token: addresses.token,
    payTo: await world.client.readContract({
      address: addresses.vaults,
      abi: vaultsAbi,
      functionName: 'payoutOf',
      args: [BigInt(people.seller.address)],
    }),
    engine: await openEngine(folder),
  };
  return { listing, terms: sold };
}
