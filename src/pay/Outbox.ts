/**
 * What a gateway asks its settler to send. The gateway writes rows into a table of its ledger and holds no key that
 * moves money; the settler reads them and answers in a table of its own. The kinds that belong to upper folders (a
 * credit note, a log head) are handed in by them: this file knows what all rows share and the kinds of payment.
 */
import type { Address, Hex } from 'viem';
import { z } from 'zod';
import * as Amount from '../internal/Amount.ts';
import * as Json from '../internal/Json.ts';
import * as Authorization from './Authorization.ts';
import * as Channel from './Channel.ts';
import type * as Ledger from './Ledger.ts';

/** A kind of work: its name, how its payload is read, and the key that makes it idempotent. */
export type OutboxKind<payload> = {
  readonly kind: string;
  readonly schema: z.ZodType<payload>;
  keyOf(payload: payload): string;
};

/** State of a piece of work as the settler reports it. */
export type Progress = {
  readonly key: string;
  /** `sent` has a transaction that may still vanish; `confirmed` has enough confirmations; `failed` will never happen. */
  readonly state: 'queued' | 'sent' | 'confirmed' | 'failed';
  readonly transaction: Hex | undefined;
  /** Why it failed, in words. */
  readonly error: string | undefined;
};

/** Reads the settler's answers. */
export type ProgressReader = { progressOf(key: string): Progress | undefined; close(): Promise<void> };

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text as Address);
const hex = z
  .string()
  .regex(/^0x[0-9a-fA-F]*$/)
  .transform((text) => text as Hex);
const amount = Amount.schema(256);
/** Moves a deposit that the payer signed into its channel. */
export type Deposit = {
  readonly channelId: Hex;
  readonly config: Channel.Config;
  readonly amount: bigint;
  readonly collector: Address;
  readonly collectorData: Hex;
  /** Nonce of the payer's authorization. */
  readonly nonce: Hex;
};

/** Outbox kind of {@link Deposit}. */
export const deposit: OutboxKind<Deposit> = {
  kind: 'deposit',
  schema: z.strictObject({
    channelId: hex,
    config: Channel.schema,
    amount,
    collector: address,
    collectorData: hex,
    nonce: hex,
  }),
  keyOf: (payload) => `deposit:${payload.nonce}`,
};

/** Settles one `exact` payment by `transferWithAuthorization`. */
export type Exact = {
  readonly token: Address;
  readonly authorization: Authorization.Authorization;
  readonly signature: Hex;
};

/** Outbox kind of {@link Exact}. */
export const exact: OutboxKind<Exact> = {
  kind: 'exact',
  schema: z.strictObject({
    token: address,
    signature: hex,
    authorization: z.strictObject({
      from: address,
      to: address,
      value: amount,
      validAfter: amount,
      validBefore: amount,
      nonce: hex,
    }),
  }),
  keyOf: ({ authorization }) => `exact:${Authorization.accountOf(authorization)}`,
};

/** Claims what was charged and gives the rest of a channel back to its payer. */
export type Refund = { readonly channelId: Hex; readonly nonce: bigint; readonly amount: bigint };

/** Outbox kind of {@link Refund}. */
export const refund: OutboxKind<Refund> = {
  kind: 'refund',
  schema: z.strictObject({ channelId: hex, nonce: amount, amount }),
  keyOf: (payload) => `refund:${payload.channelId}:${payload.nonce}`,
};

/** The row of a payload. */
export function row<payload>(kind: OutboxKind<payload>, payload: payload): Ledger.OutboxRow {
  return { kind: kind.kind, key: kind.keyOf(payload), payload: Json.canonical(payload) };
}

/** Reads the payload of a row. */
export function parse<payload>(kind: OutboxKind<payload>, row: Ledger.OutboxRow): payload {
  return kind.schema.parse(Json.parse(row.payload));
}
