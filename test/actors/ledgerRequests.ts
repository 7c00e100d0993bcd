/** Requests, outcomes and receipts as a ledger is given them. */
import type { Address, Hex } from 'viem';
import { stringToBytes } from 'viem/utils';
import { keccak } from '../../src/internal/Hash.ts';
import * as Json from '../../src/internal/Json.ts';
import type * as Channel from '../../src/pay/Channel.ts';
import type * as Ledger from '../../src/pay/Ledger.ts';

/** A number as 32 bytes. */
export const word = (value: number | bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`;

/** Who pays. */
export const payer: Address = `0x${'11'.repeat(20)}`;

/** A channel of that payer. */
export const config: Channel.Config = {
  payer,
  payerAuthorizer: payer,
  receiver: `0x${'22'.repeat(20)}`,
  receiverAuthorizer: `0x${'33'.repeat(20)}`,
  token: `0x${'44'.repeat(20)}`,
  withdrawDelay: 900,
  salt: word(0),
};

/** What the chain says of a channel that holds so much. */
export const holding = (balance: bigint, changes: Partial<Ledger.ChannelFacts> = {}): Ledger.ChannelFacts => ({
  balance,
  confirmed: balance,
  claimed: 0n,
  refundNonce: 0n,
  withdrawInitiatedAt: 0n,
  ...changes,
});

/** Identity of a voucher: one channel and one total. */
const authorityOf = (account: Hex, max: bigint): Hex => keccak(`0x${account.slice(2)}${word(max).slice(2)}`);

/** A request for `bound` atoms on a channel, paid by a voucher for `max`. */
export function admission(
  requestId: Hex,
  max: bigint,
  bound: bigint,
  changes: Partial<Ledger.Admission> = {},
): Ledger.Admission {
  const account = changes.account ?? word(1);
  return {
    requestId,
    rail: 'channel',
    account,
    payer,
    authority: authorityOf(account, max),
    bodyHash: word(7),
    bound,
    leaseUntil: 60_000,
    now: 0,
    voucher: { max, signature: `0x${max.toString(16).padStart(130, '0')}` },
    context: `context of ${requestId}`,
    ...changes,
  };
}

/** A payment that stands alone: `exact`, with the row that settles it. */
export const transfer = (requestId: Hex, nonce: Hex, changes: Partial<Ledger.Admission> = {}): Ledger.Admission => {
  const { voucher: _, ...common } = admission(requestId, 0n, 5n, { account: nonce, authority: nonce });
  return { ...common, rail: 'exact', outbox: { kind: 'exact', key: `exact:${nonce}`, payload: '{}' }, ...changes };
};

/** How such a request ended. */
export const outcome = (requestId: Hex, price: bigint, changes: Partial<Ledger.Outcome> = {}): Ledger.Outcome => ({
  requestId,
  price,
  outcome: 0,
  answer: { status: 200, contentType: 'text/plain', body: stringToBytes(`answer to ${requestId}`) },
  now: 1,
  ...changes,
});

/** Receipts that say what the ledger told their writer, signed by their own hash. */
export const sealer: Ledger.Sealer = {
  write: ({ request, ...link }) => {
    const body = Json.canonical({ ...link, request: request.id });
    return { hash: keccak(stringToBytes(body)), body };
  },
  sign: (hashes) => hashes.map((hash) => `proof of ${hash}`),
};
