import type { Hex } from 'viem';
import * as Json from '../../internal/Json.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import * as X402 from '../../pay/X402.ts';
import * as Receipt from '../Receipt.ts';
import type { Ticket } from './admit.ts';
import * as Context from './Context.ts';
import type { Deps } from './Deps.ts';
import { channelState, type Offer } from './offer.ts';
import type { Served } from './serve.ts';

/** Headers of ours. */
export const ownHeaders = { receipt: 'agorai-receipt', quote: 'agorai-quote', key: 'idempotency-key' } as const;

/** The answer of a served request, with the scheme's response header and the receipt. */
export function served(deps: Deps, offer: Offer, ticket: Ticket, result: Served): Response {
  const { answer, receipt, price, transaction } = result;
  const charge = { price, account: ticket.account, rail: ticket.rail, payer: ticket.payer, transaction };
  return respond(deps, answer, receipt, charge, offer.bound);
}

/** The stored answer of a request that is asked for again: the same receipt, charged once. */
export function replayed(deps: Deps, request: Ledger.RequestRow): Response {
  const receipt = deps.ledger.receiptOf(request.id) as Ledger.ReceiptRow;
  const charge = {
    price: request.price,
    account: request.account,
    rail: request.rail,
    payer: request.payer,
    transaction: transactionOf(deps, request),
  };
  return respond(deps, request.answer as Ledger.Answer, receipt, charge, request.bound);
}

function transactionOf(deps: Deps, request: Ledger.RequestRow): Hex | undefined {
  const { settleFirst } = Context.parse(request.context);
  return settleFirst === undefined ? undefined : deps.progress.progressOf(settleFirst)?.transaction;
}

type Charge = {
  price: bigint;
  account: Hex;
  rail: Ledger.Rail;
  payer: string;
  transaction: Hex | undefined;
};

function respond(deps: Deps, answer: Ledger.Answer, row: Ledger.ReceiptRow, charge: Charge, bound: bigint): Response {
  const receipt = Receipt.parse(row.body);
  const response: X402.SettleResponse = {
    // A payment that the chain refused is the one case in which an answer was not paid for.
    success: answer.status !== 402,
    transaction: charge.transaction ?? '',
    network: `eip155:${deps.seller.place.chainId}`,
    payer: charge.payer,
    ...(charge.rail === 'channel' ? { amount: '', extra: channelExtra(deps, charge, receipt.cumulative) } : {}),
  };
  const envelope = {
    receipt: Json.parse(row.body),
    proof: Json.parse(row.proof),
    hash: row.hash,
    logIndex: row.logIndex,
    bound: bound.toString(),
    salt: deps.saltOf(row.requestId),
  };
  return new Response(new Uint8Array(answer.body), {
    status: answer.status,
    headers: {
      'content-type': answer.contentType,
      [X402.headers.response]: X402.encode(response),
      [ownHeaders.receipt]: X402.encode(envelope),
    },
  });
}

function channelExtra(deps: Deps, charge: Charge, cumulative: bigint): Record<string, unknown> {
  const channel = deps.ledger.channel(charge.account);
  return {
    chargedAmount: charge.price.toString(),
    ...(channel ? { channelState: channelState(channel, cumulative) } : {}),
  };
}
