import type { Hex } from 'viem';
import * as Json from '../../internal/Json.ts';
import * as Terms from '../../license/Terms.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import * as X402 from '../../pay/X402.ts';
import * as FreeCall from '../FreeCall.ts';
import type { Listing } from '../Listing.ts';
import type { Deps } from './Deps.ts';
import { ProblemError, problemBody } from './Problem.ts';
import type { SignedQuote } from './quotes.ts';

/** What a request would cost at most, by which quote. */
export type Offer = {
  readonly listing: Listing;
  readonly quote: SignedQuote;
  /** Worst-case price in atoms: the whole price of the `exact` scheme. */
  readonly bound: bigint;
  readonly url: string;
  /** Whether the caller signed in with a licence under the listing's terms. */
  readonly signedIn: boolean;
};

/** A deposit that covers this many calls is suggested to clients. */
const depositCalls = 50n;

/** Longest time a client is given to pay, in seconds. */
const timeoutSeconds = 300;

/** Ways to pay a request, channel first. */
export function accepts(deps: Deps, offer: Offer): readonly X402.Requirements[] {
  const { seller } = deps;
  const common = {
    network: `eip155:${seller.place.chainId}` as const,
    amount: offer.bound.toString(),
    asset: offer.listing.token,
    payTo: offer.listing.payTo,
    maxTimeoutSeconds: timeoutSeconds,
  };
  const token = { name: seller.token.name, version: seller.token.version, assetTransferMethod: 'eip3009' };
  return [
    {
      scheme: 'batch-settlement',
      ...common,
      extra: {
        ...token,
        receiverAuthorizer: seller.receiverAuthorizer,
        withdrawDelay: seller.withdrawDelay,
        minDeposit: (offer.bound * depositCalls).toString(),
      },
    },
    ...(offer.listing.refundable === false ? [] : [{ scheme: 'exact' as const, ...common, extra: token }]),
  ];
}

/**
 * The 402 answer. `error` is a reason of the scheme that stock clients understand; with `channel` the answer carries
 * the state that lets a client that lost track go on.
 */
export function paymentRequired(deps: Deps, offer: Offer, error?: string, channel?: Ledger.ChannelRow): Response {
  const ways = accepts(deps, offer).map((way) =>
    channel && way.scheme === 'batch-settlement' ? { ...way, extra: { ...way.extra, ...correction(channel) } } : way,
  );
  const body: X402.PaymentRequired = {
    x402Version: 2,
    error: error ?? 'Payment required',
    resource: { url: offer.url, description: offer.listing.model, mimeType: 'application/json' },
    accepts: ways,
    extensions: { agorai: describe(deps, offer) },
  };
  const problem = problemBody(
    offer.bound > 0n
      ? new ProblemError(402, 'This call must be paid for.', paymentAdvice)
      : new ProblemError(402, 'This call costs nothing, but somebody must have signed for it.', freeAdvice),
  );
  return new Response(Json.stringify({ ...body, ...problem }), {
    status: 402,
    headers: { 'content-type': 'application/json', [X402.headers.required]: X402.encode(body) },
  });
}

/** What a buyer of ours checks before it pays: who sells what under which terms, and the signed quote. */
export function describe(deps: Deps, offer: Pick<Offer, 'listing' | 'quote'>): Record<string, unknown> {
  return {
    seller: deps.seller.address,
    asset: offer.listing.asset.toString(),
    version: offer.listing.version,
    termsId: offer.listing.termsId,
    licenceRequired: Terms.sellsLicence(offer.listing.terms),
    quote: Json.parse(Json.canonical({ ...offer.quote.quote })),
    quoteHash: offer.quote.hash,
    quoteSignature: offer.quote.signature,
    ...(deps.free ? { free: { ...deps.free, listing: listingOf(offer.listing) } } : {}),
  };
}

const paymentAdvice = {
  code: 'payment.required',
  hint: 'Pay by x402 as PAYMENT-REQUIRED says, or sign in with a licence at POST /v1/signin and send its token as Bearer.',
};

const freeAdvice = {
  code: 'payment.required',
  hint: 'Send the last voucher of your channel once more, or sign in with a licence at POST /v1/signin and send its token as Bearer.',
};

/** Identity of a listing towards those who take what is given away. */
export function listingOf({ asset, version, engine }: Listing): Hex {
  return FreeCall.listingOf(asset, version, engine.route);
}

function correction(channel: Ledger.ChannelRow): Record<string, unknown> {
  return {
    channelState: channelState(channel, channel.charged),
    ...(channel.max > 0n
      ? { voucherState: { signedMaxClaimable: channel.max.toString(), signature: channel.signature } }
      : {}),
  };
}

/** The snapshot of a channel as the scheme states it. */
export function channelState(channel: Ledger.ChannelRow, charged: bigint): Record<string, unknown> {
  return {
    channelId: channel.id,
    balance: channel.balance.toString(),
    totalClaimed: channel.claimed.toString(),
    withdrawRequestedAt: Number(channel.withdrawInitiatedAt),
    refundNonce: channel.refundNonce.toString(),
    chargedCumulativeAmount: charged.toString(),
  };
}

/** Reasons of the scheme `batch-settlement` on EVM chains that stock clients and people know. */
export const reasons = {
  channelId: 'invalid_batch_settlement_evm_channel_id_mismatch',
  receiver: 'invalid_batch_settlement_evm_receiver_mismatch',
  receiverAuthorizer: 'invalid_batch_settlement_evm_receiver_authorizer_mismatch',
  token: 'invalid_batch_settlement_evm_token_mismatch',
  withdrawDelay: 'invalid_batch_settlement_evm_withdraw_delay_mismatch',
  signature: 'invalid_batch_settlement_evm_voucher_signature',
  depositSignature: 'invalid_batch_settlement_evm_receive_authorization_signature',
  depositTime: 'invalid_batch_settlement_evm_payload_authorization_valid_before',
  depositFailed: 'invalid_batch_settlement_evm_deposit_transaction_failed',
  depositSmall: 'invalid_batch_settlement_evm_deposit_below_min_deposit',
  mismatch: 'invalid_batch_settlement_evm_cumulative_amount_mismatch',
  insufficient: 'invalid_batch_settlement_evm_cumulative_exceeds_balance',
  busy: 'invalid_batch_settlement_evm_channel_busy',
  unknown: 'invalid_batch_settlement_evm_channel_not_found',
  refundMismatch: 'invalid_batch_settlement_evm_refund_amount_invalid',
  exactSignature: 'invalid_exact_evm_payload_signature',
  exactAmount: 'invalid_exact_evm_payload_authorization_value',
  exactTime: 'invalid_exact_evm_payload_authorization_valid_before',
  exactRecipient: 'invalid_exact_evm_payload_recipient_mismatch',
  exactSpent: 'invalid_exact_evm_nonce_already_used',
  requirements: 'invalid_payment_requirements',
} as const;
