import * as Json from '../../internal/Json.ts';
import type { Deps } from './Deps.ts';
import { describe } from './offer.ts';
import { ProblemError } from './Problem.ts';

/** `GET /v1/models`: OpenAI's shape, with what is sold under `agorai`. */
export function listModels(deps: Deps): Response {
  const data = deps.listings.map((listing) => ({
    id: listing.model,
    object: 'model',
    created: 0,
    owned_by: deps.seller.address,
    agorai: { route: listing.engine.route, ...describe(deps, { listing, quote: deps.quotes.take(listing) }) },
  }));
  return json({ object: 'list', data });
}

/**
 * `GET /v1/log?from=N`: the published receipt log. It holds the hashes of all receipts in order, which are the leaves
 * under the anchored heads; what a receipt says is known to its buyer and the seller.
 */
export function listLog(deps: Deps, query: URLSearchParams): Response {
  const text = query.get('from') ?? '0';
  if (!/^(0|[1-9][0-9]{0,14})$/.test(text)) {
    throw new ProblemError(400, 'from is a position in the log.', { code: 'request.invalid' });
  }
  const from = Number(text);
  const rows = deps.ledger.receipts(from, deps.limits.logPage);
  return json({
    seller: deps.seller.address,
    log: deps.seller.log,
    size: deps.ledger.logSize(),
    from,
    leaves: rows.map((row) => row.hash),
  });
}

function json(value: unknown): Response {
  return new Response(Json.stringify(value), { headers: { 'content-type': 'application/json' } });
}
