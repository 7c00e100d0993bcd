/**
 * What proves a call: the receipt, who signed it, and that it is about this request, this answer and this price. A buyer
 * checks it before it believes an answer, whether it came in one piece or as a stream.
 */

import type { Address, Hex } from 'viem';
import { stringToBytes } from 'viem/utils';
import { z } from 'zod';
import type * as Eip712 from '../internal/Eip712.ts';
import { BaseError } from '../internal/Errors.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';
import * as Json from '../internal/Json.ts';
import * as Receipt from './Receipt.ts';

/** A receipt with all that it is checked by. */
export type Evidence = {
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

/** What a receipt must be about. */
export type Expected = {
  readonly path: string;
  readonly body: string;
  readonly answer: Uint8Array;
  readonly payer: Address;
  /** Atoms that were charged, undefined when only the receipt says it. */
  readonly price: bigint | undefined;
};

/** Reads the receipt of an untrusted answer: the value of its header, or what its event carries. */
export function parse(value: unknown): Evidence {
  const parsed = envelope.safeParse(value);
  if (!parsed.success) throw new ReceiptError('it has an unknown shape');
  const { logIndex, salt } = parsed.data;
  const receipt = Receipt.parse(Json.canonical(parsed.data.receipt));
  const proof = Receipt.parseProof(Json.canonical(parsed.data.proof));
  return { receipt, proof, hash: Receipt.hash(receipt), logIndex, salt: salt as Hex };
}

/** Reads the receipt in a header. */
export function parseHeader(header: string): Evidence {
  const binary = Uint8Array.from(atob(header), (character) => character.charCodeAt(0));
  return parse(Json.parse(new TextDecoder().decode(binary)));
}

/** Throws unless a receipt is signed by a key of its seller and says what was paid for. */
export async function verify(
  check: ReceiptCheck,
  { receipt, proof, salt }: Evidence,
  expected: Expected,
): Promise<void> {
  await checkSignature(check, receipt, proof);
  const { price, payer, path, body, answer } = expected;
  if (price !== undefined && receipt.price !== price)
    throw new ReceiptError(`it says ${receipt.price} atoms, charged were ${price}`);
  if (!isSameAddress(receipt.payer, payer)) throw new ReceiptError('it names another payer');
  const request = { method: 'POST', path, body: stringToBytes(body) };
  if (Receipt.requestHashOf(salt, request) !== receipt.requestHash)
    throw new ReceiptError('it is about another request');
  if (Receipt.saltedHash(salt, answer) !== receipt.responseHash) throw new ReceiptError('it is about another answer');
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

/** The receipt does not prove what was paid for. */
export class ReceiptError extends BaseError {
  override readonly name = 'Evidence.ReceiptError';
  constructor(reason: string) {
    super(`The receipt does not hold: ${reason}.`, {
      code: 'receipt.mismatch',
      hint: 'Keep the answer and the receipt: they are evidence against the seller.',
      docsPath: 'infer.md',
    });
  }
}
