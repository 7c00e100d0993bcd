import { concat } from 'viem/utils';
import { keccak } from '../../internal/Hash.ts';
import * as Terms from '../../license/Terms.ts';
import { type Admission, type Call, interpret, nobody, reservation, ticketOf } from './Admission.ts';
import type { Claim } from './claimOf.ts';
import type { Deps } from './Deps.ts';
import type { Offer } from './offer.ts';
import { ProblemError } from './Problem.ts';

/**
 * Admits a call that a licence covers, or that costs nothing, at no price; undefined when it is to be paid by the prices
 * of use: because the licence is the permission only, or because its quota is used up and the terms sell more.
 */
export async function admitLicence(deps: Deps, offer: Offer, claim: Claim, call: Call): Promise<Admission | undefined> {
  const { terms, prices } = claim.listing;
  const covered = Terms.coverage(terms, prices);
  if (covered === 'none' && offer.bound > 0n) return undefined;
  const { licence, holder, token } = claim.signIn;
  const { start: run, quotaGranted: granted, quotaSettled: settled } = claim.held;
  const known = { rail: 'licence', account: licence, payer: holder, agent: nobody, settleFirst: undefined } as const;
  const ticket = ticketOf(deps, offer, call, known);
  const admitted = await deps.ledger.admit({
    ...reservation(deps, offer, ticket),
    bound: 0n,
    authority: keccak(concat([token, ticket.requestId])),
    ...(covered === 'quota' ? { quota: { run, granted, settled } } : {}),
  });
  if (admitted.status !== 'exhausted') return interpret(deps, offer, admitted, ticket);
  if (Terms.sellsUse(terms, prices)) return undefined;
  throw new ProblemError(403, `The licence covers ${granted} calls, and all are used.`, {
    code: 'licence.quota',
    hint: 'Renew the licence: each period grants its quota again.',
    docsPath: 'license.md',
  });
}
