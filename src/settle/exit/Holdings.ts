/**
 * What the lines of an export add up to. Each line is checked when it is added: signatures, identities, the chain of
 * receipts of each account, the order of the log, and that no receipt charges more than a voucher before it allows.
 */

import type { Hex } from 'viem';
import * as CreditNote from '../../infer/CreditNote.ts';
import * as Receipt from '../../infer/Receipt.ts';
import * as ReceiptLog from '../../infer/ReceiptLog.ts';
import type * as Eip712 from '../../internal/Eip712.ts';
import { isSameAddress } from '../../internal/isSameAddress.ts';
import * as Channel from '../../pay/Channel.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import * as Voucher from '../../pay/Voucher.ts';
import * as Split from '../Split.ts';
import * as Export from './Export.ts';

/** A channel of the person, as payer or as seller. Amounts are atoms. */
export type Held = {
  readonly config: Channel.Config;
  /** Highest voucher, 0 when the file has none. */
  max: bigint;
  signature: Hex;
  /** What the receipts of the seller's log have charged. */
  charged: bigint;
  /** What the person reckons as its payer. */
  reckoned: Extract<Export.Entry, { kind: 'balance' }> | undefined;
};

/** Everything that a file says. */
export type Holdings = {
  readonly header: Export.Header;
  /** Lines read, the first included. */
  lines: number;
  readonly accounts: Set<bigint>;
  readonly channels: Map<Hex, Held>;
  /** Hashes of the receipts of the seller's log, in order. */
  readonly leaves: Hex[];
  /** Last receipt of each account of the log. */
  readonly last: Map<Hex, { readonly seq: bigint; readonly hash: Hex; readonly cumulative: bigint }>;
  /** Heads of the log by epoch, and the log as of the newest. */
  readonly heads: Map<bigint, ReceiptLog.SignedHead>;
  headLog: ReceiptLog.ReceiptLog;
  readonly credits: Map<Hex, CreditNote.Credit>;
  /** Hashes of receipts that the person got as a buyer. */
  readonly received: Set<Hex>;
  readonly splits: Map<string, { readonly account: bigint; readonly splitId: Hex; readonly split: Split.Split }>;
  readonly licences: Map<Hex, Extract<Export.Entry, { kind: 'licence' }>>;
};

/** Who signed a digest, when the signature is one that the contracts accept. */
export type Recover = (digest: Hex, signature: Hex) => Hex | undefined;

/** A file of which only the first line was read. */
export function from(header: Export.Header): Holdings {
  return {
    header,
    lines: 1,
    accounts: new Set(),
    channels: new Map(),
    leaves: [],
    last: new Map(),
    heads: new Map(),
    headLog: ReceiptLog.empty,
    credits: new Map(),
    received: new Set(),
    splits: new Map(),
    licences: new Map(),
  };
}

/** Takes the next line into account, or throws what is wrong with it. */
export function add(holdings: Holdings, entry: Export.Entry, recover: Recover): void {
  holdings.lines++;
  const fault = handlers[entry.kind](holdings, entry as never, recover);
  if (fault !== undefined) throw new Export.InvalidError(holdings.lines, fault);
}

/** Where the channels of a file live. */
export function placeOf({ header }: Holdings): Channel.Place {
  return { chainId: header.addresses.chainId, settlement: header.addresses.settlement };
}

/** A channel as the planning of claims takes it, with the facts of the chain. */
export function toRow(id: Hex, held: Held, facts: { balance: bigint; claimed: bigint }): Ledger.ChannelRow {
  const { config, max, signature, charged } = held;
  const rest = { confirmed: facts.balance, refundNonce: 0n, withdrawInitiatedAt: 0n, unclaimedSince: 0n } as const;
  return { id, config, max, signature, charged, state: 'open', ...facts, ...rest };
}

type Handlers = {
  readonly [kind in Export.Entry['kind']]: (
    holdings: Holdings,
    entry: Extract<Export.Entry, { kind: kind }>,
    recover: Recover,
  ) => string | undefined;
};

const handlers: Handlers = {
  account: ({ accounts }, { account }) => void accounts.add(account),
  channel(holdings, { id, config }) {
    if (Channel.idOf(config, placeOf(holdings)) !== id.toLowerCase())
      return `channel ${id} does not follow from its configuration`;
    if (!holdings.channels.has(id))
      holdings.channels.set(id, { config, max: 0n, signature: '0x', charged: 0n, reckoned: undefined });
    return undefined;
  },
  voucher(holdings, { channelId, max, signature }, recover) {
    const held = holdings.channels.get(channelId);
    if (!held) return `channel ${channelId} is unknown`;
    const signer = recover(Voucher.digest({ channelId, maxClaimableAmount: max }, placeOf(holdings)), signature);
    if (!isSameAddress(signer, Channel.signerOf(held.config)))
      return `the voucher of channel ${channelId} is not its payer's`;
    if (max > held.max) Object.assign(held, { max, signature });
    return undefined;
  },
  balance({ channels }, entry) {
    const held = channels.get(entry.channelId);
    if (!held) return `channel ${entry.channelId} is unknown`;
    if (entry.charged > entry.signed) return `channel ${entry.channelId} was charged more than was signed`;
    held.reckoned = entry;
    return undefined;
  },
  served: addServed,
  received(holdings, { receipt, proof }, recover) {
    if (!isSameAddress(receipt.payer, holdings.header.person)) return 'the receipt is about another payer';
    if (!Receipt.signerOf(receipt, proof, domainOf(holdings), recover)) return 'the receipt is not signed';
    holdings.received.add(Receipt.hash(receipt));
    return undefined;
  },
  head: addHead,
  credit(holdings, { credit }, recover) {
    const digest = CreditNote.digest({ receipt: credit.receiptHash, amount: credit.amount }, domainOf(holdings));
    if (!recover(digest, credit.signature)) return 'the credit note is not signed';
    holdings.credits.set(credit.receiptHash, credit);
    return undefined;
  },
  split({ splits }, { account, split }) {
    const splitId = Split.resolvedId(split);
    splits.set(`${account}:${splitId}`, { account, splitId, split });
    return undefined;
  },
  licence: ({ licences }, entry) => void licences.set(entry.transaction, entry),
};

function addServed(
  holdings: Holdings,
  { index, receipt, proof }: Extract<Export.Entry, { kind: 'served' }>,
  recover: Recover,
): string | undefined {
  const { leaves, last, channels, header } = holdings;
  const hash = Receipt.hash(receipt);
  if (index < leaves.length) return leaves[index] === hash ? undefined : `receipt ${index} is there twice and differs`;
  if (index > leaves.length) return `receipt ${leaves.length} is missing`;
  if (!isSameAddress(receipt.seller, header.person)) return 'the receipt is of another seller';
  if (!Receipt.signerOf(receipt, proof, domainOf(holdings), recover)) return 'the receipt is not signed';
  const before = last.get(receipt.account) ?? { seq: 0n, hash: ReceiptLog.emptyRoot, cumulative: 0n };
  if (receipt.seq !== before.seq + 1n || receipt.prev !== before.hash)
    return `receipt ${index} does not follow the one before on its account`;
  if (receipt.cumulative !== before.cumulative + receipt.price) return `receipt ${index} does not add up`;
  const held = channels.get(receipt.account);
  if (held) held.charged = receipt.cumulative;
  else if (receipt.rail === channelRail) return `channel ${receipt.account} is unknown`;
  if (held && held.charged > held.max) return `receipt ${index} charges more than any voucher allows`;
  last.set(receipt.account, { seq: receipt.seq, hash, cumulative: receipt.cumulative });
  leaves.push(hash);
  return undefined;
}

const channelRail = 1;

function addHead(
  holdings: Holdings,
  { signed }: Extract<Export.Entry, { kind: 'head' }>,
  recover: Recover,
): string | undefined {
  const { heads, leaves } = holdings;
  const { head, signature } = signed;
  const known = heads.get(head.epoch);
  if (known) return known.head.root === head.root ? undefined : `head ${head.epoch} is there twice and differs`;
  if (!isSameAddress(head.seller, holdings.header.person)) return 'the head is of another seller';
  if (!recover(ReceiptLog.headDigest(head, domainOf(holdings)), signature)) return 'the head is not signed';
  const size = Number(head.size);
  if (size > leaves.length || size < holdings.headLog.size) return `head ${head.epoch} is not about these receipts`;
  holdings.headLog = ReceiptLog.append(holdings.headLog, leaves.slice(holdings.headLog.size, size));
  if (ReceiptLog.root(holdings.headLog) !== head.root) return `head ${head.epoch} is about other receipts`;
  heads.set(head.epoch, signed);
  return undefined;
}

function domainOf({ header }: Holdings): Eip712.Domain {
  return Receipt.domainOf(header.addresses.chainId, header.addresses.logs);
}
