/** How a request is admitted, whatever it is paid with: its ticket, its reservation, and what the ledger says to it. */
import { randomBytes } from 'node:crypto';
import type { Address, Hex } from 'viem';
import { bytesToHex, concat, stringToHex } from 'viem/utils';
import { keccak } from '../../internal/Hash.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import * as Receipt from '../Receipt.ts';
import * as Context from './Context.ts';
import type { Deps } from './Deps.ts';
import { type Offer, paymentRequired, reasons } from './offer.ts';
import { ProblemError } from './Problem.ts';

/** A call as it came in. */
export type Call = {
  /** The client's idempotency key, undefined when it sent none. */
  readonly key: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
};

/** A request that may be served now. */
export type Ticket = {
  readonly requestId: Hex;
  readonly rail: Ledger.Rail;
  readonly account: Hex;
  readonly payer: Address;
  readonly context: Context.Context;
};

/** Either a ticket, or the answer to send instead: a 402, or the stored answer of the same request. */
export type Admission =
  | { readonly ticket: Ticket }
  | { readonly replay: Ledger.RequestRow }
  | { readonly answer: Response };

/** The agent of a payer that acts itself. */
export const nobody: Address = `0x${'0'.repeat(40)}`;

/** What is known of a request before it has a ticket. */
type Known = Pick<Ticket, 'rail' | 'account' | 'payer'> &
  Partial<Pick<Ticket, 'requestId'>> &
  Pick<Context.Context, 'agent' | 'settleFirst'>;

/** The ticket of a request: its id, and what must be known of it after a crash. */
export function ticketOf(deps: Deps, offer: Offer, request: Call, known: Known): Ticket {
  const { agent, settleFirst, ...ticket } = known;
  const requestId = requestIdOf(known, request);
  const requestHash = Receipt.requestHashOf(deps.saltOf(requestId), request);
  const startedAt = BigInt(Math.round(deps.now()));
  return { ...ticket, requestId, context: Context.from(offer, { agent, startedAt, requestHash, settleFirst }) };
}

/** What every admission has in common. */
export function reservation(deps: Deps, offer: Offer, ticket: Ticket) {
  const now = deps.now();
  const { context, ...known } = ticket;
  return {
    ...known,
    context: Context.serialize(context),
    bodyHash: context.requestHash,
    bound: offer.bound,
    now,
    leaseUntil: now + deps.limits.leaseMs,
  };
}

/** What becomes of a request that the ledger admitted or did not. */
export function interpret(deps: Deps, offer: Offer, admitted: Ledger.Admitted, ticket: Ticket): Admission {
  switch (admitted.status) {
    case 'admitted':
      deps.at('admitted');
      return { ticket };
    case 'replay':
      if (!admitted.request.answer) throw forgotten();
      return { replay: admitted.request };
    case 'conflict':
      throw new ProblemError(409, 'This request id was used for another request.', {
        code: 'request.conflict',
        hint: 'Use a new idempotency key for a new request.',
      });
    case 'running':
      throw new ProblemError(409, 'This request is still being served.', { code: 'request.running', retryAfter: 1 });
    case 'mismatch':
      return { answer: paymentRequired(deps, offer, reasons.mismatch, admitted.channel) };
    case 'insufficient':
      return { answer: paymentRequired(deps, offer, reasons.insufficient, admitted.channel) };
    case 'spent': {
      const channel = ticket.rail === 'channel' ? deps.ledger.channel(ticket.account) : undefined;
      return { answer: paymentRequired(deps, offer, channel ? reasons.mismatch : reasons.exactSpent, channel) };
    }
    case 'busy':
      return { answer: paymentRequired(deps, offer, reasons.busy) };
    case 'unconfirmed':
      throw new ProblemError(503, 'The deposit is not deep enough in the chain yet to be served on in full.', {
        code: 'payment.unconfirmed',
        hint: 'Repeat the same request with the same payment once a few more blocks have passed.',
        retryAfter: 2,
      });
    case 'exhausted':
      throw new ProblemError(403, 'Everything that was granted is used up.', { code: 'licence.quota' });
    case 'unknown':
    case 'dead':
    case 'leaving':
      return { answer: paymentRequired(deps, offer, reasons.unknown) };
  }
}

function forgotten(): ProblemError {
  return new ProblemError(410, 'This request was answered before, and its answer was lost with the ledger.', {
    code: 'request.forgotten',
    hint: 'It is not charged again. Use a new idempotency key to ask anew.',
  });
}

/** The request id: bound to the payer, so that nobody can occupy another's. Without a key every request is a new one. */
function requestIdOf({ payer, requestId }: Known, request: Call): Hex {
  if (requestId !== undefined) return requestId;
  if (request.key === undefined) return bytesToHex(randomBytes(32));
  return keccak(concat([payer, stringToHex(request.key)]));
}
