import type { Hex } from 'viem';
import { concat } from 'viem/utils';
import * as Json from '../../internal/Json.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import * as X402 from '../../pay/X402.ts';
import * as Receipt from '../Receipt.ts';
import type { Ticket } from './Admission.ts';
import * as Chunk from './Chunk.ts';
import * as Context from './Context.ts';
import type { Deps } from './Deps.ts';
import { channelState, type Offer } from './offer.ts';

/** Headers of ours. */
export const ownHeaders = { receipt: 'agorai-receipt', quote: 'agorai-quote', key: 'idempotency-key' } as const;

/** Served and charged: the stored answer and its receipt. */
export type Served = {
  readonly answer: Ledger.Answer;
  readonly receipt: Ledger.ReceiptRow;
  /** Transaction that settled an exact payment. */
  readonly transaction: Hex | undefined;
};

/** The answer of a served request, with the scheme's response header and the receipt. */
export function served(deps: Deps, offer: Offer, ticket: Ticket, { answer, receipt, transaction }: Served): Response {
  return respond(deps, answer, receipt, chargeOf(offer, ticket, receipt, transaction));
}

/** What was charged, as its receipt says. */
export function chargeOf(
  { bound }: Pick<Offer, 'bound'>,
  { account, rail, payer }: Pick<Ticket, 'account' | 'rail' | 'payer'>,
  receipt: Ledger.ReceiptRow,
  transaction: Hex | undefined,
): Charge {
  const { price, cumulative } = Receipt.parse(receipt.body);
  return { price, cumulative, account, rail, payer, transaction, bound };
}

/** The stored answer of a request that is asked for again: the same receipt, charged once. */
export function replayed(deps: Deps, request: Ledger.RequestRow): Response {
  const receipt = deps.ledger.receiptOf(request.id) as Ledger.ReceiptRow;
  const charge = chargeOf(request, request, receipt, transactionOf(deps, request));
  const answer = request.answer as Ledger.Answer;
  if (!answer.contentType.startsWith(Chunk.contentType)) return respond(deps, answer, receipt, charge);
  const status = Receipt.statuses[request.outcome] as Receipt.Status;
  const closing = Chunk.closing(Chunk.firstOf(answer.body), receiptOf(deps, receipt, charge), status);
  const body = concat([answer.body, ...closing]);
  return respond(deps, { ...answer, body }, receipt, charge);
}

function transactionOf(deps: Deps, request: Ledger.RequestRow): Hex | undefined {
  const { settleFirst } = Context.parse(request.context);
  return settleFirst === undefined ? undefined : deps.progress.progressOf(settleFirst)?.transaction;
}

/** What a request was charged, and how. */
type Charge = {
  readonly price: bigint;
  /** Total of the account, this request included. */
  readonly cumulative: bigint;
  readonly account: Hex;
  readonly rail: Ledger.Rail;
  readonly payer: string;
  readonly transaction: Hex | undefined;
  readonly bound: bigint;
};

function respond(deps: Deps, answer: Ledger.Answer, row: Ledger.ReceiptRow, charge: Charge): Response {
  const { payment, ...envelope } = receiptOf(deps, row, charge, answer.status);
  return new Response(new Uint8Array(answer.body), {
    status: answer.status,
    headers: {
      'content-type': answer.contentType,
      ...(payment ? { [X402.headers.response]: X402.encode(payment) } : {}),
      [ownHeaders.receipt]: X402.encode(envelope),
    },
  });
}

/** A receipt with what its buyer checks it by, and what the scheme's response header says about the payment. */
export function receiptOf(deps: Deps, row: Ledger.ReceiptRow, charge: Charge, status = 200) {
  const isPaid = charge.rail === 'channel' || charge.rail === 'exact';
  return {
    receipt: Json.parse(row.body),
    proof: Json.parse(row.proof),
    hash: row.hash,
    logIndex: row.logIndex,
    bound: charge.bound.toString(),
    salt: deps.saltOf(row.requestId),
    payment: isPaid ? paymentOf(deps, charge, status) : undefined,
  };
}

function paymentOf(deps: Deps, charge: Charge, status: number): X402.SettleResponse {
  return {
    ...settlementOf(deps, charge),
    // A payment that the chain refused is the one case in which an answer was not paid for.
    success: status !== 402,
    ...(charge.rail === 'channel' ? { amount: '', extra: channelExtra(deps, charge) } : {}),
  };
}

/** What the scheme's response header says of a payment that is settled before its answer is known. */
export function settlementOf(
  deps: Deps,
  { payer, transaction }: Pick<Charge, 'payer' | 'transaction'>,
): X402.SettleResponse {
  const network = `eip155:${deps.seller.place.chainId}`;
  return { success: true, transaction: transaction ?? '', network, payer };
}

function channelExtra(deps: Deps, charge: Charge): Record<string, unknown> {
  const channel = deps.ledger.channel(charge.account);
  return {
    chargedAmount: charge.price.toString(),
    ...(channel ? { channelState: channelState(channel, charge.cumulative) } : {}),
  };
}
