/**
 * Free calls: where a seller offers some a day, an address signs the request and does a piece of work for it. The limit
 * belongs to the address, so no header can get around it, and the work makes new addresses cost something.
 */
import type { Address, Hex } from 'viem';
import { concat, stringToBytes } from 'viem/utils';
import { z } from 'zod';
import * as Eip712 from '../internal/Eip712.ts';
import { BaseError } from '../internal/Errors.ts';
import { keccak } from '../internal/Hash.ts';
import * as Json from '../internal/Json.ts';
import { freeHeader } from '../pay/Payer.ts';

/** What the work is done for. */
export type FreeCall = {
  readonly payer: Address;
  /** What is called, see {@link listingOf}. */
  readonly listing: Hex;
  /** Days since 1970-01-01 UTC. */
  readonly day: number;
  /** 32 bytes that were searched for. */
  readonly nonce: Hex;
};

/** Name of the request header. */
export const header = freeHeader;

/** Fields of what is signed, for wallets that sign typed data. */
export const types = [
  { name: 'payer', type: 'address' },
  { name: 'listing', type: 'bytes32' },
  { name: 'day', type: 'uint32' },
  { name: 'nonce', type: 'bytes32' },
  { name: 'audience', type: 'string' },
  { name: 'request', type: 'bytes32' },
] as const;

const type = Eip712.typeHash(`FreeCall(${types.map((field) => `${field.type} ${field.name}`).join(',')})`);

/** Identity of what is called: an asset's version on a route. */
export function listingOf(asset: bigint, version: number, route: string): Hex {
  return Eip712.hashWords([Eip712.word(asset), Eip712.word(version), keccak(stringToBytes(route))]);
}

/** Day of a time in unix milliseconds. */
export function dayOf(now: number): number {
  return Math.floor(now / 86_400_000);
}

/** Hash whose leading zero bits are the work. */
export function workOf({ payer, listing, day, nonce }: FreeCall): Hex {
  return Eip712.hashWords([Eip712.word(payer), listing, Eip712.word(day), nonce]);
}

/** Whether a hash begins with so many zero bits. */
export function hasWork(hash: Hex, difficulty: number): boolean {
  return BigInt(hash) >> BigInt(256 - difficulty) === 0n;
}

/** Searches for a nonce, from `start` on. It takes two to the power of `difficulty` hashes on average. */
export function findNonce(call: Omit<FreeCall, 'nonce'>, difficulty: number, start: bigint): Hex {
  for (let candidate = start; ; candidate++) {
    const nonce = Eip712.word(BigInt.asUintN(256, candidate));
    if (hasWork(workOf({ ...call, nonce }), difficulty)) return nonce;
  }
}

/** Hash of method, path and body: the one request that a signature is for. */
export function requestHash(request: { method: string; path: string; body: Uint8Array }): Hex {
  const { method, path, body } = request;
  return keccak(concat([keccak(stringToBytes(`${method} ${path}`)), keccak(body)]));
}

/** Digest that the payer signs: the call, the gateway it is for, and the hash of method, path and body. */
export function digest(call: FreeCall, bound: { audience: string; request: Hex }, domain: Eip712.Domain): Hex {
  const { payer, listing, day, nonce } = call;
  const struct = Eip712.hashStruct(type, [
    payer,
    listing,
    day,
    nonce,
    keccak(stringToBytes(bound.audience)),
    bound.request,
  ]);
  return Eip712.digest(domain, struct);
}

const schema = z.strictObject({
  payer: z
    .string()
    .regex(/^0x[0-9a-fA-F]{40}$/)
    .transform((text) => text.toLowerCase() as Address),
  day: z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  nonce: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/)
    .transform((text) => text as Hex),
  signature: z
    .string()
    .regex(/^0x[0-9a-fA-F]{130}$/)
    .transform((text) => text as Hex),
});

/** What the header says: the call without what the gateway knows, and the signature. */
export type Signed = z.output<typeof schema>;

/** Text of the header. */
export function serialize(signed: Signed): string {
  return btoa(Json.canonical(signed));
}

/** Reads an untrusted header. */
export function parse(text: string): Signed {
  const parsed = text.length <= 1_024 && /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? schema.safeParse(read(text)) : undefined;
  if (!parsed?.success) throw new InvalidError();
  return parsed.data;
}

function read(text: string): unknown {
  try {
    return Json.parse(atob(text));
  } catch {
    return undefined;
  }
}

/** The header is malformed. */
export class InvalidError extends BaseError {
  override readonly name = 'FreeCall.InvalidError';
  constructor() {
    super(`The header ${freeHeader} is malformed.`, { code: 'free.invalid', docsPath: 'infer.md' });
  }
}
