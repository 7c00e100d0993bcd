import { stringToBytes } from 'viem/utils';
import { BaseError } from '../../internal/Errors.ts';
import * as Json from '../../internal/Json.ts';
import type { Units } from '../Engine.ts';
import * as Meter from '../Meter.ts';
import type { Ticket } from './Admission.ts';
import type { Deps } from './Deps.ts';
import { failure, finish, type Result } from './finish.ts';
import type { Offer } from './offer.ts';
import { served } from './respond.ts';
import { settled } from './settled.ts';

/** What an engine is asked, and when to stop. */
export type Work = {
  readonly input: unknown;
  /** Units that were reserved. */
  readonly most: Units;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** Closes the connection of the client. */
  readonly cut: () => void;
};

/** Serves an admitted request and commits how it ended. Whatever happens, it ends with exactly one receipt. */
export async function serve(deps: Deps, offer: Offer, ticket: Ticket, work: Work): Promise<Response> {
  const { progress, refused } = await settled(deps, ticket);
  const result = refused ?? (await run(deps, offer, work));
  deps.at('served');
  const end = { prices: offer.quote.quote, bound: offer.bound, paid: refused === undefined };
  const receipt = await finish(deps, ticket, result, end);
  deps.at('committed');
  return served(deps, offer, ticket, { answer: result.answer, receipt, transaction: progress?.transaction });
}

async function run(deps: Deps, offer: Offer, work: Work): Promise<Result> {
  const timeout = AbortSignal.timeout(deps.limits.serviceMs);
  try {
    const signal = AbortSignal.any([work.signal, timeout, deps.closing]);
    const { engine } = offer.listing;
    const answer = await engine.run(work.input, signal);
    const body = stringToBytes(Json.stringify(answer.body));
    const units = Meter.within(answer.units, work.most);
    return { answer: { status: 200, contentType: 'application/json', body }, units, status: 'OK' };
  } catch (error) {
    return failed(deps, offer, { error, gone: work.signal.aborted, late: timeout.aborted });
  }
}

/** Why an engine gave no answer. */
export function failed(
  deps: Deps,
  { listing }: Offer,
  { error, gone, late }: { error: unknown; gone: boolean; late: boolean },
): Result {
  if (gone) return failure(499, 'request.aborted', 'The client went away.', 'CLIENT_ABORT');
  if (late) return failure(504, 'engine.timeout', 'The model took too long.', 'TIMEOUT');
  // An engine's message may quote the prompt, so only its kind is logged.
  deps.log.error({ code: 'engine.failed', model: listing.model, reason: kindOf(error) }, 'engine failed');
  return failure(502, 'engine.failed', 'The model failed to answer. You are not charged, or get your money back.');
}

function kindOf(error: unknown): string {
  if (error instanceof BaseError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}
