import { concat } from 'viem/utils';
import { keccak } from '../../internal/Hash.ts';
import { recover } from '../../internal/node/secp256k1.ts';
import * as FreeCall from '../FreeCall.ts';
import { type Admission, type Call, interpret, nobody, reservation, ticketOf } from './Admission.ts';
import type { Deps } from './Deps.ts';
import { listingOf, type Offer } from './offer.ts';
import { ProblemError } from './Problem.ts';

/**
 * Admits a call that the seller gives away: signed by the address whose grant it takes, for this gateway, this day and
 * this very request, with work done for it. One nonce admits one request.
 */
export async function admitFree(deps: Deps, offer: Offer, header: string, call: Call): Promise<Admission> {
  if (!deps.free) throw refused('nothing is given away here');
  const signed = FreeCall.parse(header);
  const free = { ...signed, listing: listingOf(offer.listing) };
  if (free.day !== FreeCall.dayOf(deps.now())) throw refused('it is for another day');
  const work = FreeCall.workOf(free);
  if (!FreeCall.hasWork(work, deps.free.difficulty)) throw refused('the work is missing');
  const digest = FreeCall.digest(
    free,
    { audience: deps.origin, request: FreeCall.requestHash(call) },
    deps.seller.domain,
  );
  if (recover(digest, signed.signature) !== free.payer) throw refused('the payer did not sign it');
  const account = keccak(concat([free.payer, free.listing]));
  const known = { rail: 'free', account, payer: free.payer, agent: nobody, settleFirst: undefined } as const;
  const ticket = ticketOf(deps, offer, call, { ...known, requestId: work });
  const admitted = await deps.ledger.admit({
    ...reservation(deps, offer, ticket),
    bound: 0n,
    authority: work,
    quota: { run: free.day, granted: BigInt(deps.free.callsPerDay) },
  });
  if (admitted.status !== 'exhausted') return interpret(deps, offer, admitted, ticket);
  throw new ProblemError(429, `${free.payer} had its ${deps.free.callsPerDay} free calls of today.`, {
    code: 'free.exhausted',
    hint: 'Pay for the call, or come back after midnight UTC.',
    docsPath: 'infer.md',
  });
}

function refused(reason: string): ProblemError {
  return new ProblemError(403, `The free call is refused: ${reason}.`, {
    code: 'free.refused',
    hint: 'The 402 answer says what is given away, and what it takes.',
    docsPath: 'infer.md',
  });
}
