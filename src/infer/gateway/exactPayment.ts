import type { Hex } from 'viem';
import { isSameAddress } from '../../internal/isSameAddress.ts';
import { recover } from '../../internal/node/secp256k1.ts';
import * as Authorization from '../../pay/Authorization.ts';
import * as Outbox from '../../pay/Outbox.ts';
import type * as X402 from '../../pay/X402.ts';
import type { Refusal } from './channelPayment.ts';
import type { Deps } from './Deps.ts';
import { type Offer, reasons } from './offer.ts';

/**
 * Checks a payment of the `exact` scheme: the whole bound, to the asset's payout address, for long enough that the
 * settler can submit it. It is settled before the work starts, so one authorization can never run a handler twice.
 */
export function verifyExact(deps: Deps, payload: X402.ExactPayload, offer: Offer): Refusal | { authority: Hex } {
  const { authorization, signature } = payload;
  const seconds = BigInt(Math.floor(deps.now() / 1_000));
  if (!isSameAddress(authorization.to, offer.listing.payTo)) return { refused: reasons.exactRecipient };
  if (authorization.value !== offer.bound) return { refused: reasons.exactAmount };
  if (authorization.validAfter > seconds || authorization.validBefore < seconds + 6n) {
    return { refused: reasons.exactTime };
  }
  const digest = Authorization.transferDigest(authorization, deps.seller.token);
  const signer = recover(digest, signature);
  if (!signer || signer !== authorization.from.toLowerCase()) return { refused: reasons.exactSignature };
  return { authority: digest };
}

/** Row that settles the payment, inserted together with the admission. */
export function exactRow(deps: Deps, payload: X402.ExactPayload) {
  const { authorization, signature } = payload;
  return Outbox.row(Outbox.exact, { token: deps.seller.token.address, authorization, signature });
}
