import * as Json from '../../internal/Json.ts';
import * as Outbox from '../../pay/Outbox.ts';
import * as X402 from '../../pay/X402.ts';
import { awaitProgress } from './awaitProgress.ts';
import { meetChannel, verifyVoucher } from './channelPayment.ts';
import type { Deps } from './Deps.ts';
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
  const payTo = deps.listings.find((listing) => listing.payTo.toLowerCase() === config.receiver.toLowerCase())?.payTo;
  const verified = payTo ? verifyVoucher(deps, payload, payTo) : { refused: 'unknown receiver' };
  if ('refused' in verified) throw refused(verified.refused);
  await meetChannel(deps, config, voucher.channelId);
  const channel = deps.ledger.channel(voucher.channelId);
  if (!channel) throw refused('the channel has no deposit');
  const { charged, balance, refundNonce } = channel;
  if (voucher.maxClaimableAmount !== charged)
    throw refused(`the voucher says ${voucher.maxClaimableAmount}, charged is ${charged}`);
  const rest = balance - charged;
  const amount = payload.amount ?? rest;
  if (amount <= 0n || amount > rest) throw refused(`at most ${rest} atoms can be given back`);
  const row = Outbox.row(Outbox.refund, { channelId: channel.id, nonce: refundNonce, amount });
  if (!(await deps.ledger.leave(channel.id, row, deps.now()))) throw refused('a request is being served');
  const progress = await awaitProgress(deps, row.key);
  if (progress.state === 'failed') throw refused(progress.error ?? 'the transaction failed');
  const response: X402.SettleResponse = {
    success: true,
    transaction: progress.transaction ?? '',
    network: `eip155:${deps.seller.place.chainId}`,
    payer: config.payer,
    amount: amount.toString(),
  };
  return new Response(Json.stringify(response), {
    headers: { 'content-type': 'application/json', [X402.headers.response]: X402.encode(response) },
  });
}

function refused(reason: string): ProblemError {
  return new ProblemError(409, `The refund is refused: ${reason}.`, {
    code: 'payment.refund_refused',
    docsPath: 'pay.md',
  });
}
