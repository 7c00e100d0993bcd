import type { Hex } from 'viem';
import * as Json from '../internal/Json.ts';
import type { createPayer, Payer } from '../pay/createPayer.ts';
import { CallError, readProblem } from './CallError.ts';
import * as Evidence from './Evidence.ts';

/** Answer of a model, with what it cost and the receipt that proves it. Amounts in atoms. */
export type Call = Evidence.Evidence & {
  readonly status: number;
  readonly body: unknown;
  readonly cost: bigint;
  readonly bound: bigint;
  /** Manifest root of the weights that the seller says answered. */
  readonly weights: Hex;
};

/**
 * Calls a model, pays, and checks the receipt before it answers: signed by a key of the seller, about this request and
 * this answer, for the price that was charged.
 */
export async function callModel(options: callModel.Options): Promise<Call> {
  const { payer } = options;
  const body = Json.stringify(options.input);
  const url = new URL(options.route, options.gateway);
  const paid = await payer.fetch(url.href, requestOf(options, body), options.limits ?? {});
  const answer = new Uint8Array(await paid.response.arrayBuffer());
  const header = paid.response.headers.get('agorai-receipt');
  if (header === null) throw new CallError(paid.response.status, readProblem(answer));
  const evidence = Evidence.parseHeader(header);
  const price = paid.scheme === 'exact' ? paid.bound : paid.cost;
  const { address } = payer.setup.wallet;
  await Evidence.verify(options.check, evidence, { path: url.pathname, body, answer, payer: address, price });
  return {
    ...evidence,
    status: paid.response.status,
    body: Json.parseBytes(answer),
    cost: paid.cost,
    bound: paid.bound,
    weights: evidence.receipt.manifestRoot,
  };
}

export declare namespace callModel {
  type Options = {
    payer: Payer;
    /** Base URL of the seller's gateway. */
    gateway: string;
    /** Route of the model, e.g. `/v1/embeddings`. */
    route: string;
    /** Request body; `model` chooses the listing. */
    input: Record<string, unknown>;
    limits?: createPayer.CallOptions;
    idempotencyKey?: string;
    /** Token of a sign-in: what the licence covers is not paid, and the rest only within `limits.maxPrice`. */
    token?: string;
    signal?: AbortSignal;
    check: Evidence.ReceiptCheck;
  };
}

/** The request of a call. */
export function requestOf(options: callModel.Options, body: string): RequestInit {
  const { idempotencyKey, token, signal } = options;
  const headers = new Headers({ 'content-type': 'application/json' });
  if (idempotencyKey) headers.set('idempotency-key', idempotencyKey);
  if (token) headers.set('authorization', `Bearer ${token}`);
  return { method: 'POST', body, headers, ...(signal ? { signal } : {}) };
}
