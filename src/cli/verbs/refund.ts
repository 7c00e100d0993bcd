import { explain } from '../../chain/explain.ts';
import * as Amount from '../../internal/Amount.ts';
import { leaveLicence, planLeave, type Step } from '../../license/leaveLicence.ts';
import { approve } from '../approve.ts';
import { openSigning } from '../openMarket.ts';
import { NotHeldError, readHeld } from '../readHeld.ts';
import { findListing, nameOf } from '../readListings.ts';
import * as Time from '../Time.ts';
import type { Run } from '../Verb.ts';

/** `agorai refund <asset>`: leaves a licence. What comes back is said first; where it takes three days, again then. */
export const run: Run = async (context, [reference = ''], options) => {
  const market = await openSigning(context, options, 'buyer');
  const { client, addresses } = market;
  const listing = await findListing(context.home, market, reference);
  const name = nameOf(listing);
  const all = (await readHeld(market, listing.asset.id)).filter(
    ({ token, licence, offer }) => !token && offer.terms.refundPolicy !== 0 && licence.seats > 0,
  );
  // One that runs or is being left before one that is over.
  const held = all.find(({ licence }) => licence.valid || licence.refundableUntil > licence.end) ?? all[0];
  if (!held) throw new NotHeldError(name, 'refunded');
  const { terms, termsId } = held.offer;

  const step = await planLeave(client, { addresses, terms });
  context.progress(`  refund     ${describe(step)}`);
  if (step.kind === 'wait') return { value: { termsId, ...step, transaction: null }, text: describe(step) };
  const sentences = [
    step.kind === 'leave'
      ? explain('Licenses.leave', [terms, client.account.address])
      : explain('Licenses.announceLeave', [terms]),
  ];
  if (!(await approve(context, { question: `Leave ${name}: ${describe(step)} This is`, amount: 0n, sentences }))) {
    return { value: { dryRun: true, termsId, ...step, sentences }, text: 'Nothing was done.' };
  }
  const { hash, ...done } = await leaveLicence(client, { addresses, terms });
  const text =
    done.kind === 'leave'
      ? `Left ${name}; ${Amount.format(done.refund)} came back.`
      : `Left ${name}. ${describe({ ...done, kind: 'wait' })}`;
  return { value: { termsId, ...done, transaction: hash ?? null }, text };
};

function describe({ kind, refund, leaveAt = 0 }: Step): string {
  const amount = Amount.format(refund);
  if (kind === 'leave') return `${amount} comes back now.`;
  if (kind === 'wait') return `${amount} can be taken at ${Time.format(leaveAt)}, with the same command.`;
  return `The licence ends now, and ${amount} or a little less can be taken at ${Time.format(leaveAt)}.`;
}
