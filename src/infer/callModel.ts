import type { Address, Hex } from 'viem';
import { concat, stringToBytes } from 'viem/utils';
import { z } from 'zod';
import type * as Eip712 from '../internal/Eip712.ts';
import { BaseError } from '../internal/Errors.ts';
import { keccak } from '../internal/Hash.ts';
import * as Json from '../internal/Json.ts';
import type { createPayer, Payer } from '../pay/createPayer.ts';
import type { Paid } from '../pay/Payer.ts';
import * as Receipt from './Receipt.ts';

/** Answer of a model, with what it cost and the receipt that proves it. Amounts in atoms. */
export type Call = {
  readonly status: number;
  readonly body: unknown;
  readonly cost: bigint;
  readonly bound: bigint;
  /** Manifest root of the weights that the seller says answered. */
  readonly weights: Hex;
  readonly receipt: Receipt.Receipt;
  readonly proof: Receipt.Proof;
  /** Hash of the receipt: its identity. */
  readonly hash: Hex;
  /** Position in the seller's log. */
  readonly logIndex: number;
  /** With the salt, requestHash and responseHash of the receipt can be recomputed from the bytes. */
  readonly salt: Hex;
};

/** Finds out who signed, and whether that key is the seller's. */
export type ReceiptCheck = {
  readonly domain: Eip712.Domain;
  recover(digest: Hex, signature: Hex): Hex | undefined;
  /** Whether a key was registered for a seller at a time (unix seconds). */
  isKeyAt(seller: Address, key: Address, at: bigint): Promise<boolean>;
};

const envelope = z.object({
  receipt: z.unknown(),
  proof: z.unknown(),
  hash: z.string(),
  logIndex: z.number().int().min(0),
  salt: z.string().regex(/^0x[0-9a-f]{32}$/),
});

/**
 * Calls a model, pays, and checks the receipt before it answers: signed by a key of the seller, about this request and
 * this answer, for the price that was charged.
 */
export async function callModel(options: callModel.Options): Promise<Call> {
  const { payer } = options;
  const body = Json.stringify(options.input);
  const url = new URL(options.route, options.gateway);
  const paid = await payer.fetch(url.href, requestOf(options, body), options.limits ?? {});
  const bytes = new Uint8Array(await paid.response.arrayBuffer());
  const header = paid.response.headers.get('agorai-receipt');
  if (header === null) throw new CallError(paid.response.status, readProblem(bytes));
  const { receipt, proof, logIndex, salt } = read(header);
  await checkSignature(options.check, receipt, proof);
  checkMoney(receipt, paid, payer.setup.wallet.address);
  const request = concat([stringToBytes(`POST ${url.pathname}\n`), stringToBytes(body)]);
  if (keccak(concat([salt, keccak(request)])) !== receipt.requestHash)
    throw new ReceiptError('it is about another request');
  if (keccak(concat([salt, keccak(bytes)])) !== receipt.responseHash)
    throw new ReceiptError('it is about another answer');
  return {
    status: paid.response.status,
    body: Json.parseBytes(bytes),
    cost: paid.cost,
    bound: paid.bound,
    weights: receipt.manifestRoot,
    receipt,
    proof,
    hash: Receipt.hash(receipt),
    logIndex,
    salt,
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
    signal?: AbortSignal;
    check: ReceiptCheck;
  };
}

function requestOf(options: callModel.Options, body: string): RequestInit {
  const { idempotencyKey, signal } = options;
  return {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}) },
    ...(signal ? { signal } : {}),
  };
}

function checkMoney(receipt: Receipt.Receipt, paid: Paid, payer: Address): void {
  const price = paid.scheme === 'exact' ? paid.bound : paid.cost;
  if (receipt.price !== price) throw new ReceiptError(`it says ${receipt.price} atoms, charged were ${price}`);
  if (receipt.payer.toLowerCase() !== payer.toLowerCase()) throw new ReceiptError('it names another payer');
}

function read(header: string) {
  const binary = Uint8Array.from(atob(header), (character) => character.charCodeAt(0));
  const parsed = envelope.safeParse(Json.parse(new TextDecoder().decode(binary)));
  if (!parsed.success) throw new ReceiptError('it has an unknown shape');
  const { receipt, proof, logIndex, salt } = parsed.data;
  return {
    receipt: Receipt.parse(Json.canonical(receipt)),
    proof: Receipt.parseProof(Json.canonical(proof)),
    logIndex,
    salt: salt as Hex,
  };
}

async function checkSignature(
  { domain, recover, isKeyAt }: ReceiptCheck,
  receipt: Receipt.Receipt,
  proof: Receipt.Proof,
) {
  const key = Receipt.signerOf(receipt, proof, domain, recover);
  if (!key) throw new ReceiptError('its signature is malformed');
  if (!(await isKeyAt(receipt.seller, key, receipt.startedAt / 1_000n))) {
    throw new ReceiptError(`${key} was no receipt key of ${receipt.seller}`);
  }
}

type Problem = { title: string; code: string; hint: string | undefined };

function readProblem(bytes: Uint8Array): Problem | undefined {
  try {
    const body = Json.parse(new TextDecoder().decode(bytes)) as Partial<Record<keyof Problem, unknown>>;
    const hint = typeof body.hint === 'string' ? body.hint.slice(0, 300) : undefined;
    return { title: String(body.title).slice(0, 300), code: String(body.code).slice(0, 64), hint };
  } catch {
    return undefined;
  }
}

/** The gateway did not serve the call; nothing was charged. */
export class CallError extends BaseError {
  override readonly name = 'callModel.CallError';
  /** HTTP status of the answer. */
  readonly status: number;
  constructor(status: number, problem: Problem | undefined) {
    super(problem?.title ?? `The gateway answered with status ${status}.`, {
      code: problem?.code ?? 'call.failed',
      ...(problem?.hint ? { hint: problem.hint } : {}),
      docsPath: 'infer.md',
    });
    this.status = status;
  }
}

/** The receipt does not prove what was paid for. */
export class ReceiptError extends BaseError {
  override readonly name = 'callModel.ReceiptError';
  constructor(reason: string) {
    super(`The receipt does not hold: ${reason}.`, {
      code: 'receipt.mismatch',
      hint: 'Keep the answer and the receipt: they are evidence against the seller.',
      docsPath: 'infer.md',
    });
  }
}
