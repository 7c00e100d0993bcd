/**
 * x402 v2 on the wire: the three headers and the payloads of the schemes `batch-settlement` and `exact` on EVM chains.
 * One strict parser serves verifying and settling. Source: x402 specification v2, schemas of `@x402/core` 2.27.
 */
import type { Address, Hex } from 'viem';
import { z } from 'zod';
import * as Amount from '../internal/Amount.ts';
import { BaseError, messageOf } from '../internal/Errors.ts';
import * as Json from '../internal/Json.ts';
import type * as Authorization from './Authorization.ts';
import type * as Channel from './Channel.ts';
import type * as Voucher from './Voucher.ts';

/** Names of the three headers. */
export const headers = {
  required: 'payment-required',
  signature: 'payment-signature',
  response: 'payment-response',
} as const;

/** Most characters of a payment header. */
export const maxHeaderLength = 16_384;

/** One way to pay, as offered in a 402. Amounts are atoms in decimal digits. */
export type Requirements = {
  scheme: 'batch-settlement' | 'exact';
  network: `eip155:${number}`;
  amount: string;
  asset: Address;
  payTo: Address;
  maxTimeoutSeconds: number;
  extra: Record<string, unknown>;
};

/** Body of the `PAYMENT-REQUIRED` header. */
export type PaymentRequired = {
  x402Version: 2;
  error?: string;
  resource: { url: string; description?: string; mimeType?: string };
  accepts: readonly Requirements[];
  extensions?: Record<string, unknown>;
};

/** Body of the `PAYMENT-RESPONSE` header. */
export type SettleResponse = {
  success: boolean;
  transaction: string;
  network: string;
  payer?: string;
  amount?: string;
  errorReason?: string;
  errorMessage?: string;
  extra?: Record<string, unknown>;
};

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text as Address);
const bytes32 = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/)
  .transform((text) => text.toLowerCase() as Hex);
const bytes = z
  .string()
  .regex(/^0x(?:[0-9a-fA-F]{2}){0,2048}$/)
  .transform((text) => text as Hex);
const uint128 = Amount.schema(128);
const uint256 = Amount.schema(256);

const requirements = z.object({
  scheme: z.string().max(64),
  network: z.string().max(64),
  amount: z.string().max(80),
  asset: z.string().max(80),
  payTo: z.string().max(80),
  maxTimeoutSeconds: z.number(),
  extra: z.record(z.string(), z.unknown()).nullish(),
});

const channelConfig = z.strictObject({
  payer: address,
  payerAuthorizer: address,
  receiver: address,
  receiverAuthorizer: address,
  token: address,
  withdrawDelay: z
    .number()
    .int()
    .min(0)
    .max(2 ** 40 - 1),
  salt: bytes32,
});
const voucher = z.strictObject({ channelId: bytes32, maxClaimableAmount: uint128, signature: bytes });
const erc3009 = z.strictObject({ validAfter: uint256, validBefore: uint256, salt: bytes32, signature: bytes });

const payload = z.union([
  z.strictObject({ type: z.literal('voucher'), channelConfig, voucher }),
  z.strictObject({
    type: z.literal('deposit'),
    channelConfig,
    voucher,
    deposit: z.strictObject({
      amount: uint128,
      authorization: z.strictObject({ erc3009Authorization: erc3009 }),
    }),
  }),
  z.strictObject({ type: z.literal('refund'), channelConfig, voucher, amount: uint128.optional() }),
  z
    .strictObject({
      signature: bytes,
      authorization: z.strictObject({
        from: address,
        to: address,
        value: uint256,
        validAfter: uint256,
        validBefore: uint256,
        nonce: bytes32,
      }),
    })
    .transform((exact) => ({ type: 'exact' as const, ...exact })),
]);

const paymentPayload = z.object({ x402Version: z.literal(2), accepted: requirements, payload });

/** A parsed `PAYMENT-SIGNATURE` header. */
export type Payment = {
  readonly accepted: z.infer<typeof requirements>;
  readonly payload: VoucherPayload | DepositPayload | RefundPayload | ExactPayload;
};

/** Payment with a voucher of a funded channel. */
export type VoucherPayload = { type: 'voucher'; channelConfig: Channel.Config; voucher: Voucher.Voucher };

/** Deposit (EIP-3009) together with the first voucher. */
export type DepositPayload = {
  type: 'deposit';
  channelConfig: Channel.Config;
  voucher: Voucher.Voucher;
  deposit: {
    amount: bigint;
    authorization: {
      erc3009Authorization: { validAfter: bigint; validBefore: bigint; salt: Hex; signature: Hex };
    };
  };
};

/** Request for a cooperative refund; the voucher's total equals what was charged. */
export type RefundPayload = {
  type: 'refund';
  channelConfig: Channel.Config;
  voucher: Voucher.Voucher;
  amount?: bigint | undefined;
};

/** One EIP-3009 transfer that pays one call. */
export type ExactPayload = {
  type: 'exact';
  signature: Hex;
  authorization: Authorization.Authorization;
};

/** Encodes a header's JSON as base64. */
export function encode(value: PaymentRequired | SettleResponse | object): string {
  return toBase64(Json.stringify(value));
}

/** Parses an untrusted `PAYMENT-SIGNATURE` header. */
export function parsePayment(header: string): Payment {
  const result = paymentPayload.safeParse(decode(header));
  if (!result.success) throw new InvalidError(describe(result.error));
  return { accepted: result.data.accepted, payload: result.data.payload };
}

const paymentRequired = z.object({
  x402Version: z.literal(2),
  error: z.string().max(1_000).nullish(),
  resource: z.object({ url: z.string().max(2_048) }),
  accepts: z.array(requirements).min(1).max(32),
  extensions: z.record(z.string(), z.unknown()).nullish(),
});

/** A 402 as a client reads it: schemes it does not know are kept as they are. */
export type ParsedRequired = z.infer<typeof paymentRequired>;

/** Parses an untrusted `PAYMENT-REQUIRED` header. */
export function parseRequired(header: string): ParsedRequired {
  const result = paymentRequired.safeParse(decode(header));
  if (!result.success) throw new InvalidError(describe(result.error));
  return result.data;
}

const settleResponse = z.object({
  success: z.boolean(),
  transaction: z.string().max(200),
  network: z.string().max(64),
  payer: z.string().max(80).optional(),
  errorReason: z.string().max(1_000).optional(),
  extra: z
    .object({
      chargedAmount: uint128.optional(),
      channelState: z.object({ chargedCumulativeAmount: uint128.optional(), balance: uint128.optional() }).optional(),
    })
    .loose()
    .nullish(),
});

/** A parsed `PAYMENT-RESPONSE` header. */
export type ParsedResponse = z.infer<typeof settleResponse>;

/** Parses an untrusted `PAYMENT-RESPONSE` header. */
export function parseResponse(header: string): ParsedResponse {
  const result = settleResponse.safeParse(decode(header));
  if (!result.success) throw new InvalidError(describe(result.error));
  return result.data;
}

/** Chain id of a CAIP-2 network such as `eip155:8453`. */
export function chainIdOf(network: string): number | undefined {
  const match = /^eip155:([1-9][0-9]{0,14})$/.exec(network);
  return match ? Number(match[1]) : undefined;
}

function decode(header: string): unknown {
  if (header.length > maxHeaderLength) throw new InvalidError(`longer than ${maxHeaderLength} characters`);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(header)) throw new InvalidError('not base64');
  try {
    return Json.parse(fromBase64(header));
  } catch (cause) {
    throw new InvalidError(messageOf(cause), cause);
  }
}

function describe(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue ? `${issue.path.join('.') || 'body'}: ${issue.message}` : 'unknown shape';
}

function toBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function fromBase64(text: string): string {
  const binary = atob(text);
  return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(binary, (c) => c.charCodeAt(0)));
}

/** A payment header is malformed. */
export class InvalidError extends BaseError {
  override readonly name = 'X402.InvalidError';
  constructor(reason: string, cause?: unknown) {
    super(`The payment header is invalid: ${reason}.`, { code: 'payment.invalid', cause, docsPath: 'pay.md' });
  }
}
