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

/** A signed note on its way to the vault. The receipt and its proof are in the ledger under the request id. */
export type Credit = {
  readonly requestId: Hex;
  readonly receiptHash: Hex;
  readonly amount: bigint;
  readonly signature: Hex;
};

const hex = z
  .string()
  .regex(/^0x[0-9a-fA-F]*$/)
  .transform((text) => text as Hex);

/** Outbox kind that pays a credit note out of the vault. */
export const outboxKind: OutboxKind<Credit> = {
  kind: 'credit',
  schema: z.strictObject({
    requestId: hex,
    receiptHash: hex,
    amount: Amount.schema(),
    signature: hex,
  }),
  keyOf: (credit) => `credit:${credit.receiptHash}:${credit.amount}`,
};
