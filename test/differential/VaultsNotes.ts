/** Receipts and credit notes of the sellers on the stage, and which keys may sign them. */
import { type Address, type Hex, recoverAddress, zeroAddress, zeroHash } from 'viem';
import * as CreditNote from '../../src/infer/CreditNote.ts';
import * as Receipt from '../../src/infer/Receipt.ts';
import { text } from './Model.ts';
import { type Person, type Stage, startTime } from './openStage.ts';

export type Note = {
  readonly receipt: Receipt.Receipt;
  readonly path: readonly Hex[];
  readonly batchSignature: Hex;
  readonly credit: bigint;
  readonly noteSignature: Hex;
};
/** A configuration as the contract keeps it. */
export type Terms = { readonly sharesHash: Hex; readonly window: number };

/** What a key may give back in a day, in atoms. */
export const cap = 4_000_000n;
const notAfter = startTime + 3_650n * 86_400n;

/** The registrations: all sellers share a key. */
export function registrations({ actors, people }: Stage) {
  return actors.map(({ address }) => ({
    seller: address,
    args: [people.key.address, Number(startTime), Number(notAfter), cap] as const,
  }));
}

export function isKeyAt({ actors, people }: Stage, seller: Address, key: Address, time: bigint): boolean {
  const registered = actors.some(({ address }) => address === seller);
  return registered && text(key) === text(people.key.address) && startTime <= time && time < notAfter;
}

export const hashOf = Receipt.hash;

export async function receiptSigner(stage: Stage, receipt: Hex, signature: Hex): Promise<Address> {
  return await recoverAddress({ hash: Receipt.batchDigest(receipt, domain(stage)), signature });
}

export async function noteSigner(stage: Stage, receipt: Hex, { credit, noteSignature }: Note): Promise<Address> {
  const hash = CreditNote.digest({ receipt, amount: credit }, domain(stage));
  return await recoverAddress({ hash, signature: noteSignature });
}

/** What differs from one note to the next. */
type Fields = Pick<Receipt.Receipt, 'seller' | 'payer' | 'payTo' | 'price' | 'startedAt' | 'seq'>;

export async function sign(
  stage: Stage,
  fields: Fields,
  credit: bigint,
  keys: readonly [Person, Person],
): Promise<Note> {
  const receipt: Receipt.Receipt = { ...blank, ...fields, token: stage.addresses.token };
  const hash = Receipt.hash(receipt);
  const batchSignature = await keys[0].sign({ hash: Receipt.batchDigest(hash, domain(stage)) });
  const noteSignature = await keys[1].sign({
    hash: CreditNote.digest({ receipt: hash, amount: credit }, domain(stage)),
  });
  return { receipt, path: [], batchSignature, credit, noteSignature };
}

function domain({ addresses }: Stage) {
  return Receipt.domainOf(31337, addresses.logs);
}

const blank: Omit<Receipt.Receipt, keyof Fields | 'token'> = {
  rail: 1,
  account: zeroHash,
  agent: zeroAddress,
  requestId: zeroHash,
  prev: zeroHash,
  requestHash: zeroHash,
  responseHash: zeroHash,
  asset: 0n,
  version: 1,
  manifestRoot: zeroHash,
  quoteHash: zeroHash,
  inputUnits: 0n,
  outputUnits: 0n,
  cumulative: 0n,
  ttftMs: 0,
  totalMs: 0,
  status: 0,
};
