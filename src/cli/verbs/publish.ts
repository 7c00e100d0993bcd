import { resolve } from 'node:path';
import { explain } from '../../chain/explain.ts';
import { BaseError } from '../../internal/Errors.ts';
import * as Right from '../../license/Right.ts';
import * as Terms from '../../license/Terms.ts';
import * as Asset from '../../publish/Asset.ts';
import * as Lineage from '../../publish/Lineage.ts';
import { readFolder } from '../../publish/readFolder.ts';
import { approve } from '../approve.ts';
import { openSigning } from '../openMarket.ts';
import { noteModel } from '../ownModels.ts';
import { publishFolder } from '../publishFolder.ts';
import { readAccounts } from '../readAccounts.ts';
import { findListing } from '../readListings.ts';
import { attach, readParents } from '../readParents.ts';
import * as TermsOptions from '../TermsOptions.ts';
import type { Run } from '../Verb.ts';

/** `agorai publish <folder>`: a model or dataset with its terms, in one transaction. Started again, it finds what is there. */
export const run: Run = async (context, [path = ''], options) => {
  const prices = TermsOptions.prices(options);
  if (options.free !== true && prices.perCall + prices.perInputToken + TermsOptions.price(options) === 0n)
    throw new NoPriceError();
  const allowed = await readAccounts(options.allow);
  const folder = await readFolder(path);
  const { card, manifest, files } = folder;
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  context.progress(`  manifest   ${files.size} files · ${(bytes / 1e6).toFixed(1)} MB · root ${manifest.root}`);
  const market = await openSigning(context, options, 'seller');
  const needed = card.kind === 'model' ? Right.ofRoute(card.route) : 'train';
  const { token: currency, allowList } = market.addresses;
  const terms = TermsOptions.terms(options, { needed, currency, prices, allowList, allowed });
  const sentence = Terms.sentence(terms, prices);
  context.progress(`  terms      ${sentence}`);
  const parents = await readParents(context.home, market, options.parent);
  const update =
    typeof options.update === 'string' ? (await findListing(context.home, market, options.update)).asset.id : undefined;

  const publication = { kind: Asset.indexOf(card.kind), manifestRoot: manifest.root, uri: 'agorai:' };
  const sentences =
    update === undefined
      ? [explain('Assets.publish', [publication, [{}]]), sentence, ...describe(parents)]
      : [explain('Assets.update', [update, manifest.root, publication.uri, [{}]]), sentence];
  if (!(await approve(context, { question: `Publish ${card.name}`, amount: 0n, sentences }))) {
    return { value: { dryRun: true, manifestRoot: manifest.root, sentences }, text: 'Nothing was done.' };
  }
  const result = await publishFolder({
    ...{ home: context.home, market, folder, terms, prices },
    ...(update === undefined ? {} : { update }),
    attachments: attach(market.addresses, parents),
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

function describe(parents: readonly Lineage.Edge[]): readonly string[] {
  if (parents.length === 0) return [];
  return [Lineage.sentence(parents.map((parent) => ({ ...parent, asset: parent.terms.asset })))];
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
