import type { Address } from 'viem';
import { isSameAddress } from '../../internal/isSameAddress.ts';
import * as Json from '../../internal/Json.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import * as Outbox from '../../pay/Outbox.ts';
import { refundBusy } from '../../pay/Payer.ts';
import * as X402 from '../../pay/X402.ts';
import type { Listing } from '../Listing.ts';
import { awaitProgress } from './awaitProgress.ts';
import { meetChannel, verifyVoucher } from './channelPayment.ts';
import type { Deps } from './Deps.ts';
import { paymentRequired, reasons } from './offer.ts';
import { ProblemError } from './Problem.ts';

/**
 * `POST /v1/refund`: the payer leaves with what was not charged. The voucher's total equals what was charged, so the
 * payer agrees to it. The channel is dead from this moment, because its old vouchers would claim again after a new
 * deposit.
 */
export async function refundChannel(deps: Deps, request: Request): Promise<Response> {
  const header = request.headers.get(X402.headers.signature);
  const payload = header === null ? undefined : X402.parsePayment(header).payload;
  if (payload?.type !== 'refund') {
    throw new ProblemError(400, 'A refund is asked for with a refund payload in PAYMENT-SIGNATURE.', {
      code: 'payment.invalid',
    });
  }
  const { channelConfig: config, voucher } = payload;
  const listing = deps.listings.find(({ payTo }) => isSameAddress(payTo, config.receiver));
  if (!listing) throw refused('unknown receiver');
  const verified = verifyVoucher(deps, payload, listing.payTo);
  if ('refused' in verified) throw refused(verified.refused);
  await meetChannel(deps, config, voucher.channelId);
  const channel = deps.ledger.channel(voucher.channelId);
  if (!channel) throw refused('the channel has no deposit');
  const { charged, balance, refundNonce } = channel;
  if (voucher.maxClaimableAmount !== charged) return correct(deps, listing, request.url, channel);
  const amount = balance - charged;
  const former = channel.state === 'dead' ? keyOf(channel, refundNonce - 1n) : undefined;
  const done = former === undefined ? undefined : deps.progress.progressOf(former);
  // Asked for again because the answer was lost.
  if (done?.state === 'confirmed') return refunded(deps, config.payer, done);
  if (amount <= 0n) throw refused('nothing is left in it');
  if ((payload.amount ?? amount) !== amount)
    throw refused(`a refund closes the channel and gives back all ${amount} atoms`);
  const row = Outbox.row(Outbox.refund, { channelId: channel.id, nonce: refundNonce, amount });
  if (!(await deps.ledger.leave(channel.id, charged, row, deps.now())))
    throw refused('a request is being served', refundBusy.code);
  const progress = await awaitProgress(deps, row.key);
  if (progress.state === 'failed') throw refused(progress.error ?? 'the transaction failed');
  return refunded(deps, config.payer, progress, amount);
}

function keyOf({ id }: Ledger.ChannelRow, nonce: bigint): string {
  return Outbox.refund.keyOf({ channelId: id, nonce, amount: 0n });
}

function refunded(deps: Deps, payer: Address, progress: Outbox.Progress, amount?: bigint): Response {
  const response: X402.SettleResponse = {
    success: true,
    transaction: progress.transaction ?? '',
    network: `eip155:${deps.seller.place.chainId}`,
    payer,
    ...(amount === undefined ? {} : { amount: amount.toString() }),
  };
  return new Response(Json.stringify(response), {
    headers: { 'content-type': 'application/json', [X402.headers.response]: X402.encode(response) },
  });
}

/** Tells a client that lost track what was charged and proves it, so that it can agree to that. */
function correct(deps: Deps, listing: Listing, url: string, channel: Ledger.ChannelRow): Response {
  const offer = { listing, quote: deps.quotes.take(listing), bound: 0n, url, signedIn: false };
  return paymentRequired(deps, offer, reasons.mismatch, channel);
}

function refused(reason: string, code = 'payment.refund_refused'): ProblemError {
  return new ProblemError(409, `The refund is refused: ${reason}.`, {
    code,
    docsPath: 'pay.md',
  });
}
