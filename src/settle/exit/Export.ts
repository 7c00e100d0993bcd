/**
 * A person's own copy of what the books say about it, in one file: enough, with a wallet and a node, to take out every
 * atom when gateway, settler and index are gone. A file is one JSON value a line and is only ever appended to, so that
 * each beginning of it that ends with a line is a whole file, also one that was copied while it was written. A line
 * that is there twice says nothing new. Amounts are atoms.
 */
import type { Address, Hex } from 'viem';
import { z } from 'zod';
import * as Addresses from '../../chain/Addresses.ts';
import * as CreditNote from '../../infer/CreditNote.ts';
import * as Receipt from '../../infer/Receipt.ts';
import * as ReceiptLog from '../../infer/ReceiptLog.ts';
import * as Amount from '../../internal/Amount.ts';
import { BaseError } from '../../internal/Errors.ts';
import * as Json from '../../internal/Json.ts';
import * as Terms from '../../license/Terms.ts';
import * as Channel from '../../pay/Channel.ts';
import * as Split from '../Split.ts';

/** Version of the format that is written, and the only one that is read. */
export const format = 1;

/** The first line: whose file it is, and which deployment it is about. Nothing else is needed to find the contracts. */
export type Header = {
  readonly kind: 'agorai-export';
  readonly format: typeof format;
  readonly person: Address;
  readonly addresses: Addresses.Addresses;
};

/** One line after the first. */
export type Entry =
  /** A vault account of a seller: an asset, or the seller itself. */
  | { readonly kind: 'account'; readonly account: bigint }
  | { readonly kind: 'channel'; readonly id: Hex; readonly config: Channel.Config }
  /** The highest voucher that a seller had at that time. */
  | { readonly kind: 'voucher'; readonly channelId: Hex; readonly max: bigint; readonly signature: Hex }
  /** What a buyer reckons: what the channel holds, what was charged, what was signed at most. */
  | {
      readonly kind: 'balance';
      readonly channelId: Hex;
      readonly balance: bigint;
      readonly charged: bigint;
      readonly signed: bigint;
      readonly closed: boolean;
    }
  /** A receipt that a seller gave, at its place in the log, with the digest that authorised the call. */
  | {
      readonly kind: 'served';
      readonly index: number;
      readonly authority: Hex;
      readonly receipt: Receipt.Receipt;
      readonly proof: Receipt.Proof;
    }
  /** A receipt that a buyer got, with the salt of its hashes. */
  | {
      readonly kind: 'received';
      readonly index: number;
      readonly salt: Hex;
      readonly receipt: Receipt.Receipt;
      readonly proof: Receipt.Proof;
    }
  /** A head of the log that was handed to the settler, by its row in the outbox. */
  | { readonly kind: 'head'; readonly row: number; readonly signed: ReceiptLog.SignedHead }
  /** A credit note that was handed to the settler. */
  | { readonly kind: 'credit'; readonly row: number; readonly credit: CreditNote.Credit }
  | { readonly kind: 'split'; readonly account: bigint; readonly split: Split.Split }
  | { readonly kind: 'licence'; readonly holder: Address; readonly terms: Terms.Terms; readonly transaction: Hex };

const hex = (digits: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-fA-F]{${digits}}$`))
    .transform((text) => text as Hex);
const word = hex(64);
const address = hex(40);
const amount = z.string().transform((text) => Amount.parse(text));
const account = z.string().transform((text) => Amount.parse(text, 256));
const position = z.int().min(0);
const receipt = z.unknown().transform((value) => Receipt.parse(Json.canonical(value)));
const proof = z.unknown().transform((value) => Receipt.parseProof(Json.canonical(value)));

const header = z.strictObject({
  kind: z.literal('agorai-export'),
  format: z.literal(format),
  person: address,
  addresses: Addresses.schema,
});

const entry = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('account'), account }),
  z.strictObject({ kind: z.literal('channel'), id: word, config: Channel.schema }),
  z.strictObject({ kind: z.literal('voucher'), channelId: word, max: amount, signature: hex(130) }),
  z.strictObject({
    kind: z.literal('balance'),
    channelId: word,
    balance: amount,
    charged: amount,
    signed: amount,
    closed: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('served'), index: position, authority: word, receipt, proof }),
  z.strictObject({ kind: z.literal('received'), index: position, salt: hex(32), receipt, proof }),
  z.strictObject({ kind: z.literal('head'), row: position, signed: ReceiptLog.outboxKind.schema }),
  z.strictObject({ kind: z.literal('credit'), row: position, credit: CreditNote.outboxKind.schema }),
  z.strictObject({ kind: z.literal('split'), account, split: Split.schema }),
  z.strictObject({ kind: z.literal('licence'), holder: address, terms: Terms.schema, transaction: word }),
]);

/** A line of a file, with its end. */
export function serialize(line: Header | Entry): string {
  return `${Json.canonical(line)}\n`;
}

/** Reads the first line. */
export function parseHeader(text: string): Header {
  const value = parseJson(text, 1);
  const found = z.object({ kind: z.literal('agorai-export'), format: z.unknown() }).safeParse(value);
  if (!found.success) throw new InvalidError(1, 'it is not the beginning of an export');
  if (found.data.format !== format) throw new FormatError(found.data.format);
  return check(header.safeParse(value), 1);
}

/** Reads another line; `line` is its number, for the error. */
export function parse(text: string, line: number): Entry {
  try {
    return check(entry.safeParse(parseJson(text, line)), line);
  } catch (error) {
    if (error instanceof InvalidError || !(error instanceof BaseError)) throw error;
    throw new InvalidError(line, error.shortMessage);
  }
}

function parseJson(text: string, line: number): unknown {
  try {
    return Json.parse(text);
  } catch (cause) {
    throw new InvalidError(line, 'it is not JSON', cause);
  }
}

function check<T>(result: z.ZodSafeParseResult<T>, line: number): T {
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new InvalidError(line, `${issue?.path.join('.')}: ${issue?.message}`);
}

/** A line that does not say what it must, or contradicts the lines before it. */
export class InvalidError extends BaseError {
  override readonly name = 'Export.InvalidError';
  constructor(line: number, reason: string, cause?: unknown) {
    super(`Line ${line} of the export cannot be used: ${reason}.`, {
      code: 'export.invalid',
      docsPath: 'settle.md',
      cause,
      hint: 'Use another copy of the file. Every copy that ends before this line is whole by itself.',
    });
  }
}

/** A file of another version of the format. */
export class FormatError extends BaseError {
  override readonly name = 'Export.FormatError';
  constructor(found: unknown) {
    super(`The export has format ${String(found).slice(0, 20)}, this program reads format ${format}.`, {
      code: 'export.format',
      docsPath: 'settle.md',
      hint: 'Use the version of the program that wrote it.',
    });
  }
}
