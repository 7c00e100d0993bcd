import type { Hex } from 'viem';
import { messageOf } from '../internal/Errors.ts';
import { followStream, isStream } from './followStream.ts';
import { type Paid, RefusedError, type Setup, type Way } from './Payer.ts';
import * as payChannel from './payChannel.ts';
import { signExact } from './payExact.ts';
import * as X402 from './X402.ts';

/** Most tries for one answer: lost connections, a busy gateway, a channel that serves another request. */
export const maxTries = 8;

/** A request that shall be paid. */
export type Call = {
  readonly url: string;
  readonly init: RequestInit;
  /**
   * What had been signed on each channel before this request. A seller may say that it charged that much; a charge
   * beyond it would be for this very request, which it has not answered.
   */
  readonly before: Map<Hex, bigint>;
  /** Nonce of its `exact` payment: however often it is signed, one of them can be carried out. */
  readonly nonce: Hex;
};

/** What became of one payment: an answer, or the refusal and whether another try makes sense. */
export type Sent =
  | { readonly paid: Paid }
  | { readonly reason: string; readonly retry: boolean; readonly required: X402.ParsedRequired | undefined };

/** Signs a payment, sends the request with it and takes the answer into account. */
export async function payCall(setup: Setup, call: Call, way: Way): Promise<Sent> {
  return way.scheme === 'exact' ? payExact(setup, call, way) : payByChannel(setup, call, way);
}

async function payExact(setup: Setup, call: Call, way: Way): Promise<Sent> {
  const response = await send(setup, call, way, await signExact(setup, way, call.nonce));
  if (response.status === 402) {
    const refusal = await refusalOf(response);
    return { ...refusal, retry: isRepriced(refusal.required, way) };
  }
  const settled = response.headers.has(X402.headers.response);
  return { paid: { response, cost: settled ? way.amount : 0n, bound: way.amount, scheme: 'exact' } };
}

async function payByChannel(setup: Setup, call: Call, way: Way): Promise<Sent> {
  const account = await payChannel.findAccount(setup, way);
  const signed = await payChannel.signPayment(setup, way, account);
  const { channelId } = signed.account;
  if (!call.before.has(channelId)) call.before.set(channelId, account?.signed ?? 0n);
  const response = await send(setup, call, way, signed.payload);
  if (response.status !== 402) {
    if (isStream(response)) return { paid: follow(setup, way, signed, response) };
    const header = response.headers.get(X402.headers.response);
    const cost = header === null ? 0n : await payChannel.applyAccepted(setup, way, signed, X402.parseResponse(header));
    return { paid: { response, cost, bound: way.amount, scheme: 'batch-settlement' } };
  }
  const refusal = await refusalOf(response);
  const { reason, required } = refusal;
  if (reason.endsWith('channel_busy')) {
    await pause(50);
    return { ...refusal, retry: true };
  }
  const extra = required?.accepts.find((candidate) => candidate.scheme === 'batch-settlement')?.extra ?? {};
  // Another price says nothing about the channel; it is only paid anew.
  if (extra.channelState === undefined && isRepriced(required, way)) return { ...refusal, retry: true };
  const before = call.before.get(channelId) ?? 0n;
  const changed = required ? await payChannel.applyCorrection(setup, signed.account, extra, before) : false;
  return { ...refusal, retry: changed || isRepriced(required, way) };
}

/** A stream is charged at its end, where the channel's state is brought up to date. */
function follow(setup: Setup, way: Way, signed: payChannel.Signed, response: Response): Paid {
  const followed = followStream(response);
  const finalCost = followed.payment.then(async (payment) => {
    await payChannel.applyDeposit(setup, signed);
    return payment && payChannel.applyAccepted(setup, way, signed, payment);
  });
  // Whoever does not ask for the cost is told by the next call.
  finalCost.catch(() => undefined);
  return { response: followed.response, cost: 0n, finalCost, bound: way.amount, scheme: 'batch-settlement' };
}

/** Whether the server now asks for another amount than the one that was paid. */
function isRepriced(required: X402.ParsedRequired | undefined, way: Way): boolean {
  const offered = required?.accepts.find((candidate) => candidate.scheme === way.scheme);
  return offered !== undefined && offered.amount !== way.requirements.amount;
}

/** Sends a request again when the answer was lost or put off: the same payment with the same key is charged once. */
async function send(setup: Setup, call: Call, way: Way, payload: Record<string, unknown>): Promise<Response> {
  const headers = new Headers(call.init.headers);
  headers.set(X402.headers.signature, X402.encode({ x402Version: 2, accepted: way.requirements, payload }));
  const init = { ...call.init, headers };
  for (let tries = 1; ; tries++) {
    try {
      const response = await (setup.fetch ?? globalThis.fetch)(call.url, init);
      const later = response.status === 503 || response.status === 409 ? response.headers.get('retry-after') : null;
      if (later === null || tries >= maxTries) return response;
      await pause(Math.min(Number(later) || 1, 10) * 1_000);
    } catch (error) {
      if (init.signal?.aborted || tries >= maxTries) throw error;
      await pause(250 * tries);
    }
  }
}

/** What a 402 asks for, and why it came. */
export async function refusalOf(response: Response) {
  const header = response.headers.get(X402.headers.required);
  const required = header === null ? undefined : X402.parseRequired(header);
  return { reason: required?.error ?? (await problemOf(response)).reason, required };
}

/** Why a server refused: in its own words, shortened, and by the code for machines, where it gives one. */
export async function problemOf(response: Response): Promise<{ reason: string; code: unknown }> {
  try {
    const body = (await response.json()) as { title?: unknown; error?: unknown; code?: unknown };
    const reason = String(body.title ?? body.error ?? `status ${response.status}`).slice(0, 300);
    return { reason, code: body.code };
  } catch (error) {
    return { reason: `status ${response.status} (${messageOf(error)})`, code: undefined };
  }
}

/** Repeats a payment until it is accepted or refused for good. */
export async function payUntilAnswered(
  next: (required: X402.ParsedRequired) => Promise<Sent>,
  first: X402.ParsedRequired,
) {
  let required = first;
  for (let tries = 1; ; tries++) {
    const sent = await next(required);
    if ('paid' in sent) return { paid: sent.paid, required };
    if (!sent.retry || tries >= maxTries) throw new RefusedError(sent.reason);
    required = sent.required ?? required;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
