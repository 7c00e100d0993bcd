import type { Address } from 'viem';
import { explain } from '../../chain/explain.ts';
import * as Amount from '../../internal/Amount.ts';
import { BaseError } from '../../internal/Errors.ts';
import { randomBytes32 } from '../../internal/randomBytes32.ts';
import * as AllowList from '../../license/AllowList.ts';
import { buyLicence } from '../../license/buyLicence.ts';
import { buyResellable } from '../../license/buyResellable.ts';
import * as Right from '../../license/Right.ts';
import { type Licence, readLicence } from '../../license/readLicence.ts';
import type { Offer } from '../../license/readOffers.ts';
import { startTrial } from '../../license/startTrial.ts';
import * as Terms from '../../license/Terms.ts';
import { approve } from '../approve.ts';
import { buyFromOwner } from '../buyFromOwner.ts';
import { openSigning, type Signing } from '../openMarket.ts';
import { keepLicence } from '../openWallet.ts';
import { readAccounts } from '../readAccounts.ts';
import { findListing, type Listing, nameOf } from '../readListings.ts';
import * as Time from '../Time.ts';
import type { Context, Options, Result, Run } from '../Verb.ts';
import { run as renew } from './renew.ts';

/**
 * `agorai buy <asset>`: one period of its licence. A licence that is valid is found, and nothing is paid; `--renew` is
 * `agorai renew`.
 */
export const run: Run = async (context, [reference = ''], options) => {
  if (options.renew === true) return renew(context, [reference], options);
  const market = await openSigning(context, options, 'buyer');
  const listing = await findListing(context.home, market, reference);
  if (typeof options.sale === 'string') return buyFromOwner(context, market, listing, options.sale);
  const offer = licenceOf(listing);
  const found = options.resellable === true ? undefined : await find(market, offer);
  if (found) {
    const text = `You hold a licence of ${nameOf(listing)} ${Time.lasting(found)}.`;
    return { value: { ...sideOf(market, offer), ...found, paid: 0n }, text };
  }
  return buy(context, market, { offer, name: nameOf(listing), options });
};

type Purchase = { readonly offer: Offer; readonly name: string; readonly options: Options };

async function buy(context: Context, market: Signing, { offer, name, options }: Purchase): Promise<Result> {
  const way = wayOf(market, offer, options);
  const { terms, termsId } = offer;
  if (Right.has(terms.rights, 'resell') && options.resellable !== true)
    context.progress('  note       it can be sold on only when it is bought with --resellable');
  const question = way.amount === 0n ? `Try ${name}` : `Buy ${periodOf(terms)} of ${name}`;
  const plan = { question, amount: way.amount, sentences: [way.sentence] };
  if (!(await approve(context, plan))) {
    const value = { dryRun: true, termsId, price: way.amount, sentences: plan.sentences };
    return { value, text: 'Nothing was done.' };
  }
  const { licence, paid, hash, holds: holder = market.client.account.address, ...rest } = await way.run();
  if (hash !== undefined && paid > 0n) await keepLicence(context.home, market, { holder, terms, transaction: hash });
  const did = paid > 0n ? `Bought ${name} for ${Amount.format(paid)}` : `You hold ${name}`;
  const text = `${did}, valid ${Time.lasting(licence)}.`;
  return { value: { ...sideOf(market, offer), ...licence, ...rest, paid, transaction: hash ?? null }, text };
}

type Way = {
  /** Atoms that it costs. */
  readonly amount: bigint;
  readonly sentence: string;
  run(): Promise<Omit<buyLicence.ReturnType, 'termsId'> & { readonly tokenId?: bigint; readonly holds?: Address }>;
};

/** How it is bought: tried, as a token that can be sold on, or as it is. */
function wayOf({ client, addresses }: Signing, { terms }: Offer, options: Options): Way {
  const holder = client.account.address;
  const maxPrice = terms.price;
  const shown = async () => {
    const list = await readAccounts(options.list);
    return list ? { shown: AllowList.show(list, holder) } : {};
  };
  if (options.trial === true)
    return {
      ...{ amount: 0n, sentence: explain('Licenses.startTrial', [terms]) },
      run: async () => ({ ...(await startTrial(client, { addresses, terms, ...(await shown()) })), paid: 0n }),
    };
  if (options.resellable === true)
    return {
      ...{
        amount: maxPrice,
        sentence: explain('Resales.buyWithAuthorization', [terms, holder, '0x', { from: holder }]),
      },
      async run() {
        const salt = options.another === true ? { salt: randomBytes32() } : {};
        const { token, ...bought } = await buyResellable(client, { addresses, terms, maxPrice, ...salt });
        return { ...bought, licence: token.licence, tokenId: token.tokenId, holds: token.holder };
      },
    };
  return {
    ...{ amount: maxPrice, sentence: explain('Licenses.buyWithAuthorization', [terms, holder, { from: holder }]) },
    run: async () => buyLicence(client, { addresses, terms, maxPrice, ...(await shown()) }),
  };
}

/** The licence that is there already. */
async function find(market: Signing, { termsId }: Offer): Promise<Licence | undefined> {
  const { client, addresses } = market;
  const licence = await readLicence(client, { addresses, termsId, holder: client.account.address });
  return licence.valid ? licence : undefined;
}

function sideOf({ client }: Signing, { termsId }: Offer) {
  return { termsId, holder: client.account.address };
}

/** The offer that sells a licence; the newest where there are several. */
function licenceOf(listing: Listing): Offer {
  const offer = listing.offers.filter(({ terms }) => Terms.sellsLicence(terms)).at(-1);
  if (!offer) throw new NoLicenceError(nameOf(listing), listing.offers.length > 0);
  return offer;
}

function periodOf({ period }: Terms.Terms): string {
  return period === 0 ? 'a licence' : Terms.duration(period);
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
