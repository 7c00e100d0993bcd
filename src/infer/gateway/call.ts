import * as Json from '../../internal/Json.ts';
import { plain } from '../../internal/Text.ts';
import * as Prices from '../../license/Prices.ts';
import * as Terms from '../../license/Terms.ts';
import * as X402 from '../../pay/X402.ts';
import type { Units } from '../Engine.ts';
import * as FreeCall from '../FreeCall.ts';
import type { Listing } from '../Listing.ts';
import * as Meter from '../Meter.ts';
import type { Admission, Call } from './Admission.ts';
import { admit } from './admit.ts';
import { admitFree } from './admitFree.ts';
import { admitLicence } from './admitLicence.ts';
import { type Claim, claimOf } from './claimOf.ts';
import type { Deps } from './Deps.ts';
import { type Offer, paymentRequired } from './offer.ts';
import { ProblemError } from './Problem.ts';
import { readBody } from './readBody.ts';
import { ownHeaders, replayed } from './respond.ts';
import { serve } from './serve.ts';
import { serveStream, wantsStream } from './serveStream.ts';

/** A request on its connection. */
type Visit = { readonly request: Request; readonly url: URL; readonly cut: () => void };

/** A call of a model: covered by a licence or given away, else paid; then served, in one piece or as a stream. */
export async function call(deps: Deps, { request, url, cut }: Visit, listings: readonly Listing[]): Promise<Response> {
  const body = await readBody(request, deps.limits.bodyBytes);
  const { listing, input } = choose(listings, body);
  const streams = wantsStream(input);
  if (streams && !listing.engine.stream) {
    throw new ProblemError(400, `${listing.model} does not answer in pieces.`, {
      code: 'request.stream',
      hint: 'Leave out "stream", or set it to false.',
    });
  }
  const claim = await claimOf(deps, request, listing);
  const most = listing.engine.bound(input);
  const offer = offerOf(deps, request, url, {
    listing: claim?.listing ?? listing,
    most,
    signedIn: claim !== undefined,
  });
  const { method } = request;
  const { admission, isCovered } = await admitCall(deps, offer, claim, request, {
    key: keyOf(request),
    method,
    path: url.pathname,
    body,
  });
  if ('answer' in admission) return admission.answer;
  if ('replay' in admission) return replayed(deps, admission.replay);
  const taken = isCovered ? { ...offer, bound: 0n } : offer;
  const answer = streams ? serveStream : serve;
  return answer(deps, taken, admission.ticket, { input, most, signal: request.signal, cut });
}

type Asked = Pick<Offer, 'listing' | 'signedIn'> & { readonly most: Units };

function offerOf(deps: Deps, request: Request, url: URL, { listing, most, signedIn }: Asked): Offer {
  const quote = deps.quotes.take(listing, request.headers.get(ownHeaders.quote) ?? undefined);
  const bound = Prices.costUp(quote.quote, Meter.of(most));
  return { listing, quote, bound, url: url.href, signedIn };
}

/** A licence first, then what is given away, then money. */
async function admitCall(
  deps: Deps,
  offer: Offer,
  claim: Claim | undefined,
  { headers }: Request,
  asked: Call,
): Promise<{ admission: Admission; isCovered: boolean }> {
  const covered = claim && (await admitLicence(deps, offer, claim, asked));
  if (covered) return { admission: covered, isCovered: true };
  const free = headers.get(FreeCall.header);
  if (free !== null) return { admission: await admitFree(deps, offer, free, asked), isCovered: true };
  if (!Terms.sellsUse(offer.listing.terms, offer.listing.prices)) throw signInFirst(offer.listing);
  const header = headers.get(X402.headers.signature);
  const admission =
    header === null
      ? { answer: paymentRequired(deps, offer) }
      : await admit(deps, offer, X402.parsePayment(header), asked);
  return { admission, isCovered: false };
}

function signInFirst({ model }: Listing): ProblemError {
  return new ProblemError(401, `${model} is served to holders of a licence only, and single calls are not sold.`, {
    code: 'signin.required',
    hint: 'Sign in at POST /v1/signin and send the token as Bearer.',
    docsPath: 'infer.md',
  });
}

function choose(listings: readonly Listing[], body: Uint8Array): { listing: Listing; input: unknown } {
  const input = Json.parseBytes(body);
  const model = typeof input === 'object' && input !== null && 'model' in input ? input.model : undefined;
  const listing = listings.find((candidate) => candidate.model === model);
  if (!listing) {
    throw new ProblemError(404, `There is no model ${nameOf(model)} on this route.`, {
      code: 'model.unknown',
      hint: `Use one of: ${listings.map((candidate) => candidate.model).join(', ')}`,
    });
  }
  const parsed = listing.engine.inputSchema.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ProblemError(400, plain(`The request body is invalid: ${issue?.path.join('.')}: ${issue?.message}`), {
      code: 'request.invalid',
    });
  }
  return { listing, input: parsed.data };
}

function nameOf(model: unknown): string {
  return typeof model === 'string' ? `"${plain(model, 64)}"` : 'without a name';
}

function keyOf(request: Request): string | undefined {
  const key = request.headers.get(ownHeaders.key);
  if (key === null) return undefined;
  if (/^[A-Za-z0-9_.:-]{1,128}$/.test(key)) return key;
  throw new ProblemError(400, 'An idempotency key has 1 to 128 letters, digits or _ . : -', { code: 'request.key' });
}
