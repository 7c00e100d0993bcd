/** Buys a licence from its owner, by the sale that the owner signed into a file. */
import { explain } from '../chain/explain.ts';
import * as Amount from '../internal/Amount.ts';
import { BaseError } from '../internal/Errors.ts';
import * as Json from '../internal/Json.ts';
import { buySale } from '../license/buySale.ts';
import { readOffers } from '../license/readOffers.ts';
import { readToken } from '../license/readToken.ts';
import * as Sale from '../license/Sale.ts';
import { approve } from './approve.ts';
import type { Signing } from './openMarket.ts';
import { readGiven } from './readAccounts.ts';
import { type Listing, nameOf } from './readListings.ts';
import * as Time from './Time.ts';
import type { Context, Result } from './Verb.ts';

/** The sale must be of a licence of the asset that was named: a file says what its author likes. */
export async function buyFromOwner(
  context: Context,
  { client, addresses }: Signing,
  listing: Listing,
  file: string,
): Promise<Result> {
  const signed = await readSale(file);
  const { sale } = signed;
  const name = nameOf(listing);
  const [token, offers] = await Promise.all([
    readToken(client, { addresses, tokenId: sale.tokenId }),
    readOffers(client, { addresses, asset: listing.asset.id }),
  ]);
  if (!token || !offers.some(({ termsId }) => termsId === token.termsId))
    throw new SaleError(`it is of no licence of ${name}`);
  if (!token.licence.valid) throw new SaleError('the licence has ended');
  const sentences = [explain('Resales.resell', [sale, signed.signature, client.account.address])];
  const plan = { question: `Buy a licence of ${name} from ${token.owner}`, amount: sale.price, sentences };
  if (!(await approve(context, plan)))
    return { value: { dryRun: true, ...sale, sentences }, text: 'Nothing was done.' };
  const bought = await buySale(client, { addresses, signed, maxPrice: sale.price });
  const { licence, tokenId } = bought.token;
  return {
    value: { tokenId, holder: client.account.address, ...licence, paid: bought.paid, transaction: bought.hash ?? null },
    text: `Bought ${name} for ${Amount.format(bought.paid)}, valid ${Time.lasting(licence)}.`,
  };
}

async function readSale(file: string): Promise<Sale.Signed> {
  const text = await readGiven(file);
  let value: unknown;
  try {
    value = Json.parse(text);
  } catch {
    throw new SaleError('the file is no JSON');
  }
  const parsed = Sale.schema.safeParse(value);
  if (!parsed.success) throw new SaleError('the file is not what agorai sell writes');
  return parsed.data;
}

/** A sale that is not carried out. */
export class SaleError extends BaseError {
  override readonly name = 'buyFromOwner.SaleError';
  constructor(reason: string) {
    super(`The sale is not taken: ${reason}.`, {
      code: 'usage.sale',
      hint: 'Ask the owner for a new one: agorai sell',
    });
  }
}
