import * as Text from '../../internal/Text.ts';
import * as Terms from '../../license/Terms.ts';
import * as Asset from '../../publish/Asset.ts';
import * as Lineage from '../../publish/Lineage.ts';
import { readLineage } from '../../publish/readLineage.ts';
import { openMarket } from '../openMarket.ts';
import { findListing, type Listing, nameOf } from '../readListings.ts';
import type { Run } from '../Verb.ts';

/** `agorai show <asset>`: what it is, under which terms, and what proves it. */
export const run: Run = async (context, [reference = '']) => {
  const market = await openMarket(context);
  const listing = await findListing(context.home, market, reference);
  const { parents } = await readLineage(market.client, { addresses: market.addresses, asset: listing.asset.id });
  return { value: { ...toValue(listing), parents: parents.map(toParent) }, text: toText(listing, parents) };
};

function toText(listing: Listing, parents: readonly Lineage.Parent[]): string {
  const { asset, latest, content, offers } = listing;
  const card = content?.card;
  const lines = [
    `${nameOf(listing)}  ${card ? Text.plain(card.title) : ''}`,
    ...(card
      ? [Text.plain(card.summary, 1_000)]
      : ['Card and manifest are not at hand; the chain knows their hash only.']),
    '',
    `id        ${Asset.toHex(asset.id)}`,
    `version   ${latest.version}, weights ${latest.manifestRoot}`,
    `owner     ${asset.owner}`,
    ...(asset.duplicateOf === undefined
      ? []
      : [`note      ${Asset.toHex(asset.duplicateOf)} published the same content before`]),
    ...(parents.length > 0 ? [`made of   ${Lineage.sentence(parents)}`] : []),
    ...(card ? describeCard(card) : []),
    ...offers.flatMap(({ termsId, terms, prices }) => ['', `terms     ${termsId}`, Terms.sentence(terms, prices)]),
    ...(offers.length === 0 ? ['', 'It is not on offer.'] : []),
  ];
  return lines.join('\n');
}

function describeCard(card: NonNullable<Listing['content']>['card']): readonly string[] {
  const { evaluation } = card;
  return [
    ...(evaluation
      ? [
          `quality   ${Text.plain(evaluation.metric)} ${evaluation.value} on ${evaluation.samples} samples, stated by the publisher`,
        ]
      : []),
    ...(card.format === 'remote' ? ['weights   elsewhere, declared by the publisher and seen by nobody else'] : []),
    `licence   weights ${Text.plain(card.licence.weights)}, data ${Text.plain(card.licence.data)}`,
    ...card.limits.map((limit) => `limit     ${Text.plain(limit, 500)}`),
  ];
}

function toParent({ asset, ...rest }: Lineage.Parent) {
  return { ...rest, asset: Asset.toHex(asset) };
}

function toValue({ asset, latest, content, offers }: Listing) {
  return {
    ...asset,
    id: Asset.toHex(asset.id),
    duplicateOf: asset.duplicateOf === undefined ? null : Asset.toHex(asset.duplicateOf),
    version: latest.version,
    manifestRoot: latest.manifestRoot,
    card: content?.card ?? null,
    offers: offers.map(({ termsId, terms, prices }) => ({
      termsId,
      terms: { ...terms, asset: Asset.toHex(terms.asset) },
      prices,
      sentence: Terms.sentence(terms, prices),
    })),
  };
}
