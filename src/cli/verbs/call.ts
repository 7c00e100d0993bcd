import * as Amount from '../../internal/Amount.ts';
import { callListing, lineOf } from '../callListing.ts';
import { findServed } from '../findGateway.ts';
import * as Input from '../Input.ts';
import { openSigning } from '../openMarket.ts';
import { readDigit } from '../readDigit.ts';
import { findListing } from '../readListings.ts';
import type { Run } from '../Verb.ts';

const defaultMaxPrice = '0.01';

/** `agorai call <asset> [input...]`: one answer of a model, paid from the deposit. */
export const run: Run = async (context, [reference = '', ...words], options) => {
  const maxPrice = Amount.fromDollars(typeof options.maxPrice === 'string' ? options.maxPrice : defaultMaxPrice);
  const market = await openSigning(context, options, 'buyer');
  const { asset, content } = await findListing(context.home, market, reference);
  const served = await findServed(context, options, asset.id);
  const { model } = served;
  const input =
    typeof options.input === 'string'
      ? Input.parse(options.input, model)
      : await Input.from({
          task: content?.card.task ?? '',
          model,
          words,
          sources: { digit: readDigit },
        });

  const call = await callListing({ home: context.home, market, served, input, maxPrice });
  context.progress(`— ${lineOf(call)}`);
  const { body, cost, bound, weights, hash, receipt, logIndex } = call;
  return {
    value: { body, cost, bound, weights, receiptHash: hash, logIndex, receipt },
    text: Input.describe(input, body),
  };
};
