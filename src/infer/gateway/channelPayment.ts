import type { Address, Hex } from 'viem';
import { encodeAbiParameters } from 'viem/utils';
import { isSameAddress } from '../../internal/isSameAddress.ts';
import { recover } from '../../internal/node/secp256k1.ts';
import * as Authorization from '../../pay/Authorization.ts';
import * as Channel from '../../pay/Channel.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import * as Outbox from '../../pay/Outbox.ts';
import * as Voucher from '../../pay/Voucher.ts';
import type * as X402 from '../../pay/X402.ts';
import { awaitProgress } from './awaitProgress.ts';
import type { Deps } from './Deps.ts';
import { reasons } from './offer.ts';
import { chainUnavailable } from './Problem.ts';

/** Why a payment is refused, as a reason of the scheme. */
export type Refusal = { readonly refused: string };

type Payload = X402.VoucherPayload | X402.DepositPayload | X402.RefundPayload;

/**
 * Checks everything about a channel payment that needs no store: that the channel is one of this seller's for this
 * payout address, that its id follows from its configuration, and that the voucher is signed so that the contract will
 * accept it. A signature that is good off chain and bad on chain (high s, v 0 or 1) is refused here.
 */
export function verifyVoucher(deps: Deps, payload: Payload, payTo: Address): Refusal | { authority: Hex } {
  const { seller } = deps;
  const { channelConfig: config, voucher } = payload;
  if (!isSameAddress(config.receiver, payTo)) return { refused: reasons.receiver };
  if (!isSameAddress(config.receiverAuthorizer, seller.receiverAuthorizer))
    return { refused: reasons.receiverAuthorizer };
  if (!isSameAddress(config.token, seller.token.address)) return { refused: reasons.token };
  if (config.withdrawDelay !== seller.withdrawDelay) return { refused: reasons.withdrawDelay };
  if (!isSameAddress(Channel.idOf(config, seller.place), voucher.channelId)) return { refused: reasons.channelId };
  const digest = Voucher.digest(voucher, seller.place);
  const signer = recover(digest, voucher.signature);
  if (!signer || !isSameAddress(signer, Channel.signerOf(config))) return { refused: reasons.signature };
  return { authority: digest };
}

/**
 * Makes sure that the ledger knows the channel as it is. A channel that this process meets for the first time is read
 * from the chain once; one that was ever refunded or withdrawn is recorded as dead and never served again (A-007, C8).
 * When the chain has not answered for half a withdrawal delay, a payer may be leaving unseen and nothing is served.
 */
export async function meetChannel(deps: Deps, config: Channel.Config, id: Hex): Promise<void> {
  if (deps.passed() - deps.look.at > deps.seller.withdrawDelay * 500) throw chainUnavailable();
  if (deps.seen.has(id) && deps.ledger.channel(id)) return;
  await refreshChannel(deps, config, id);
}

/** Writes what the chain says about a channel into the ledger. */
export async function refreshChannel(deps: Deps, config: Channel.Config, id: Hex): Promise<void> {
  const { dead, ...facts } = await deps.chain.channel(id);
  const known = deps.ledger.channel(id);
  if (facts.balance === 0n && !dead && !known) return;
  if (!known || facts.balance !== known.balance || facts.claimed !== known.claimed) deps.recent.add(id);
  // More was claimed than this ledger ever charged: which vouchers are spent is not known here.
  const isForeign = facts.claimed > (known?.charged ?? 0n);
  const state = dead || isForeign ? 'dead' : facts.withdrawInitiatedAt > 0n ? 'leaving' : 'open';
  await deps.ledger.putChannel(id, config, facts, state);
  deps.seen.add(id);
}

/** Verifies a deposit, hands it to the settler and waits until the money is in the channel. */
export async function takeDeposit(
  deps: Deps,
  payload: X402.DepositPayload,
  bound: bigint,
): Promise<Refusal | undefined> {
  const { seller, now } = deps;
  const { channelConfig: config, voucher, deposit } = payload;
  // Each deposit costs the seller a transaction: one that is too small would be a way to burn its fees.
  if (deposit.amount < bound * deps.limits.depositCalls) return { refused: reasons.depositSmall };
  const signed = deposit.authorization.erc3009Authorization;
  const seconds = BigInt(Math.floor(now() / 1_000));
  if (signed.validAfter > seconds || signed.validBefore < seconds + 30n) return { refused: reasons.depositTime };
  const authorization = authorizationOf(deps, payload);
  const signer = recover(Authorization.receiveDigest(authorization, seller.token), signed.signature);
  if (!signer || !isSameAddress(signer, config.payer)) return { refused: reasons.depositSignature };

  await meetChannel(deps, config, voucher.channelId);
  const channel = deps.ledger.channel(voucher.channelId);
  // Money for a channel that is not served any more would only have to be taken out again.
  if (channel && channel.state !== 'open') return { refused: reasons.unknown };
  if ((channel?.balance ?? 0n) + deposit.amount < voucher.maxClaimableAmount) return { refused: reasons.insufficient };
  const row = rowOf(deps, payload);
  await deps.ledger.enqueue(row, now());
  deps.at('enqueued');
  const progress = await awaitProgress(deps, row.key);
  if (progress.state !== 'confirmed') return { refused: reasons.depositFailed };
  await refreshChannel(deps, config, voucher.channelId);
  return undefined;
}

/** What the payer signed for the collector, bound to the channel by its nonce. */
function authorizationOf({ seller }: Deps, payload: X402.DepositPayload): Authorization.Authorization {
  const { channelConfig, voucher, deposit } = payload;
  const { validAfter, validBefore, salt } = deposit.authorization.erc3009Authorization;
  const nonce = Authorization.depositNonce(voucher.channelId, salt);
  return {
    from: channelConfig.payer,
    to: seller.erc3009Collector,
    value: deposit.amount,
    validAfter,
    validBefore,
    nonce,
  };
}

function rowOf(deps: Deps, payload: X402.DepositPayload): Ledger.OutboxRow {
  const { channelConfig: config, voucher, deposit } = payload;
  const { validAfter, validBefore, salt, signature } = deposit.authorization.erc3009Authorization;
  return Outbox.row(Outbox.deposit, {
    channelId: voucher.channelId,
    config,
    amount: deposit.amount,
    collector: deps.seller.erc3009Collector,
    collectorData: encodeAbiParameters(
      [{ type: 'uint256' }, { type: 'uint256' }, { type: 'uint256' }, { type: 'bytes' }],
      [validAfter, validBefore, BigInt(salt), signature],
    ),
    nonce: authorizationOf(deps, payload).nonce,
  });
}
