import * as Amount from '../../internal/Amount.ts';
import * as Text from '../../internal/Text.ts';
import * as Prices from '../../license/Prices.ts';
import * as Terms from '../../license/Terms.ts';
import * as Asset from '../../publish/Asset.ts';
import { openMarket } from '../openMarket.ts';
import { type Listing, nameOf, readListings } from '../readListings.ts';
import * as Table from '../Table.ts';
import type { Run } from '../Verb.ts';

/** `agorai search [words...]`: everything published whose card or id holds all the words. */
export const run: Run = async (context, words) => {
  const listings = await readListings(context.home, await openMarket(context));
  const found = listings.filter((listing) => words.every((word) => textOf(listing).includes(word.toLowerCase())));
  if (found.length === 0) context.progress('Nothing is published that fits.');
  const rows = found.map((listing) => [
    nameOf(listing),
    Asset.short(listing.asset.id),
    listing.asset.kind,
    priceOf(listing),
    Text.plain(listing.content?.card.title ?? 'no card at hand', 60),
  ]);
  const header = ['NAME', 'ID', 'KIND', 'PRICE', 'TITLE'];
  return {
    value: found.map(toValue),
    text: Table.format(header, rows, Table.widthOf(context.environment)),
  };
};

function textOf({ asset, content }: Listing): string {
  const card = content?.card;
  const { name = '', title = '', summary = '' } = card ?? {};
  const task = card?.kind === 'model' ? card.task : '';
  return [Asset.toHex(asset.id), asset.kind, name, title, summary, task].join(' ').toLowerCase();
}

function priceOf({ offers }: Listing): string {
  if (offers.length === 0) return 'not on offer';
  return offers
    .map(({ terms, prices }) => {
      const period = terms.period === 0 ? '' : ` for ${Terms.duration(terms.period)}`;
      const use = Prices.describe(prices);
      if (!Terms.sellsLicence(terms)) return use;
      return `${Amount.format(terms.price)}${period}${use === 'free' ? '' : ` + ${use}`}`;
    })
    .join(' or ');
}

function toValue(listing: Listing) {
  const { asset, latest, content, offers } = listing;
  return {
    id: Asset.toHex(asset.id),
    name: content?.card.name ?? null,
    kind: asset.kind,
    title: content?.card.title ?? null,
    owner: asset.owner,
    version: latest.version,
    offers: offers.map(({ termsId, terms, prices }) => ({ termsId, price: terms.price, period: terms.period, prices })),
  };
}
