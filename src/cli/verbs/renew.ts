import { explain } from '../../chain/explain.ts';
import * as Amount from '../../internal/Amount.ts';
import * as AllowList from '../../license/AllowList.ts';
import { buyLicence } from '../../license/buyLicence.ts';
import * as Terms from '../../license/Terms.ts';
import { approve } from '../approve.ts';
import { openSigning } from '../openMarket.ts';
import { keepLicence } from '../openWallet.ts';
import { readAccounts } from '../readAccounts.ts';
import { NotHeldError, readHeld } from '../readHeld.ts';
import { findListing, nameOf } from '../readListings.ts';
import * as Time from '../Time.ts';
import type { Run } from '../Verb.ts';

/** `agorai renew <asset>`: another period of a licence that is held, within its notice also when it is offered no more. */
export const run: Run = async (context, [reference = ''], options) => {
  const market = await openSigning(context, options, 'buyer');
  const { client, addresses } = market;
  const listing = await findListing(context.home, market, reference);
  const name = nameOf(listing);
  const held = (await readHeld(market, listing.asset.id)).find(({ licence }) => licence.valid && !licence.forever);
  if (!held) throw new NotHeldError(name, 'renewed');
  const { offer, holder } = held;
  const { terms, termsId } = offer;
  const sentences = [explain('Licenses.buyWithAuthorization', [terms, holder, { from: client.account.address }])];
  const plan = { question: `Renew ${name} by ${Terms.duration(terms.period)}`, amount: terms.price, sentences };
  if (!(await approve(context, plan)))
    return { value: { dryRun: true, termsId, price: terms.price, sentences }, text: 'Nothing was done.' };
  const list = await readAccounts(options.list);
  const { licence, paid, hash } = await buyLicence(client, {
    ...{ addresses, terms, holder, maxPrice: terms.price, renew: true },
    ...(list ? { shown: AllowList.show(list, holder) } : {}),
  });
  if (hash !== undefined) await keepLicence(context.home, market, { holder, terms, transaction: hash });
  return {
    value: { termsId, holder, ...licence, paid, transaction: hash ?? null },
    text: `Renewed ${name} for ${Amount.format(paid)}, valid ${Time.lasting(licence)}.`,
  };
};
