import type { Hex } from 'viem';
import { stringToBytes } from 'viem/utils';
import * as Json from '../../internal/Json.ts';
import * as Prices from '../../license/Prices.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import * as Outbox from '../../pay/Outbox.ts';
import * as CreditNote from '../CreditNote.ts';
import { NO_UNITS, type Units } from '../Engine.ts';
import * as Meter from '../Meter.ts';
import * as Receipt from '../Receipt.ts';
import type { Ticket } from './Admission.ts';
import * as Context from './Context.ts';
import type { Deps } from './Deps.ts';
import { ProblemError, problemBody } from './Problem.ts';

/** How a request went. */
export type Result = {
  readonly answer: Ledger.Answer;
  /** What was delivered, undefined when nothing was: then nothing is charged. */
  readonly units: Units | undefined;
  readonly status: Receipt.Status;
  /** Milliseconds from the admission to the first piece of a stream. */
  readonly ttftMs?: number;
};

/** What the end of a request depends on besides its result. */
export type End = {
  readonly prices: Prices.Prices;
  readonly bound: bigint;
  /** Whether the money of an exact payment moved. */
  readonly paid: boolean;
};

/** What of a ticket the end of a request needs. */
export type Ended = Pick<Ticket, 'requestId' | 'rail' | 'context'>;

/**
 * Charges what was delivered, capped by the reservation. What the seller's side breaks off costs nothing. An exact payment
 * has moved the whole bound already, so its receipt says so and a credit note gives back what was not delivered.
 */
export function finish(deps: Deps, ticket: Ended, result: Result, end: End): Promise<Ledger.ReceiptRow> {
  const cost = costOf(result, end);
  const moved = ticket.rail === 'exact' && end.paid;
  const credit = moved && result.status !== 'OK' ? end.bound - cost : 0n;
  const totalMs = elapsed(deps, ticket);
  const { inputTokens, outputTokens, images } = result.units ?? NO_UNITS;
  return deps.committer.commit(
    {
      requestId: ticket.requestId,
      price: moved ? end.bound : cost,
      outcome: Receipt.statuses.indexOf(result.status),
      answer: result.answer,
      now: deps.now(),
      unused: !isDelivered(result),
      ...(credit > 0n ? { outbox: (hash: Hex) => creditRow(deps, ticket.requestId, hash, credit) } : {}),
    },
    Context.draft(ticket.context, {
      responseHash: Receipt.saltedHash(deps.saltOf(ticket.requestId), result.answer.body),
      inputUnits: inputTokens + images,
      outputUnits: outputTokens,
      ttftMs: result.ttftMs ?? totalMs,
      totalMs,
    }),
  );
}

function isDelivered(result: Result): result is Result & { units: Units } {
  return result.units !== undefined && result.status !== 'PROVIDER_ERROR';
}

function costOf(result: Result, { prices, bound }: End): bigint {
  if (!isDelivered(result)) return 0n;
  const cost = Prices.costUp(prices, Meter.of(result.units));
  return cost < bound ? cost : bound;
}

/** Milliseconds since a request was admitted. */
export function elapsed(deps: Deps, { context }: Pick<Ticket, 'context'>): number {
  return Math.min(Math.max(0, Math.round(deps.now()) - Number(context.startedAt)), 2 ** 32 - 1);
}

function creditRow(deps: Deps, requestId: Hex, receiptHash: Hex, amount: bigint): Ledger.OutboxRow {
  const signature = deps.sign(CreditNote.digest({ receipt: receiptHash, amount }, deps.seller.domain));
  return Outbox.row(CreditNote.outboxKind, { requestId, receiptHash, amount, signature });
}

/** The result of a request that was not served, answered as a problem. */
export function failure(
  status: number,
  code: string,
  title: string,
  outcome: Receipt.Status = 'PROVIDER_ERROR',
): Result {
  const body = stringToBytes(Json.stringify(problemBody(new ProblemError(status, title, { code }))));
  return { answer: { status, contentType: 'application/problem+json', body }, units: undefined, status: outcome };
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
    const result = failure(
      502,
      'request.lost',
      'The gateway stopped while it served this request. You are not charged, or get your money back.',
    );
    const end = { prices: Prices.from({}), bound: row.bound, paid: progress?.state !== 'failed' };
    await finish(deps, { requestId: row.id, rail: row.rail, context }, result, end);
    released++;
  }
  return released;
}
