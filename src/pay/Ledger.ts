/**
 * The seller's ledger: what was authorised, reserved, charged and receipted, and what the settler shall send. It is the
 * authority on the highest voucher of a channel and on the use of a quota. Every method that writes resolves after the
 * write is durable: persist, reserve, serve, commit.
 */
import type { Address, Hex } from 'viem';
import type * as Channel from './Channel.ts';

/** How a call is paid for. The position is the number used in receipts. */
export const rails = ['free', 'channel', 'exact', 'licence', 'job'] as const;

/** One of {@link rails}. */
export type Rail = (typeof rails)[number];

/** Facts about a channel that the chain decides. */
export type ChannelFacts = {
  /** Everything deposited less refunds and withdrawals, in atoms. */
  readonly balance: bigint;
  /** What of the balance lies deep enough in the chain to stay, in atoms. The rest may vanish with its block. */
  readonly confirmed: bigint;
  readonly claimed: bigint;
  readonly refundNonce: bigint;
  /** Unix seconds at which a withdrawal was started, 0 when none is pending. */
  readonly withdrawInitiatedAt: bigint;
};

/** `open` serves; `leaving` has a pending withdrawal; `dead` was refunded or withdrawn and is never used again. */
export type ChannelState = 'open' | 'leaving' | 'dead';

/** A channel as the ledger knows it. */
export type ChannelRow = ChannelFacts & {
  readonly id: Hex;
  readonly config: Channel.Config;
  readonly state: ChannelState;
  /** Total charged for served calls, in atoms. */
  readonly charged: bigint;
  /** Highest total the payer's key has signed, and its signature. */
  readonly max: bigint;
  readonly signature: Hex;
  /** Unix milliseconds of the first charge that is not yet claimed, 0 when none. */
  readonly unclaimedSince: bigint;
};

/** A request that asks to be served. */
export type Admission = {
  readonly requestId: Hex;
  readonly rail: Rail;
  /** Channel id, payment nonce, licence id or job id. */
  readonly account: Hex;
  readonly payer: Address;
  /** Digest of what authorises this one request: it admits one request, again only if that one cost nothing. */
  readonly authority: Hex;
  /** Hash of method, path and body, which the receipt says too: the same id with another body is refused. */
  readonly bodyHash: Hex;
  /** Worst-case price in atoms, reserved. */
  readonly bound: bigint;
  /** Unix milliseconds after which the reservation is void. */
  readonly leaseUntil: number;
  readonly now: number;
  /** The voucher that pays, for rail `channel`. */
  readonly voucher?: { readonly max: bigint; readonly signature: Hex };
  /** Most that may be served on deposits that are not confirmed, in atoms, on this channel and on all together. */
  readonly exposure?: { readonly channel: bigint; readonly total: bigint };
  /**
   * Counts the request: `granted` of a run are admitted. A run is a licence's unbroken time, or a day. `settled` were
   * used already, whoever counted them.
   */
  readonly quota?: { readonly run: number; readonly granted: bigint; readonly settled?: bigint };
  /** What the settler shall do before service, e.g. settle an exact payment. */
  readonly outbox?: OutboxRow;
  /** What the caller needs to end the request after a crash. Opaque to the ledger. */
  readonly context: string;
};

/** Outcome of an admission. */
export type Admitted =
  | { readonly status: 'admitted' }
  | { readonly status: 'replay'; readonly request: RequestRow }
  | {
      readonly status:
        | 'conflict'
        | 'running'
        | 'busy'
        | 'spent'
        | 'unknown'
        | 'leaving'
        | 'dead'
        | 'exhausted'
        | 'unconfirmed';
    }
  | { readonly status: 'mismatch' | 'insufficient'; readonly channel: ChannelRow };

/** A request as stored. */
export type RequestRow = {
  readonly id: Hex;
  readonly rail: Rail;
  readonly account: Hex;
  readonly payer: Address;
  readonly authority: Hex;
  readonly bound: bigint;
  readonly state: 'reserved' | 'done';
  readonly leaseUntil: number;
  readonly price: bigint;
  /** Receipt status, see the receipt format. */
  readonly outcome: number;
  /** Stored answer: HTTP status, content type and bytes. */
  readonly answer: Answer | undefined;
  /** Position of the receipt in the log, undefined while reserved. */
  readonly logIndex: number | undefined;
  /** The admission's context. */
  readonly context: string;
};

/** An answer as it was sent, kept so that a repeated request id gets the same one. */
export type Answer = { readonly status: number; readonly contentType: string; readonly body: Uint8Array };

/** How a request ended. */
export type Outcome = {
  readonly requestId: Hex;
  readonly price: bigint;
  readonly outcome: number;
  readonly answer: Answer;
  readonly now: number;
  /** The request is not counted against the quota it was admitted under. */
  readonly unused?: boolean;
  /** Further work for the settler that belongs to this outcome, e.g. the credit for a failed exact payment. */
  readonly outbox?: (receiptHash: Hex) => OutboxRow;
};

/** Place of an outcome in the chain of receipts of its account. */
export type Link = {
  readonly request: RequestRow;
  /** Number of this receipt on its account, from 1, without gaps. */
  readonly seq: bigint;
  /** Hash of the account's previous receipt, zero for the first. */
  readonly prev: Hex;
  /** Total charged on the account, this call included. */
  readonly cumulative: bigint;
  /** Position in the seller's log, from 0. */
  readonly logIndex: number;
};

/** Writes and signs receipts. The ledger owns order and links; it does not know what a receipt says. */
export type Sealer = {
  /** The receipt of one outcome: its hash, which the next one of the account names, and its text. */
  write(link: Link): { readonly hash: Hex; readonly body: string };
  /** One proof for each hash of a batch, in the same order. */
  sign(hashes: readonly Hex[]): readonly string[];
};

/** A stored receipt. */
export type ReceiptRow = {
  readonly hash: Hex;
  /** Text of the receipt. */
  readonly body: string;
  /** Text of the proof that a receipt key signed it. */
  readonly proof: string;
  readonly logIndex: number;
  readonly account: Hex;
  readonly seq: bigint;
  readonly requestId: Hex;
};

/** Work for the settler. `key` makes it idempotent. */
export type OutboxRow = { readonly kind: string; readonly key: string; readonly payload: string };

/** A licence holder who signed in at a seat. A later sign-in of the same seat takes its place. */
export type SignIn = {
  /** Hash of the token that stands for it. The token itself is known to its holder only. */
  readonly token: Hex;
  /** Licence id. */
  readonly licence: Hex;
  /** Number of the seat, from 1. */
  readonly seat: number;
  readonly termsId: Hex;
  readonly holder: Address;
  /** Set when the licence can be sold on: the token that the holder must own. */
  readonly tokenId?: bigint | undefined;
  /** Where the token is good, e.g. `https://example.com`. */
  readonly audience: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
};

/** The ledger's interface; the embedded and the PostgreSQL implementation pass the same tests. */
export type Ledger = {
  /** The channel, or undefined when it was never seen. */
  channel(id: Hex): ChannelRow | undefined;
  /** All channels that were not given up; with `dead` those too. */
  channels(options?: { dead?: boolean }): readonly ChannelRow[];
  /**
   * The channels whose state on chain matters: all that were not given up, and those that were while more was charged
   * than lies deep enough. With `unconfirmed` only those of which a part of the balance does not lie deep enough yet.
   */
  watched(options?: { unconfirmed?: boolean }): readonly ChannelRow[];
  /** Creates a channel or refreshes what the chain says about it. A dead channel stays dead. */
  putChannel(id: Hex, config: Channel.Config, facts: ChannelFacts, state: ChannelState): Promise<void>;
  /** Persists the authority and reserves the bound, atomically. */
  admit(admission: Admission): Promise<Admitted>;
  /** Ends requests: charges them, links and seals their receipts, stores the answers, all in one write. */
  commit(outcomes: readonly Outcome[], sealer: Sealer): Promise<readonly ReceiptRow[]>;
  /**
   * Gives a channel up for good and adds the row that refunds it; false when a request is being served on it or when it
   * was charged something else than the row was made for.
   */
  leave(id: Hex, charged: bigint, row: OutboxRow, now: number): Promise<boolean>;
  /**
   * Records a sign-in and spends the challenge that was signed, which the ledger remembers until `until`; false when the
   * challenge was spent before.
   */
  signIn(signIn: SignIn, challenge: { readonly nonce: string; readonly until: number }, now: number): Promise<boolean>;
  /** The sign-in that a token stands for, while nobody took its seat and it has not expired. */
  signedIn(token: Hex, now: number): SignIn | undefined;
  /** Requests counted in a run of an account. */
  used(account: Hex, run: number): bigint;
  /** Requests still reserved at a time, with leases that ended before it. */
  expired(now: number): readonly RequestRow[];
  /** Requests ever admitted, and those that are still being served. */
  counts(): { readonly requests: number; readonly reserved: number };
  /** One request. */
  request(id: Hex): RequestRow | undefined;
  /** Receipts in log order. */
  receipts(from: number, limit: number): readonly ReceiptRow[];
  /** The receipt of a request. */
  receiptOf(requestId: Hex): ReceiptRow | undefined;
  /** Number of receipts in the log. */
  logSize(): number;
  /** Adds work for the settler; the same key again changes nothing. */
  enqueue(row: OutboxRow, now: number): Promise<void>;
  /** Work in order of arrival after a position. */
  outbox(after: number, limit: number): readonly (OutboxRow & { id: number })[];
  close(): Promise<void>;
};
