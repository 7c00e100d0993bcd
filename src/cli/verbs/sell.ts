import * as Amount from '../../internal/Amount.ts';
import * as Json from '../../internal/Json.ts';
import { writeFileAtomic } from '../../internal/node/files.ts';
import { signSale } from '../../license/signSale.ts';
import * as Terms from '../../license/Terms.ts';
import { approve } from '../approve.ts';
import { openSigning } from '../openMarket.ts';
import { NotHeldError, readHeld } from '../readHeld.ts';
import { findListing, nameOf } from '../readListings.ts';
import * as Time from '../Time.ts';
import type { Run } from '../Verb.ts';

/** `agorai sell <asset> <dollars>`: signs a sale of a licence, for whoever gets the file. No transaction is sent. */
export const run: Run = async (context, [reference = '', dollars = ''], options) => {
  const price = Amount.fromDollars(dollars);
  const lasts = Terms.parseDuration(typeof options.for === 'string' ? options.for : '7d');
  const market = await openSigning(context, options, 'buyer');
  const { client, addresses } = market;
  const listing = await findListing(context.home, market, reference);
  const name = nameOf(listing);
  const held = (await readHeld(market, listing.asset.id)).find(({ token }) => token !== undefined);
  if (!held?.token) throw new NotHeldError(name, 'sold');
  const { tokenId } = held.token;
  const { timestamp } = await client.getBlock();
  const validUntil = Number(timestamp) + lasts;
  const sentences = [
    `Let whoever has this message buy your licence of ${name} for ${Amount.format(price)}, royalty included, until ${Time.format(validUntil)}.`,
  ];
  if (
    !(await approve(context, {
      question: `Sell ${name} for ${Amount.format(price)}; signing costs`,
      amount: 0n,
      sentences,
    }))
  )
    return { value: { dryRun: true, tokenId, price, sentences }, text: 'Nothing was done.' };
  const signed = await signSale(client, { addresses, tokenId, price, validUntil });
  const file = typeof options.to === 'string' ? options.to : `sale-${name}.json`;
  await writeFileAtomic(file, `${Json.stringify(signed, 2)}\n`, { mode: 0o600 });
  context.progress(`  next       the buyer runs: agorai buy ${name} --sale ${file}`);
  return { value: { ...signed, file }, text: `Signed a sale of ${name} for ${Amount.format(price)} into ${file}.` };
};
