import { explain } from '../../chain/explain.ts';
import * as Amount from '../../internal/Amount.ts';
import { BaseError } from '../../internal/Errors.ts';
import { buyLicence } from '../../license/buyLicence.ts';
import { readLicence } from '../../license/readLicence.ts';
import type { Offer } from '../../license/readOffers.ts';
import * as Terms from '../../license/Terms.ts';
import type * as Export from '../../settle/exit/Export.ts';
import { approve } from '../approve.ts';
import { openSigning, type Signing } from '../openMarket.ts';
import { openOwnExport } from '../openWallet.ts';
import { findListing, type Listing, nameOf } from '../readListings.ts';
import * as Time from '../Time.ts';
import type { Context, Run } from '../Verb.ts';

/** `agorai buy <asset>`: one period of its licence. A licence that is valid is found, and nothing is paid. */
export const run: Run = async (context, [reference = ''], options) => {
  const market = await openSigning(context, options, 'buyer');
  const { client, addresses } = market;
  const listing = await findListing(context.home, market, reference);
  const { terms, termsId } = licenceOf(listing);
  const holder = client.account.address;
  const name = nameOf(listing);
  const renew = options.renew === true;

  const present = await readLicence(client, { addresses, termsId, holder });
  if (present.valid && !renew) {
    const text = `You hold a licence of ${name} ${lasting(present)}.`;
    return { value: { termsId, holder, ...present, paid: 0n }, text };
  }
  const plan = {
    question: `Buy ${terms.period === 0 ? 'a licence' : Terms.duration(terms.period)} of ${name}`,
    amount: terms.price,
    sentences: [explain('Licenses.buyWithAuthorization', [terms, holder, { from: holder }])],
  };
  if (!(await approve(context, plan))) {
    return {
      value: { dryRun: true, termsId, price: terms.price, sentences: plan.sentences },
      text: 'Nothing was done.',
    };
  }
  const { licence, paid, hash } = await buyLicence(client, { addresses, terms, maxPrice: terms.price, renew });
  if (hash !== undefined) await keep(context, market, { kind: 'licence', holder, terms, transaction: hash });
  const text = `Bought ${name} for ${Amount.format(paid)}, valid ${lasting(licence)}.`;
  return { value: { termsId, holder, ...licence, paid, transaction: hash ?? null }, text };
};

/** What was bought is part of what the buyer can prove without anybody. */
async function keep({ home }: Context, market: Signing, entry: Export.Entry): Promise<void> {
  await (await openOwnExport(home, market)).append([entry]);
}

/** The offer that sells a licence; the newest where there are several. */
function licenceOf(listing: Listing): Offer {
  const offer = listing.offers.filter(({ terms }) => Terms.sellsLicence(terms)).at(-1);
  if (!offer) throw new NoLicenceError(nameOf(listing), listing.offers.length > 0);
  return offer;
}

function lasting({ end, forever }: { readonly end: number; readonly forever: boolean }): string {
  return forever ? 'for ever' : `until ${Time.format(end)}`;
}

/** The asset needs no licence, or cannot be bought. */
export class NoLicenceError extends BaseError {
  override readonly name = 'buy.NoLicenceError';
  constructor(name: string, isOffered: boolean) {
    super(isOffered ? `${name} needs no licence: every call is paid for.` : `${name} is not on offer.`, {
      code: 'license.none',
      ...(isOffered ? { hint: `Call it: agorai call ${name}` } : {}),
    });
  }
}
