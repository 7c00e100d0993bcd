import type { Address, Hex } from 'viem';
import { randomBytes32 } from '../internal/randomBytes32.ts';
import { chooseWay, isSamePlace } from './chooseWay.ts';
import {
  freeHeader,
  OverLimitError,
  type Paid,
  RefusedError,
  refundBusy,
  type Setup,
  tokenIn,
  type Way,
} from './Payer.ts';
import { type Call, payCall, payUntilAnswered, problemOf, refusalOf } from './payCall.ts';
import * as payChannel from './payChannel.ts';
import * as X402 from './X402.ts';

/** Pays any x402 v2 server on EVM chains. */
export type Payer = {
  readonly setup: Setup;
  /**
   * A fetch that pays when it is asked to, within the limits. A call that carries a licence's token or a free call is sent
   * without money first, and paid only when `maxPrice` says up to what: else the refusal is the answer.
   */
  fetch(url: string, init?: RequestInit, options?: createPayer.CallOptions): Promise<Paid>;
  /** Asks a seller for what was not charged; the channel is closed for good. Answers the settlement. */
  refund(url: string, channelId: Hex): Promise<X402.ParsedResponse>;
};

/** Runs work one after the other per key. What the work hands to `hold` must end as well before the next begins. */
type Lines = <T>(key: string, work: (hold: (until: Promise<unknown>) => void) => Promise<T>) => Promise<T>;

/**
 * Creates a payer. Calls to one payout address follow each other, because each voucher names what the former call was
 * charged; calls to different sellers run side by side. After the first call to an address the terms are remembered, so
 * that a call takes one round trip.
 */
export function createPayer(setup: Setup): Payer {
  const lines = createLines();
  const remembered = new Map<string, X402.ParsedRequired>();
  return {
    setup,
    async fetch(url, init = {}, options = {}) {
      const headers = new Headers(init.headers);
      if (!headers.has('idempotency-key')) headers.set('idempotency-key', crypto.randomUUID());
      const call: Call = { url, init: { ...init, headers }, before: new Map(), nonce: randomBytes32() };
      const hasMore = carriesMore(headers);
      if (hasMore && options.maxPrice === undefined) return unpaid(await send(setup, call));
      const first = (hasMore ? undefined : remembered.get(url)) ?? (await ask(setup, call));
      if (!('accepts' in first)) return unpaid(first);
      const chosen = chooseWay(setup, first, options.scheme);
      const pay = async (offered: X402.ParsedRequired) => {
        const way = chooseWay(setup, offered, options.scheme);
        if (!isSamePlace(way, chosen)) throw new RefusedError('it wants the money elsewhere than it said before');
        const limit = options.maxPrice ?? setup.policy.maxPerCall;
        if (way.amount > limit) throw new OverLimitError(way.amount, limit);
        return payCall(setup, call, way);
      };
      // The next call asks anew, unless this one is answered.
      const forget = () => remembered.delete(url);
      const { paid, required } = await lines(chosen.payTo.toLowerCase(), async (hold) => {
        const answered = await payUntilAnswered(pay, first).finally(forget);
        if (answered.paid.finalCost) hold(answered.paid.finalCost);
        return answered;
      });
      if (!hasMore) remembered.set(url, required);
      return paid;
    },
    async refund(url, channelId) {
      const account = await setup.store.get(channelId);
      return lines(`${account?.config.receiver}`.toLowerCase(), () => refund(setup, url, channelId));
    },
  };
}

export declare namespace createPayer {
  type CallOptions = {
    /** Most that this call may cost, in atoms; the policy's limit when absent, and nothing beside a token or a free call. */
    maxPrice?: bigint;
    /** Only this scheme. */
    scheme?: Way['scheme'];
  };
}

/** Whether a request carries what may admit it without money: a licence's token, or a free call. */
function carriesMore(headers: Headers): boolean {
  return headers.has(freeHeader) || tokenIn(headers) !== undefined;
}

/** Sends a request without payment: its answer when it is free, else what the server asks for. */
async function ask(setup: Setup, call: Call): Promise<X402.ParsedRequired | Response> {
  const response = await send(setup, call);
  const header = response.headers.get(X402.headers.required);
  return response.status === 402 && header !== null ? X402.parseRequired(header) : response;
}

function send(setup: Setup, { url, init }: Pick<Call, 'url' | 'init'>): Promise<Response> {
  return (setup.fetch ?? globalThis.fetch)(url, init);
}

function unpaid(response: Response): Paid {
  return { response, cost: 0n, bound: 0n, scheme: undefined };
}

async function refund(setup: Setup, url: string, channelId: Hex, tries = 1): Promise<X402.ParsedResponse> {
  const account = await setup.store.get(channelId);
  if (!account) throw new RefusedError('this wallet has no such channel');
  // From here on the seller may end the channel, whether its answer arrives or not.
  await setup.store.put({ ...account, closed: true });
  const accepted = refundRequirements(setup, account.config.receiver);
  const payload = await payChannel.signRefund(setup, account);
  const header = X402.encode({ x402Version: 2, accepted, payload });
  const init = { method: 'POST', headers: { [X402.headers.signature]: header } };
  const response = await send(setup, { url, init });
  if (response.status === 402 && tries === 1) {
    const { required } = await refusalOf(response);
    const extra = required?.accepts.find((way) => way.scheme === 'batch-settlement')?.extra ?? {};
    if (await payChannel.applyCorrection(setup, account, extra, account.signed))
      return refund(setup, url, channelId, 2);
  }
  const settled = response.headers.get(X402.headers.response);
  if (!response.ok || settled === null) {
    const { reason, code } = await problemOf(response);
    // Any other answer may hide that the seller has ended the channel: only these two say that it did nothing.
    const stands = response.status === 402 || (response.status === 409 && code === refundBusy.code);
    if (stands) await setup.store.put(account);
    throw new RefusedError(reason);
  }
  await setup.store.put({ ...account, balance: account.charged, closed: true });
  return X402.parseResponse(settled);
}

function refundRequirements(setup: Setup, payTo: Address) {
  const network = `eip155:${setup.place.chainId}`;
  return {
    scheme: 'batch-settlement',
    network,
    amount: '0',
    asset: setup.token.address,
    payTo,
    maxTimeoutSeconds: 300,
  };
}

function createLines(): Lines {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const held: Promise<unknown>[] = [];
    const run = () => work((until) => held.push(until));
    const current = (last.get(key) ?? Promise.resolve()).then(run);
    const settle = () => Promise.allSettled(held);
    last.set(key, current.then(settle, settle));
    return current;
  };
}
