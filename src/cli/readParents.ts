/** The parents that a publication names, from words such as `breast-cancer:trained-on:20`. */
import type { Addresses } from '../chain/Addresses.ts';
import type * as Asset from '../publish/Asset.ts';
import * as Lineage from '../publish/Lineage.ts';
import type * as Home from './Home.ts';
import type { Signing } from './openMarket.ts';
import { NotHeldError, readHeld } from './readHeld.ts';
import { findListing, nameOf } from './readListings.ts';
import * as TermsOptions from './TermsOptions.ts';

/** One edge for each parent, under a licence that the person who signs holds. */
export async function readParents(
  home: Home.Home,
  market: Signing,
  option: string | boolean | undefined,
): Promise<readonly Lineage.Edge[]> {
  if (typeof option !== 'string') return [];
  return Promise.all(option.split(',').map((text) => readParent(home, market, text.trim())));
}

/** The attachment that names parents; none when there are none. */
export function attach({ lineages }: Addresses, parents: readonly Lineage.Edge[]): readonly Asset.Attachment[] {
  return parents.length === 0 ? [] : [{ module: lineages, data: Lineage.encodeAttachment(parents) }];
}

async function readParent(home: Home.Home, market: Signing, text: string): Promise<Lineage.Edge> {
  const [reference = '', name, percent = '', ...more] = text.split(':');
  const relation = Lineage.relations.find((known) => known === name);
  if (!relation || more.length > 0) throw new TermsOptions.OptionError('--parent', text);
  const shareBps = TermsOptions.bpsOf('--parent', percent);
  const listing = await findListing(home, market, reference);
  const held = await readHeld(market, listing.asset.id);
  const fitting = held.find(({ offer, licence, token }) => {
    return !token && licence.valid && Lineage.permits(relation, offer.terms);
  });
  if (!fitting) throw new NotHeldError(nameOf(listing), 'named by what is made from it');
  return { relation, shareBps, terms: fitting.offer.terms };
}
