/**
 * Receipts: one format for billing, refunds, service levels, reputation, royalties and audit. A receipt is an EIP-712
 * struct, so a contract can check it; a key signs the Merkle root of up to 64 of them, so that one signature serves a
 * whole commit batch. Receipts of an account are chained by `prev` and numbered without gaps.
 */
import type { Address, Hex } from 'viem';
import { concat, stringToBytes } from 'viem/utils';
import { z } from 'zod';
import * as Amount from '../internal/Amount.ts';
import * as Eip712 from '../internal/Eip712.ts';
import { BaseError } from '../internal/Errors.ts';
import { keccak } from '../internal/Hash.ts';
import * as Json from '../internal/Json.ts';
import * as Merkle from '../internal/Merkle.ts';

/** How a call ended. The position is the number in the receipt. */
export const statuses = ['OK', 'IDLE', 'CLIENT_ABORT', 'PROVIDER_ERROR', 'TIMEOUT'] as const;

/** One of {@link statuses}. */
export type Status = (typeof statuses)[number];

/** Most receipts under one signature, so that a path has at most six hashes. */
export const maxBatch = 64;

/** A receipt. Amounts in atoms, `startedAt` in unix milliseconds. */
export type Receipt = {
  /** Whose registered keys sign. */
  readonly seller: Address;
  /** 0 free, 1 channel, 2 exact, 3 licence, 4 job. */
  readonly rail: number;
  /** Channel id, exact payment nonce, licence id or job id. */
  readonly account: Hex;
  readonly payer: Address;
  /** Key that authorised the call, zero when it is the payer itself. */
  readonly agent: Address;
  readonly requestId: Hex;
  /** Number on this account, from 1, without gaps. */
  readonly seq: bigint;
  /** Hash of the account's previous receipt, zero for the first. */
  readonly prev: Hex;
  /** Salted hash of the request; the salt is known to buyer and seller only. */
  readonly requestHash: Hex;
  /** Salted hash of the response body. */
  readonly responseHash: Hex;
  readonly asset: bigint;
  readonly version: number;
  readonly manifestRoot: Hex;
  readonly quoteHash: Hex;
  readonly token: Address;
  readonly payTo: Address;
  readonly inputUnits: bigint;
  readonly outputUnits: bigint;
  readonly price: bigint;
  /** Total charged on the account, this call included. */
  readonly cumulative: bigint;
  readonly startedAt: bigint;
  readonly ttftMs: number;
  readonly totalMs: number;
  /** Index into {@link statuses}. */
  readonly status: number;
};

/** Proof that a receipt key signed a receipt: the path to the signed root, and the signature. */
export type Proof = { readonly path: readonly Hex[]; readonly signature: Hex };

/** The fields and their Solidity types, in the frozen order. */
export const fields = [
  ['seller', 'address'],
  ['rail', 'uint8'],
  ['account', 'bytes32'],
  ['payer', 'address'],
  ['agent', 'address'],
  ['requestId', 'bytes32'],
  ['seq', 'uint64'],
  ['prev', 'bytes32'],
  ['requestHash', 'bytes32'],
  ['responseHash', 'bytes32'],
  ['asset', 'uint256'],
  ['version', 'uint32'],
  ['manifestRoot', 'bytes32'],
  ['quoteHash', 'bytes32'],
  ['token', 'address'],
  ['payTo', 'address'],
  ['inputUnits', 'uint64'],
  ['outputUnits', 'uint64'],
  ['price', 'uint128'],
  ['cumulative', 'uint128'],
  ['startedAt', 'uint64'],
  ['ttftMs', 'uint32'],
  ['totalMs', 'uint32'],
  ['status', 'uint8'],
] as const satisfies readonly (readonly [keyof Receipt, string])[];

const type = Eip712.typeHash(`Receipt(${fields.map(([name, kind]) => `${kind} ${name}`).join(',')})`);
const batchType = Eip712.typeHash('ReceiptBatch(bytes32 root)');

/** Domain of receipts, quotes, heads and credit notes: bound to the chain and to the contract `Logs`. */
export function domainOf(chainId: number, logs: Address): Eip712.Domain {
  return { name: 'Agorai', version: '1', chainId, verifyingContract: logs };
}

/** Salted hash of bytes, `responseHash` of an answer: short ones cannot be guessed from it without the salt. */
export function saltedHash(salt: Hex, bytes: Uint8Array): Hex {
  return keccak(concat([salt, keccak(bytes)]));
}

/** `requestHash` of a receipt: over method, path and body. */
export function requestHashOf(salt: Hex, request: { method: string; path: string; body: Uint8Array }): Hex {
  const head = stringToBytes(`${request.method} ${request.path}\n`);
  return saltedHash(salt, concat([head, request.body]));
}

/** hashStruct of a receipt: its identity, the leaf of its batch and of the log. */
export function hash(receipt: Receipt): Hex {
  return Eip712.hashStruct(
    type,
    fields.map(([name]) => receipt[name]),
  );
}

/** Digest that a receipt key signs for a batch with this root. */
export function batchDigest(root: Hex, domain: Eip712.Domain): Hex {
  return Eip712.digest(domain, Eip712.hashStruct(batchType, [root]));
}

/** Signs a batch of receipt hashes with one signature; a proof for each, in order. */
export function signBatch(hashes: readonly Hex[], domain: Eip712.Domain, sign: (digest: Hex) => Hex): readonly Proof[] {
  if (hashes.length === 0) return [];
  if (hashes.length > maxBatch) throw new BatchError(hashes.length);
  const { root, proof } = Merkle.tree(hashes);
  const signature = sign(batchDigest(root, domain));
  return hashes.map((_, index) => ({ path: proof(index), signature }));
}

/** Address of the key that signed, or undefined when the proof is not well formed. */
export function signerOf(
  receipt: Receipt,
  proof: Proof,
  domain: Eip712.Domain,
  recover: (digest: Hex, signature: Hex) => Hex | undefined,
): Hex | undefined {
  if (proof.path.length > 6) return undefined;
  return recover(batchDigest(Merkle.rootOf(hash(receipt), proof.path), domain), proof.signature);
}

/** JSON text of a receipt; amounts are decimal strings. */
export function serialize(receipt: Receipt): string {
  return Json.canonical({ ...receipt });
}

const hex = (digits: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-fA-F]{${digits}}$`))
    .transform((text) => text.toLowerCase() as Hex);
const small = (bits: number) =>
  z
    .number()
    .int()
    .min(0)
    .max(2 ** bits - 1);

const schema = z.strictObject({
  seller: hex(40),
  rail: small(8),
  account: hex(64),
  payer: hex(40),
  agent: hex(40),
  requestId: hex(64),
  seq: Amount.schema(64),
  prev: hex(64),
  requestHash: hex(64),
  responseHash: hex(64),
  asset: Amount.schema(256),
  version: small(32),
  manifestRoot: hex(64),
  quoteHash: hex(64),
  token: hex(40),
  payTo: hex(40),
  inputUnits: Amount.schema(64),
  outputUnits: Amount.schema(64),
  price: Amount.schema(128),
  cumulative: Amount.schema(128),
  startedAt: Amount.schema(64),
  ttftMs: small(32),
  totalMs: small(32),
  status: small(8),
});

const proofSchema = z.strictObject({ path: z.array(hex(64)).max(6), signature: hex(130) });

/** Parses the untrusted JSON text of a receipt. */
export function parse(text: string): Receipt {
  return check(schema.safeParse(Json.parse(text)));
}

/** Parses the untrusted JSON text of a proof. */
export function parseProof(text: string): Proof {
  return check(proofSchema.safeParse(Json.parse(text)));
}

function check<T>(result: z.ZodSafeParseResult<T>): T {
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new InvalidError(`${issue?.path.join('.')}: ${issue?.message}`);
}

/** Text is not a receipt. */
export class InvalidError extends BaseError {
  override readonly name = 'Receipt.InvalidError';
  constructor(reason: string) {
    super(`The receipt is invalid: ${reason}.`, { code: 'receipt.invalid', docsPath: 'infer.md' });
  }
}

/** Too many receipts for one signature. */
export class BatchError extends BaseError {
  override readonly name = 'Receipt.BatchError';
  constructor(size: number) {
    super(`A batch of ${size} receipts is larger than ${maxBatch}.`, { code: 'receipt.batch' });
  }
}
