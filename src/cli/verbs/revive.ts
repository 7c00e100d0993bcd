import { explain } from '../../chain/explain.ts';
import * as Amount from '../../internal/Amount.ts';
import { reviveToken } from '../../license/reviveToken.ts';
import { approve } from '../approve.ts';
import { openSigning } from '../openMarket.ts';
import { NotHeldError, readHeld } from '../readHeld.ts';
import { findListing, nameOf } from '../readListings.ts';
import type { Run } from '../Verb.ts';

/** `agorai revive <asset>`: pays the royalty that a licence owes since it was transferred outside of a sale. */
export const run: Run = async (context, [reference = ''], options) => {
  const market = await openSigning(context, options, 'buyer');
  const { client, addresses } = market;
  const listing = await findListing(context.home, market, reference);
  const name = nameOf(listing);
  const tokens = (await readHeld(market, listing.asset.id)).flatMap(({ token }) => token ?? []);
  const token = tokens.find(({ isInert }) => isInert) ?? tokens[0];
  if (!token) throw new NotHeldError(name, 'revived');
  const { tokenId, royalty, isInert } = token;
  if (!isInert)
    return { value: { tokenId, paid: 0n, transaction: null }, text: `Your licence of ${name} owes nothing.` };
  const sentences = [explain('Resales.revive', [tokenId])];
  const question = `Pay the royalty of your licence of ${name}`;
  if (!(await approve(context, { question, amount: royalty, sentences })))
    return { value: { dryRun: true, tokenId, price: royalty, sentences }, text: 'Nothing was done.' };
  const { paid, hash } = await reviveToken(client, { addresses, tokenId, maxPrice: royalty });
  return {
    value: { tokenId, paid, transaction: hash ?? null },
    text: `Paid ${Amount.format(paid)}; your licence of ${name} is of use again.`,
  };
};
