import * as Prices from '../../license/Prices.ts';
import * as X402 from '../../pay/X402.ts';
import * as Challenge from '../Challenge.ts';
import { NO_UNITS } from '../Engine.ts';
import type { Listing } from '../Listing.ts';
import * as Meter from '../Meter.ts';
import { call } from './call.ts';
import type { Deps } from './Deps.ts';
import { paymentRequired } from './offer.ts';
import { ProblemError, toResponse } from './Problem.ts';
import { listLog, listModels } from './publicRoutes.ts';
import { refundChannel } from './refundChannel.ts';
import { signIn } from './signIn.ts';

/** The gateway's handler on Web standards. */
export type App = (request: Request, cut: Cut) => Promise<Response>;

/** Closes the connection of a request at once, for a client that takes nothing from it any more. */
export type Cut = () => void;

/** Creates the handler: public routes are free, the routes of the listings are paid. */
export function createApp(deps: Deps): App {
  return async (request, cut) => {
    const id = crypto.randomUUID();
    try {
      return guarded(await deps.inFlight.track(route(deps, request, cut)));
    } catch (error) {
      if (!(error instanceof ProblemError)) deps.log.warn({ request: id, code: codeOf(error) }, 'request refused');
      return guarded(toResponse(error, id));
    }
  };
}

/** Nothing that is answered is a page, and nothing is for a cache. */
function guarded(response: Response): Response {
  response.headers.set('x-content-type-options', 'nosniff');
  response.headers.set('cache-control', 'no-store');
  return response;
}

async function route(deps: Deps, request: Request, cut: Cut): Promise<Response> {
  const url = new URL(request.url);
  if (request.method === 'GET') {
    if (url.pathname === '/healthz') return Response.json({ status: 'ok' });
    if (url.pathname === '/v1/models') return listModels(deps);
    if (url.pathname === '/v1/log') return listLog(deps, url.searchParams);
  }
  if (request.method === 'POST' && url.pathname === '/v1/refund') return refundChannel(deps, request);
  if (request.method === 'POST' && url.pathname === Challenge.path) return signIn(deps, request);
  const listings = deps.listings.filter((listing) => listing.engine.route === url.pathname);
  if (listings.length === 0)
    throw new ProblemError(404, `There is no ${url.pathname} here.`, { code: 'route.unknown' });
  if (request.method === 'GET') return probe(deps, request, url, listings);
  if (request.method !== 'POST') {
    throw new ProblemError(405, `${url.pathname} takes POST.`, { code: 'route.method' });
  }
  if (deps.inFlight.count() >= deps.limits.concurrency || deps.closing.aborted) {
    throw new ProblemError(503, 'The gateway is busy.', { code: 'gateway.busy', retryAfter: 1 });
  }
  return call(deps, { request, url, cut }, listings);
}

/** A GET on a paid route: the terms of the cheapest call, or a stock client's request for a refund of its channel. */
function probe(deps: Deps, request: Request, url: URL, listings: readonly Listing[]): Promise<Response> | Response {
  if (request.headers.has(X402.headers.signature)) return refundChannel(deps, request);
  const listing = listings.find((candidate) => candidate.model === url.searchParams.get('model')) ?? listings[0];
  if (!listing) throw new ProblemError(404, 'There is nothing for sale here.', { code: 'route.unknown' });
  const quote = deps.quotes.take(listing);
  const bound = Prices.costUp(quote.quote, Meter.of({ ...NO_UNITS, inputTokens: 1n }));
  return paymentRequired(deps, { listing, quote, bound, url: url.href, signedIn: false });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'internal';
}
