import { CallError } from '../../infer/CallError.ts';
import type { Call } from '../../infer/callModel.ts';
import * as Amount from '../../internal/Amount.ts';
import { callListing, lineOf } from '../callListing.ts';
import { findServed } from '../findGateway.ts';
import * as Input from '../Input.ts';
import { openSigning } from '../openMarket.ts';
import { readDigit } from '../readDigit.ts';
import { findListing } from '../readListings.ts';
import { signInFor } from '../signInFor.ts';
import type { Run } from '../Verb.ts';

const defaultMaxPrice = '0.01';

/** `agorai call <asset> [input...]`: one answer of a model, covered by a licence or paid from the deposit. */
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

  const call = await callSignedIn({ home: context.home, market, served, input, maxPrice });
  context.progress(`— ${lineOf(call)}`);
  const { body, cost, bound, weights, hash, receipt, logIndex } = call;
  return {
    value: { body, cost, bound, weights, receiptHash: hash, logIndex, receipt },
    text: Input.describe(input, body),
  };
};

/** Calls with a sign-in where a licence stands for it. One that the gateway no longer takes is made anew, once. */
async function callSignedIn(options: callListing.Options): Promise<Call> {
  const token = await signInFor(options);
  return await callListing({ ...options, token }).catch(async (error: unknown) => {
    const isOver = error instanceof CallError && /^(signin\.invalid|licence\.(required|asset))$/.test(error.code);
    if (token === undefined || !isOver) throw error;
    return await callListing({ ...options, token: await signInFor({ ...options, anew: true }) });
  });
}
