import { randomBytes } from 'node:crypto';
import type { Address, Hex } from 'viem';
import { bytesToHex, concat, stringToBytes, stringToHex } from 'viem/utils';
import { keccak } from '../../internal/Hash.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import * as X402 from '../../pay/X402.ts';
import * as Context from './Context.ts';
import * as channelPayment from './channelPayment.ts';
import type { Deps } from './Deps.ts';
import { exactRow, verifyExact } from './exactPayment.ts';
import { limits } from './Limits.ts';
import { type Offer, paymentRequired, reasons } from './offer.ts';
import { ProblemError } from './Problem.ts';
import { saltedHash } from './salts.ts';

/** A request that may be served now. */
export type Ticket = {
  readonly requestId: Hex;
  readonly rail: Ledger.Rail;
  readonly account: Hex;
  readonly payer: Address;
  readonly context: Context.Context;
};

/** Either a ticket, or the answer to send instead: a 402, or the stored answer of the same request. */
export type Admission =
  | { readonly ticket: Ticket }
  | { readonly replay: Ledger.RequestRow }
  | { readonly answer: Response };

const nobody: Address = `0x${'0'.repeat(40)}`;

/** Takes the payment of a request: verifies it, persists it and reserves the bound. */
export async function admit(
  deps: Deps,
  offer: Offer,
  payment: X402.Payment,
  request: admit.Request,
): Promise<Admission> {
  const refusal = refuseRequirements(deps, offer, payment);
  if (refusal) return { answer: paymentRequired(deps, offer, refusal) };
  const { payload } = payment;
  if (payload.type === 'refund') {
    throw new ProblemError(400, 'This route does not refund channels.', {
      code: 'payment.refund_route',
      hint: 'Ask for a refund at POST /v1/refund.',
    });
  }
  return payload.type === 'exact'
    ? admitExact(deps, offer, payload, request)
    : admitChannel(deps, offer, payload, request);
}

export declare namespace admit {
  type Request = {
    /** The client's idempotency key, undefined when it sent none. */
    key: string | undefined;
    method: string;
    path: string;
    body: Uint8Array;
  };
}

async function admitChannel(
  deps: Deps,
  offer: Offer,
  payload: X402.VoucherPayload | X402.DepositPayload,
  request: admit.Request,
): Promise<Admission> {
  const { channelConfig: config, voucher } = payload;
  const verified = channelPayment.verifyVoucher(deps, payload, offer.listing.payTo);
  if ('refused' in verified) return { answer: paymentRequired(deps, offer, verified.refused) };
  await requireLicence(deps, offer, config.payer);
  if (payload.type === 'deposit') {
    const refused = await channelPayment.takeDeposit(deps, payload, offer.bound);
    if (refused) return { answer: paymentRequired(deps, offer, refused.refused) };
  } else {
    await channelPayment.meetChannel(deps, config, voucher.channelId);
  }
  const sole = isZero(config.payerAuthorizer) || same(config.payerAuthorizer, config.payer);
  const agent = sole ? nobody : config.payerAuthorizer;
  const known = { rail: 'channel', account: voucher.channelId, payer: config.payer } as const;
  const ticket = ticketOf(deps, offer, request, { ...known, agent, settleFirst: undefined });
  const reserve = () =>
    deps.ledger.admit({
      ...reservation(deps, offer, request, ticket),
      authority: verified.authority,
      voucher: { max: voucher.maxClaimableAmount, signature: voucher.signature },
    });
  deps.at('verified');
  const admitted = await reserve();
  if (admitted.status !== 'insufficient') return interpret(deps, offer, admitted, ticket);
  // Somebody may have put money into the channel on chain a moment ago.
  await channelPayment.refreshChannel(deps, config, voucher.channelId);
  return interpret(deps, offer, await reserve(), ticket);
}

async function admitExact(
  deps: Deps,
  offer: Offer,
  payload: X402.ExactPayload,
  request: admit.Request,
): Promise<Admission> {
  const verified = verifyExact(deps, payload, offer);
  if ('refused' in verified) return { answer: paymentRequired(deps, offer, verified.refused) };
  const { from: payer, nonce } = payload.authorization;
  await requireLicence(deps, offer, payer);
  const outbox = exactRow(deps, payload);
  const known = { rail: 'exact', account: keccak(concat([payer, nonce])), payer } as const;
  const ticket = ticketOf(deps, offer, request, { ...known, agent: nobody, settleFirst: outbox.key });
  deps.at('verified');
  const admitted = await deps.ledger.admit({
    ...reservation(deps, offer, request, ticket),
    authority: verified.authority,
    outbox,
  });
  return interpret(deps, offer, admitted, ticket);
}

type Known = Pick<Ticket, 'rail' | 'account' | 'payer'> & Pick<Context.Context, 'agent' | 'settleFirst'>;

function ticketOf(deps: Deps, offer: Offer, request: admit.Request, known: Known): Ticket {
  const { agent, settleFirst, ...ticket } = known;
  const requestId = requestIdOf(known.payer, request);
  const text = concat([stringToBytes(`${request.method} ${request.path}\n`), request.body]);
  const requestHash = saltedHash(deps.saltOf(requestId), text);
  const startedAt = BigInt(Math.round(deps.now()));
  return { ...ticket, requestId, context: Context.from(offer, { agent, startedAt, requestHash, settleFirst }) };
}

function reservation(deps: Deps, offer: Offer, request: admit.Request, ticket: Ticket) {
  const now = deps.now();
  const { context, ...known } = ticket;
  return {
    ...known,
    context: Context.serialize(context),
    bodyHash: keccak(concat([keccak(stringToBytes(`${request.method} ${request.path}`)), keccak(request.body)])),
    bound: offer.bound,
    now,
    leaseUntil: now + limits.leaseMs,
  };
}

function interpret(deps: Deps, offer: Offer, admitted: Ledger.Admitted, ticket: Ticket): Admission {
  switch (admitted.status) {
    case 'admitted':
      deps.at('admitted');
      return { ticket };
    case 'replay':
      return { replay: admitted.request };
    case 'conflict':
      throw new ProblemError(409, 'This request id was used for another request.', {
        code: 'request.conflict',
        hint: 'Use a new idempotency key for a new request.',
      });
    case 'running':
      throw new ProblemError(409, 'This request is still being served.', { code: 'request.running', retryAfter: 1 });
    case 'mismatch':
      return { answer: paymentRequired(deps, offer, reasons.mismatch, admitted.channel) };
    case 'insufficient':
      return { answer: paymentRequired(deps, offer, reasons.insufficient, admitted.channel) };
    case 'spent': {
      const channel = ticket.rail === 'channel' ? deps.ledger.channel(ticket.account) : undefined;
      return { answer: paymentRequired(deps, offer, channel ? reasons.mismatch : reasons.exactSpent, channel) };
    }
    case 'busy':
      return { answer: paymentRequired(deps, offer, reasons.busy) };
    case 'unknown':
    case 'dead':
    case 'leaving':
      return { answer: paymentRequired(deps, offer, reasons.unknown) };
  }
}

/** The request id: bound to the payer, so that nobody can occupy another's. Without a key every request is a new one. */
function requestIdOf(payer: Address, request: admit.Request): Hex {
  if (request.key === undefined) return bytesToHex(randomBytes(32));
  return keccak(concat([payer, stringToHex(request.key)]));
}

function refuseRequirements(deps: Deps, offer: Offer, payment: X402.Payment): string | undefined {
  const { accepted, payload } = payment;
  const scheme = payload.type === 'exact' ? 'exact' : 'batch-settlement';
  const fits =
    accepted.scheme === scheme &&
    X402.chainIdOf(accepted.network) === deps.seller.place.chainId &&
    accepted.asset.toLowerCase() === offer.listing.token.toLowerCase() &&
    accepted.payTo.toLowerCase() === offer.listing.payTo.toLowerCase() &&
    accepted.amount === offer.bound.toString();
  return fits ? undefined : reasons.requirements;
}

async function requireLicence(deps: Deps, offer: Offer, payer: Address): Promise<void> {
  if (!offer.listing.licenceRequired) return;
  if (await deps.chain.holds(offer.listing.termsId, payer)) return;
  throw new ProblemError(403, `${payer} holds no licence for ${offer.listing.model}.`, {
    code: 'licence.required',
    hint: `Buy one first: agorai buy ${offer.listing.model}`,
    docsPath: 'license.md',
  });
}

function isZero(address: Address): boolean {
  return same(address, nobody);
}

function same(a: Hex, b: Hex): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
