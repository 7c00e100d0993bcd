import type { Address } from 'viem';
import { isSameAddress } from '../../internal/isSameAddress.ts';
import * as Terms from '../../license/Terms.ts';
import * as Authorization from '../../pay/Authorization.ts';
import * as Channel from '../../pay/Channel.ts';
import * as X402 from '../../pay/X402.ts';
import { type Admission, type Call, interpret, nobody, reservation, ticketOf } from './Admission.ts';
import * as channelPayment from './channelPayment.ts';
import type { Deps } from './Deps.ts';
import { exactRow, verifyExact } from './exactPayment.ts';
import { type Offer, paymentRequired, reasons } from './offer.ts';
import { ProblemError } from './Problem.ts';
import { noLicence } from './signIn.ts';

/** Takes the payment of a request: verifies it, persists it and reserves the bound. */
export async function admit(deps: Deps, offer: Offer, payment: X402.Payment, request: Call): Promise<Admission> {
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

async function admitChannel(
  deps: Deps,
  offer: Offer,
  payload: X402.VoucherPayload | X402.DepositPayload,
  request: Call,
): Promise<Admission> {
  const { channelConfig: config, voucher } = payload;
  const verified = channelPayment.verifyVoucher(deps, payload, offer.listing.payTo);
  if ('refused' in verified) return { answer: paymentRequired(deps, offer, verified.refused) };
  const isOwn = isSameAddress(Channel.signerOf(config), config.payer);
  // Whoever deposits names payer and signer, so that only what the payer signs itself stands for its licence; and the
  // last voucher, which admits what costs nothing, is known to everybody once it was claimed.
  await requireLicence(deps, offer, config.payer, isOwn && offer.bound > 0n);
  if (payload.type === 'deposit') {
    const refused = await channelPayment.takeDeposit(deps, payload, offer.bound);
    if (refused) return { answer: paymentRequired(deps, offer, refused.refused) };
  } else {
    await channelPayment.meetChannel(deps, config, voucher.channelId);
  }
  const agent = isOwn ? nobody : config.payerAuthorizer;
  const known = { rail: 'channel', account: voucher.channelId, payer: config.payer } as const;
  const ticket = ticketOf(deps, offer, request, { ...known, agent, settleFirst: undefined });
  const reserve = () =>
    deps.ledger.admit({
      ...reservation(deps, offer, ticket),
      authority: verified.authority,
      voucher: { max: voucher.maxClaimableAmount, signature: voucher.signature },
      exposure: { channel: deps.limits.exposureOfChannel, total: deps.limits.exposure },
    });
  deps.at('verified');
  const admitted = await reserve();
  if (admitted.status !== 'insufficient' && admitted.status !== 'unconfirmed')
    return interpret(deps, offer, admitted, ticket);
  // Somebody may have put money into the channel a moment ago, or its block may lie deeper by now.
  await channelPayment.refreshChannel(deps, config, voucher.channelId);
  return interpret(deps, offer, await reserve(), ticket);
}

async function admitExact(deps: Deps, offer: Offer, payload: X402.ExactPayload, request: Call): Promise<Admission> {
  const verified = verifyExact(deps, payload, offer);
  if ('refused' in verified) return { answer: paymentRequired(deps, offer, verified.refused) };
  const { from: payer } = payload.authorization;
  await requireLicence(deps, offer, payer, true);
  const outbox = exactRow(deps, payload);
  const known = { rail: 'exact', account: Authorization.accountOf(payload.authorization), payer } as const;
  const ticket = ticketOf(deps, offer, request, { ...known, agent: nobody, settleFirst: outbox.key });
  deps.at('verified');
  const admitted = await deps.ledger.admit({
    ...reservation(deps, offer, ticket),
    authority: verified.authority,
    outbox,
  });
  return interpret(deps, offer, admitted, ticket);
}

function refuseRequirements(deps: Deps, offer: Offer, payment: X402.Payment): string | undefined {
  const { accepted, payload } = payment;
  const scheme = payload.type === 'exact' ? 'exact' : 'batch-settlement';
  const fits =
    accepted.scheme === scheme &&
    (scheme !== 'exact' || offer.listing.refundable !== false) &&
    X402.chainIdOf(accepted.network) === deps.seller.place.chainId &&
    isSameAddress(accepted.asset, offer.listing.token) &&
    isSameAddress(accepted.payTo, offer.listing.payTo) &&
    accepted.amount === offer.bound.toString();
  return fits ? undefined : reasons.requirements;
}

/** Where the terms sell a licence, the payer must hold it and sign this call itself, unless somebody signed in with it. */
async function requireLicence(
  deps: Deps,
  { listing, signedIn }: Offer,
  payer: Address,
  hasSigned: boolean,
): Promise<void> {
  if (signedIn || !Terms.sellsLicence(listing.terms)) return;
  if (!hasSigned) throw notSigned(payer, listing.model);
  const { valid } = await deps.chain.licence({ termsId: listing.termsId, holder: payer });
  if (!valid) throw noLicence(payer, listing.model);
}

function notSigned(payer: Address, model: string): ProblemError {
  return new ProblemError(401, `${payer} did not sign this call itself, so its licence for ${model} does not count.`, {
    code: 'signin.required',
    hint: 'Sign in at POST /v1/signin with the key of the holder, and send the token as Bearer beside the payment.',
    docsPath: 'infer.md',
  });
}
