/**
 * Credit notes: a receipt key states how much of a receipt's price is given back. The payout vault pays it to that
 * receipt's payer from money that is still within the dispute window. Amounts are cumulative per receipt, so repeating
 * a note pays nothing twice.
 */
import type { Hex } from 'viem';
import { z } from 'zod';
import * as Amount from '../internal/Amount.ts';
import * as Eip712 from '../internal/Eip712.ts';
import type { OutboxKind } from '../pay/Outbox.ts';

/** A note: the receipt's hash and the total credited for it, in atoms. */
export type CreditNote = { readonly receipt: Hex; readonly amount: bigint };

const type = Eip712.typeHash('CreditNote(bytes32 receipt,uint128 amount)');

/** Digest that a receipt key signs. */
export function digest(note: CreditNote, domain: Eip712.Domain): Hex {
  return Eip712.digest(domain, Eip712.hashStruct(type, [note.receipt, note.amount]));
}

/** A note on its way to the vault: texts of the receipt and its proof, and the note's signature. */
export type Credit = {
  readonly receipt: string;
  readonly proof: string;
  readonly amount: bigint;
  readonly signature: Hex;
  readonly receiptHash: Hex;
};

const hex = z
  .string()
  .regex(/^0x[0-9a-fA-F]*$/)
  .transform((text) => text as Hex);

/** Outbox kind that pays a credit note out of the vault. */
export const outboxKind: OutboxKind<Credit> = {
  kind: 'credit',
  schema: z.strictObject({
    receipt: z.string(),
    proof: z.string(),
    amount: z.string().transform((text) => Amount.parse(text)),
    signature: hex,
    receiptHash: hex,
  }),
  keyOf: (credit) => `credit:${credit.receiptHash}:${credit.amount}`,
};
