import * as Json from '../../internal/Json.ts';
import { plain } from '../../internal/Text.ts';
import * as Prices from '../../license/Prices.ts';
import * as X402 from '../../pay/X402.ts';
import { NO_UNITS } from '../Engine.ts';
import type { Listing } from '../Listing.ts';
import * as Meter from '../Meter.ts';
import { admit } from './admit.ts';
import type { Deps } from './Deps.ts';
import { limits } from './Limits.ts';
import { type Offer, paymentRequired } from './offer.ts';
import { ProblemError, toResponse } from './Problem.ts';
import { listLog, listModels } from './publicRoutes.ts';
import { readBody } from './readBody.ts';
import { refundChannel } from './refundChannel.ts';
import { ownHeaders, replayed, served } from './respond.ts';
import { serve } from './serve.ts';

/** The gateway's handler on Web standards. */
export type App = (request: Request) => Promise<Response>;

/** Creates the handler: public routes are free, the routes of the listings are paid. */
export function createApp(deps: Deps): App {
  let inFlight = 0;
  return async (request) => {
    const id = crypto.randomUUID();
    inFlight++;
    try {
      return guarded(await route(deps, request, inFlight));
    } catch (error) {
      if (!(error instanceof ProblemError)) deps.log.warn({ request: id, code: codeOf(error) }, 'request refused');
      return guarded(toResponse(error, id));
    } finally {
      inFlight--;
    }
  };
}

/** Nothing that is answered is a page, and nothing is for a cache. */
function guarded(response: Response): Response {
  response.headers.set('x-content-type-options', 'nosniff');
  response.headers.set('cache-control', 'no-store');
  return response;
}

async function route(deps: Deps, request: Request, inFlight: number): Promise<Response> {
  const url = new URL(request.url);
  if (request.method === 'GET') {
    if (url.pathname === '/healthz') return Response.json({ status: 'ok' });
    if (url.pathname === '/v1/models') return listModels(deps);
    if (url.pathname === '/v1/log') return listLog(deps, url.searchParams);
  }
  if (request.method === 'POST' && url.pathname === '/v1/refund') return refundChannel(deps, request);
  const listings = deps.listings.filter((listing) => listing.engine.route === url.pathname);
  if (listings.length === 0)
    throw new ProblemError(404, `There is no ${url.pathname} here.`, { code: 'route.unknown' });
  if (request.method === 'GET') return probe(deps, request, url, listings);
  if (request.method !== 'POST') {
    throw new ProblemError(405, `${url.pathname} takes POST.`, { code: 'route.method' });
  }
  if (inFlight > limits.concurrency || deps.closing.aborted) {
    throw new ProblemError(503, 'The gateway is busy.', { code: 'gateway.busy', retryAfter: 1 });
  }
  return paidCall(deps, request, url, listings);
}

/** A GET on a paid route: the terms of the cheapest call, or a stock client's request for a refund of its channel. */
function probe(deps: Deps, request: Request, url: URL, listings: readonly Listing[]): Promise<Response> | Response {
  if (request.headers.has(X402.headers.signature)) return refundChannel(deps, request);
  const listing = listings.find((candidate) => candidate.model === url.searchParams.get('model')) ?? listings[0];
  if (!listing) throw new ProblemError(404, 'There is nothing for sale here.', { code: 'route.unknown' });
  const quote = deps.quotes.take(listing);
  const bound = Prices.costUp(quote.quote, Meter.of({ ...NO_UNITS, inputTokens: 1n }));
  return paymentRequired(deps, { listing, quote, bound, url: url.href });
}

async function paidCall(deps: Deps, request: Request, url: URL, listings: readonly Listing[]): Promise<Response> {
  const body = await readBody(request);
  const { listing, input } = choose(listings, body);
  const named = request.headers.get(ownHeaders.quote) ?? undefined;
  const quote = deps.quotes.take(listing, named);
  const bound = Prices.costUp(quote.quote, Meter.of(listing.engine.bound(input)));
  const offer: Offer = { listing, quote, bound, url: url.href };

  const header = request.headers.get(X402.headers.signature);
  if (header === null) return paymentRequired(deps, offer);
  const payment = X402.parsePayment(header);
  const key = keyOf(request);
  const admission = await admit(deps, offer, payment, { key, method: request.method, path: url.pathname, body });
  if ('answer' in admission) return admission.answer;
  if ('replay' in admission) return replayed(deps, admission.replay);
  const { ticket } = admission;
  return served(deps, offer, ticket, await serve(deps, offer, ticket, { input, signal: request.signal }));
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

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'internal';
}
