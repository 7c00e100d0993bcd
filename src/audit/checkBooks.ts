import type { Address, Hex } from 'viem';
import { count } from '../chain/Words.ts';
import * as Receipt from '../infer/Receipt.ts';
import type * as Eip712 from '../internal/Eip712.ts';
import * as Authorization from '../pay/Authorization.ts';
import * as Channel from '../pay/Channel.ts';
import type * as Ledger from '../pay/Ledger.ts';
import * as Voucher from '../pay/Voucher.ts';
import type * as History from './History.ts';
import type * as Report from './Report.ts';

/** What the check of a seller's books needs besides the books. */
export type Means = {
  readonly place: Channel.Place;
  readonly domain: Eip712.Domain;
  readonly seller: Address;
  /** Unix milliseconds. */
  readonly now: number;
  recover(digest: Hex, signature: Hex): Hex | undefined;
  /** Validity of a receipt key of the seller, in unix seconds. */
  keyOf(key: Address): { notBefore: bigint; notAfter: bigint } | undefined;
};

const zero: Hex = `0x${'0'.repeat(64)}`;

/**
 * Recomputes a seller's ledger: every receipt from its request and back (X1, X6), every account's total from its
 * receipts (X2), every channel's highest voucher against what was charged and claimed (X3), and open reservations (X5).
 */
export function checkBooks(ledger: Ledger.Ledger, state: History.State, means: Means, collector: Report.Collector) {
  const receipts = readAll(ledger);
  const heads = new Map<Hex, { seq: bigint; hash: Hex; total: bigint }>();
  const authorities = new Map<Hex, Hex>();
  const paid = transfersOf(state);
  for (const [position, row] of receipts.entries()) {
    const receipt = Receipt.parse(row.body);
    collector.equal('X6', `place of receipt ${row.hash} in the log`, BigInt(position), BigInt(row.logIndex));
    checkReceipt(row, receipt, means, collector);
    checkLink(row, receipt, heads, collector);
    checkRequest(ledger, row, receipt, { authorities, paid }, collector);
  }
  const { requests, reserved } = ledger.counts();
  const overdue = ledger.expired(means.now).length;
  collector.equal('X5', 'reservations beyond their leases', 0n, BigInt(overdue));
  collector.equal('X1', 'ended requests', BigInt(requests - reserved), BigInt(receipts.length));
  collector.prove('X1', `each of ${count(receipts.length, 'request')} has one authority, one outcome and one receipt`);
  collector.prove('X5', `${count(reserved, 'request')} in flight, none beyond its lease`);
  collector.prove(
    'X6',
    `each of ${count(receipts.length, 'receipt')} is signed by a registered key and chained without a gap`,
  );
  checkChannels(ledger, heads, state, means, collector);
  return receipts;
}

function readAll(ledger: Ledger.Ledger): readonly Ledger.ReceiptRow[] {
  const all: Ledger.ReceiptRow[] = [];
  for (;;) {
    const page = ledger.receipts((all.at(-1)?.logIndex ?? -1) + 1, 1_000);
    if (page.length === 0) return all;
    all.push(...page);
  }
}

function checkReceipt(
  row: Ledger.ReceiptRow,
  receipt: Receipt.Receipt,
  means: Means,
  collector: Report.Collector,
): void {
  const subject = `receipt ${row.hash}`;
  collector.equal('X6', `hash of ${subject}`, row.hash, Receipt.hash(receipt));
  collector.equal('X6', `seller of ${subject}`, means.seller, receipt.seller);
  const key = Receipt.signerOf(receipt, Receipt.parseProof(row.proof), means.domain, means.recover);
  const validity = key ? means.keyOf(key) : undefined;
  const at = receipt.startedAt / 1_000n;
  const valid = validity !== undefined && at >= validity.notBefore && at <= validity.notAfter;
  collector.holds('X6', `signature of ${subject}`, valid, 'a key registered at that time', key ?? 'no signature');
}

function checkLink(
  row: Ledger.ReceiptRow,
  receipt: Receipt.Receipt,
  heads: Map<Hex, { seq: bigint; hash: Hex; total: bigint }>,
  collector: Report.Collector,
): void {
  const head = heads.get(receipt.account) ?? { seq: 0n, hash: zero, total: 0n };
  collector.equal('X6', `number of receipt ${row.hash}`, head.seq + 1n, receipt.seq);
  collector.equal('X6', `predecessor of receipt ${row.hash}`, head.hash, receipt.prev);
  collector.equal('X2', `total of receipt ${row.hash}`, head.total + receipt.price, receipt.cumulative);
  heads.set(receipt.account, { seq: receipt.seq, hash: row.hash, total: receipt.cumulative });
}

/** What was seen so far: whose request each authority paid for, and what authorizations moved. */
type Found = { readonly authorities: Map<Hex, Hex>; readonly paid: ReadonlyMap<Hex, string | undefined> };

function checkRequest(
  ledger: Ledger.Ledger,
  row: Ledger.ReceiptRow,
  receipt: Receipt.Receipt,
  { authorities, paid }: Found,
  collector: Report.Collector,
): void {
  const request = ledger.request(row.requestId);
  if (!collector.holds('X1', `request of receipt ${row.hash}`, request !== undefined, 'a request', 'none') || !request)
    return;
  collector.equal('X1', `price of request ${request.id}`, receipt.price, request.price);
  collector.equal('X1', `id in receipt ${row.hash}`, request.id, receipt.requestId);
  collector.holds(
    'X2',
    `price of request ${request.id}`,
    request.price <= request.bound,
    `at most ${request.bound}`,
    `${request.price}`,
  );
  if (request.price === 0n) return;
  const former = authorities.get(request.authority);
  collector.holds(
    'X1',
    `authority of request ${request.id}`,
    former === undefined,
    'used once',
    `used by ${former} too`,
  );
  authorities.set(request.authority, request.id);
  if (request.rail === 'exact') checkExact(request, receipt, paid, collector);
}

/** What authorizations moved, by the account that each is to a ledger. */
function transfersOf({ authorizations }: History.State): ReadonlyMap<Hex, string | undefined> {
  return new Map(
    [...authorizations].map(([authorization, transfer]) => {
      const [from, nonce] = authorization.split('|') as [Address, Hex];
      return [Authorization.accountOf({ from, nonce }), transfer];
    }),
  );
}

/** An exact payment must be the very transfer that the payer's authorization of this request made. */
function checkExact(
  request: Ledger.RequestRow,
  { payer, payTo, price }: Receipt.Receipt,
  paid: Found['paid'],
  collector: Report.Collector,
): void {
  const wanted = `${payer}|${payTo}|${price}`.toLowerCase();
  const found = paid.get(request.account);
  collector.holds('X1', `exact payment of request ${request.id}`, found === wanted, wanted, found ?? 'no transfer');
}

function checkChannels(
  ledger: Ledger.Ledger,
  heads: Map<Hex, { total: bigint }>,
  state: History.State,
  means: Means,
  collector: Report.Collector,
): void {
  const channels = ledger.channels({ dead: true });
  for (const channel of channels) {
    const subject = `channel ${channel.id}`;
    const claimed = state.channels.get(channel.id)?.claimed ?? 0n;
    const head = heads.get(channel.id);
    if (head) collector.equal('X2', `charges of ${subject}`, head.total, channel.charged);
    collector.holds('X3', subject, channel.max >= claimed, `a voucher of at least ${claimed}`, `${channel.max}`);
    collector.holds('X3', subject, channel.charged >= claimed, `charges of at least ${claimed}`, `${channel.charged}`);
    collector.holds(
      'X3',
      subject,
      channel.max >= channel.charged,
      `a voucher of at least ${channel.charged}`,
      `${channel.max}`,
    );
    if (channel.max === 0n) continue;
    const digest = Voucher.digest({ channelId: channel.id, maxClaimableAmount: channel.max }, means.place);
    const signer = means.recover(digest, channel.signature);
    collector.equal('X3', `voucher of ${subject}`, Channel.signerOf(channel.config), signer ?? 'no signature');
  }
  collector.prove('X2', `the prices of all receipts add up to what ${count(channels.length, 'channel')} had to pay`);
  collector.prove('X3', `${count(channels.length, 'channel')}: highest voucher >= charged >= claimed on chain`);
}
