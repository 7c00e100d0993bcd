import type { Hex } from 'viem';
import { stringToBytes } from 'viem/utils';
import { BaseError } from '../../internal/Errors.ts';
import * as Json from '../../internal/Json.ts';
import * as Prices from '../../license/Prices.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import * as Outbox from '../../pay/Outbox.ts';
import * as CreditNote from '../CreditNote.ts';
import { NO_UNITS, type Units } from '../Engine.ts';
import * as Meter from '../Meter.ts';
import * as Receipt from '../Receipt.ts';
import type { Ticket } from './admit.ts';
import { awaitProgress } from './awaitProgress.ts';
import * as Context from './Context.ts';
import type { Deps } from './Deps.ts';
import { limits } from './Limits.ts';
import type { Offer } from './offer.ts';
import { saltedHash } from './salts.ts';

/** Served and charged: the stored answer and its receipt. */
export type Served = {
  readonly answer: Ledger.Answer;
  readonly receipt: Ledger.ReceiptRow;
  readonly price: bigint;
  /** Transaction that settled an exact payment. */
  readonly transaction: Hex | undefined;
};

type Status = (typeof Receipt.statuses)[number];
type Result = { answer: Ledger.Answer; units: Units; status: Status };

/** Serves an admitted request and commits how it ended. Whatever happens, it ends with exactly one receipt. */
export async function serve(deps: Deps, offer: Offer, ticket: Ticket, request: serve.Request): Promise<Served> {
  const { settleFirst } = ticket.context;
  const progress = settleFirst ? await awaitProgress(deps, settleFirst) : undefined;
  const paid = progress?.state !== 'failed';
  const result = paid
    ? await work(deps, offer, request)
    : problem(402, 'payment.failed', `The payment was not accepted on chain: ${progress.error}`);
  deps.at('served');
  const cost = result.status === 'OK' ? Prices.costUp(offer.quote.quote, Meter.of(result.units)) : 0n;
  const receipt = await finish(deps, ticket, { result, cost, paid, bound: offer.bound });
  deps.at('committed');
  const { price } = Receipt.parse(receipt.body);
  return { answer: result.answer, receipt, price, transaction: progress?.transaction };
}

export declare namespace serve {
  type Request = {
    input: unknown;
    /** Aborted when the client goes away. */
    signal: AbortSignal;
  };
}

async function work(deps: Deps, offer: Offer, request: serve.Request): Promise<Result> {
  const timeout = AbortSignal.timeout(limits.serviceMs);
  try {
    const signal = AbortSignal.any([request.signal, timeout, deps.closing]);
    const { engine } = offer.listing;
    const answer = await engine.run(request.input, signal);
    const body = stringToBytes(Json.stringify(answer.body));
    const units = Meter.within(answer.units, engine.bound(request.input));
    return { answer: { status: 200, contentType: 'application/json', body }, units, status: 'OK' };
  } catch (error) {
    if (request.signal.aborted) return problem(499, 'request.aborted', 'The client went away.', 'CLIENT_ABORT');
    if (timeout.aborted) return problem(504, 'engine.timeout', 'The model took too long.', 'TIMEOUT');
    // An engine's message may quote the prompt, so only its kind is logged.
    deps.log.error({ code: 'engine.failed', model: offer.listing.model, reason: kindOf(error) }, 'engine failed');
    return problem(502, 'engine.failed', 'The model failed to answer. You are not charged, or get your money back.');
  }
}

type End = { result: Result; cost: bigint; paid: boolean; bound: bigint };

/**
 * Charges the cost, capped by the reservation. A channel is charged what was delivered. An exact payment has moved the
 * whole bound already, so its receipt says so and a credit note gives back what was not delivered.
 */
function finish(deps: Deps, ticket: Pick<Ticket, 'requestId' | 'rail' | 'context'>, end: End) {
  const { result, bound, paid } = end;
  const cost = end.cost < bound ? end.cost : bound;
  const moved = ticket.rail === 'exact' && paid;
  const credit = moved && result.status !== 'OK' ? bound : 0n;
  const elapsed = Math.round(deps.now()) - Number(ticket.context.startedAt);
  const totalMs = Math.min(Math.max(0, elapsed), 2 ** 32 - 1);
  return deps.committer.commit(
    {
      requestId: ticket.requestId,
      price: moved ? bound : cost,
      outcome: Receipt.statuses.indexOf(result.status),
      answer: result.answer,
      now: deps.now(),
      ...(credit > 0n ? { outbox: (hash: Hex) => creditRow(deps, ticket.requestId, hash, credit) } : {}),
    },
    Context.draft(ticket.context, {
      responseHash: saltedHash(deps.saltOf(ticket.requestId), result.answer.body),
      inputUnits: result.units.inputTokens + result.units.images,
      outputUnits: result.units.outputTokens,
      ttftMs: totalMs,
      totalMs,
    }),
  );
}

function creditRow(deps: Deps, requestId: Hex, receiptHash: Hex, amount: bigint): Ledger.OutboxRow {
  const signature = deps.sign(CreditNote.digest({ receipt: receiptHash, amount }, deps.seller.domain));
  return Outbox.row(CreditNote.outboxKind, { requestId, receiptHash, amount, signature });
}

function kindOf(error: unknown): string {
  if (error instanceof BaseError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}

function problem(status: number, code: string, title: string, outcome: Status = 'PROVIDER_ERROR'): Result {
  const body = stringToBytes(Json.stringify({ type: `agorai:problem/${code}`, title, status, code }));
  return { answer: { status, contentType: 'application/problem+json', body }, units: NO_UNITS, status: outcome };
}

/**
 * Ends requests that a killed process or an expired lease left open: not charged, with a receipt that says so. One
 * whose exact payment is still on its way stays open until the settler knows.
 */
export async function releaseExpired(deps: Deps, before: number): Promise<number> {
  let released = 0;
  for (const row of deps.ledger.expired(before)) {
    const context = Context.parse(row.context);
    const progress = context.settleFirst ? deps.progress.progressOf(context.settleFirst) : undefined;
    if (context.settleFirst && progress?.state !== 'confirmed' && progress?.state !== 'failed') continue;
    const result = problem(
      502,
      'request.lost',
      'The gateway stopped while it served this request. You are not charged, or get your money back.',
    );
    const ticket = { requestId: row.id, rail: row.rail, context };
    await finish(deps, ticket, { result, cost: 0n, paid: progress?.state !== 'failed', bound: row.bound });
    released++;
  }
  return released;
}
