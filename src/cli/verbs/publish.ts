import { resolve } from 'node:path';
import { explain } from '../../chain/explain.ts';
import * as Amount from '../../internal/Amount.ts';
import { BaseError } from '../../internal/Errors.ts';
import * as Prices from '../../license/Prices.ts';
import * as Right from '../../license/Right.ts';
import * as Terms from '../../license/Terms.ts';
import * as Asset from '../../publish/Asset.ts';
import { readFolder } from '../../publish/readFolder.ts';
import { approve } from '../approve.ts';
import { openSigning } from '../openMarket.ts';
import { noteModel } from '../ownModels.ts';
import { publishFolder } from '../publishFolder.ts';
import { findListing } from '../readListings.ts';
import type { Options, Run } from '../Verb.ts';

/** `agorai publish <folder>`: a model or dataset with its terms, in one transaction. Started again, it finds what is there. */
export const run: Run = async (context, [path = ''], options) => {
  const prices = pricesOf(options);
  if (options.free !== true && prices.perCall + prices.perInputToken + dollars(options.price) === 0n)
    throw new NoPriceError();
  const folder = await readFolder(path);
  const { card, manifest, files } = folder;
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  context.progress(`  manifest   ${files.size} files · ${(bytes / 1e6).toFixed(1)} MB · root ${manifest.root}`);
  const market = await openSigning(context, options, 'seller');
  const needed = card.kind === 'model' ? Right.ofRoute(card.route) : 'train';
  const terms = termsOf(options, needed, market.addresses.token, prices);
  const sentence = Terms.sentence(terms, prices);
  context.progress(`  terms      ${sentence}`);
  const update =
    typeof options.update === 'string' ? (await findListing(context.home, market, options.update)).asset.id : undefined;

  const publication = { kind: Asset.indexOf(card.kind), manifestRoot: manifest.root, uri: 'agorai:' };
  const sentences =
    update === undefined
      ? [explain('Assets.publish', [publication, [{}]]), sentence]
      : [explain('Assets.update', [update, manifest.root, publication.uri, [{}]]), sentence];
  if (!(await approve(context, { question: `Publish ${card.name}`, amount: 0n, sentences }))) {
    return { value: { dryRun: true, manifestRoot: manifest.root, sentences }, text: 'Nothing was done.' };
  }
  const result = await publishFolder({
    ...{ home: context.home, market, folder, terms, prices },
    ...(update === undefined ? {} : { update }),
  });
  const { id, version, status, termsId, uri, hash } = result;
  await noteModel(context.home, market.person, { folder: resolve(path), asset: id, version, name: card.name });
  const did = status === 'found' ? 'Found' : 'Published';
  context.progress(`  next       agorai show ${Asset.short(id)}; the market serves it from its next start: agorai up`);
  return {
    value: { id: Asset.toHex(id), version, status, termsId, uri, transaction: hash ?? null },
    text: `${did} ${card.name} version ${version} as ${Asset.toHex(id)}.`,
  };
};

/** Prices are kept per million units, so that the price of a single token can be below one atom. */
function pricesOf(options: Options): Prices.Prices {
  return Prices.from({
    perCall: dollars(options.perCall) * 1_000_000n,
    perInputToken: dollars(options.perMillionTokens),
  });
}

function termsOf(options: Options, needed: Right.Right, currency: `0x${string}`, prices: Prices.Prices): Terms.Terms {
  const price = dollars(options.price);
  const names = typeof options.rights === 'string' ? options.rights.split(',') : [needed];
  const period = typeof options.period === 'string' ? options.period : '30d';
  return Terms.from({
    rights: Right.setOf(names.map((name) => Right.parse(name.trim()))),
    price,
    // Without a licence to sell there is nothing that could end.
    period: price === 0n ? 0 : Terms.parseDuration(period),
    currency,
    prices,
  });
}

function dollars(option: string | boolean | undefined): bigint {
  return typeof option === 'string' ? Amount.fromDollars(option) : 0n;
}

/** A forgotten price would give the model away, and terms cannot be changed under those who took it. */
export class NoPriceError extends BaseError {
  override readonly name = 'publish.NoPriceError';
  constructor() {
    super('No price was named.', {
      code: 'usage.price',
      hint: 'Name --price, --per-call or --per-million-tokens, or give it away with --free',
    });
  }
}
