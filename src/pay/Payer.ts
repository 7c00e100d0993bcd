/** The buyer's side: what a payer is, which limits it keeps, and why it refuses. */
import type { Address, Hex, TypedDataDefinition } from 'viem';
import * as Amount from '../internal/Amount.ts';
import { BaseError } from '../internal/Errors.ts';
import type * as Authorization from './Authorization.ts';
import type * as Channel from './Channel.ts';
import type { ChannelStore } from './ChannelStore.ts';
import type * as X402 from './X402.ts';

/** Header of a request that takes a call which the seller gives away. */
export const freeHeader = 'agorai-free';

/** What the token of a sign-in begins with, so that it is told from keys of other services. */
export const tokenPrefix = 'agorai_';

/** The token of a sign-in that a request carries. Clients send keys of other services whether they are asked or not. */
export function tokenIn(headers: Headers): string | undefined {
  const key = /^Bearer (\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  return key?.startsWith(tokenPrefix) ? key : undefined;
}

/** The refusal to refund a channel while a request is served on it: the channel stays as it was. */
export const refundBusy = { code: 'payment.refund_busy' } as const;

/** Who signs. Any viem local account fits, and so does a browser wallet behind the same two members. */
export type Wallet = {
  readonly address: Address;
  signTypedData(definition: TypedDataDefinition): Promise<Hex>;
};

/** Limits that the payer keeps whatever a server asks for. Amounts in atoms. */
export type Policy = {
  /** Most that one call may cost. */
  readonly maxPerCall: bigint;
  /** Most that a channel may hold: the most that can be lost to one seller. */
  readonly maxDeposit: bigint;
  /** What a deposit puts in when the server suggests nothing; else the server's suggestion within the limit. */
  readonly deposit?: bigint;
};

/** What a payer is made of. */
export type Setup = {
  readonly wallet: Wallet;
  /** Key that signs vouchers instead of the wallet; it can spend what the channel holds and nothing else. */
  readonly session?: Wallet;
  /** The one token that this payer pays with. */
  readonly token: Authorization.Token;
  readonly place: Channel.Place;
  readonly erc3009Collector: Address;
  readonly store: ChannelStore;
  /** Reads a channel's balance and claimed total from the chain; without it lost answers cannot be resolved. */
  readonly readChannel?: (id: Hex) => Promise<{ balance: bigint; claimed: bigint }>;
  readonly policy: Policy;
  readonly fetch?: typeof globalThis.fetch;
  readonly now?: () => number;
};

/** A way to pay that this payer can take: its requirements, read and checked. */
export type Way = {
  readonly scheme: 'batch-settlement' | 'exact';
  readonly requirements: X402.ParsedRequired['accepts'][number];
  readonly amount: bigint;
  readonly payTo: Address;
  /** Fields of the scheme that the server adds. */
  readonly extra: Readonly<Record<string, unknown>>;
};

/** Answer of a paid call. Amounts in atoms. */
export type Paid = {
  readonly response: Response;
  /** What was charged; for `exact` the whole amount; for a stream nothing yet, see `finalCost`. */
  readonly cost: bigint;
  /**
   * What was charged for a stream, once its answer was read to the end or given up. Until then the seller's channel
   * waits. Undefined when the stream said nothing; the next call then asks the seller for the state of the channel.
   */
  readonly finalCost?: Promise<bigint | undefined>;
  /** What it could have cost at most. */
  readonly bound: bigint;
  /** How it was paid, undefined when the server did not ask for money. */
  readonly scheme: Way['scheme'] | undefined;
};

/** A server asks for more than the payer's limit. */
export class OverLimitError extends BaseError {
  override readonly name = 'Payer.OverLimitError';
  constructor(asked: bigint, limit: bigint) {
    super(`This call may cost up to ${Amount.format(asked)}, the limit is ${Amount.format(limit)}.`, {
      code: 'payment.over_limit',
      hint: 'Raise the limit, or make the request smaller.',
      docsPath: 'pay.md',
    });
  }
}

/** The channel would have to hold more than the payer allows. */
export class DepositLimitError extends BaseError {
  override readonly name = 'Payer.DepositLimitError';
  constructor(needed: bigint, limit: bigint) {
    super(
      `The balance with this seller would have to be ${Amount.format(needed)}, the limit is ${Amount.format(limit)}.`,
      {
        code: 'payment.deposit_limit',
        hint: 'Raise the deposit limit, or withdraw and begin anew.',
        docsPath: 'pay.md',
      },
    );
  }
}

/** A deposit that was signed before may still arrive, and a second one could arrive beside it. */
export class PendingDepositError extends BaseError {
  override readonly name = 'Payer.PendingDepositError';
  constructor(seconds: bigint) {
    super('A deposit that was signed before may still arrive.', {
      code: 'payment.deposit_pending',
      hint: `Try again when it has arrived, or in ${seconds} seconds, when it is void.`,
      docsPath: 'pay.md',
    });
  }
}

/** The server offers no way to pay that this payer takes. */
export class NoWayError extends BaseError {
  override readonly name = 'Payer.NoWayError';
  constructor(reasons: readonly string[]) {
    super('The server offers no way to pay that this wallet takes.', {
      code: 'payment.no_way',
      metaMessages: reasons,
      hint: 'Check the chain and the token of the wallet against those of the seller.',
      docsPath: 'pay.md',
    });
  }
}

/** The server refused the payment. */
export class RefusedError extends BaseError {
  override readonly name = 'Payer.RefusedError';
  constructor(reason: string) {
    super(`The seller refused the payment: ${reason}.`, {
      code: 'payment.refused',
      docsPath: 'pay.md',
      hint: 'Nothing was charged for this request.',
    });
  }
}

/** The server claims a state that the payer never signed. */
export class UnbackedError extends BaseError {
  override readonly name = 'Payer.UnbackedError';
  constructor(claimed: bigint, signed: bigint) {
    super(`The seller says it charged ${Amount.format(claimed)}, signed were ${Amount.format(signed)} at most.`, {
      code: 'payment.unbacked',
      hint: 'Do not pay this seller; withdraw what is left with: agorai withdraw',
      docsPath: 'pay.md',
    });
  }
}
