/**
 * Cumulative vouchers: the payer's key allows the receiver to claim up to a total that only rises. Losing or repeating
 * one costs nobody anything. Source: x402 batch-settlement (EVM), `Voucher`, `ClaimBatch`, `Refund`.
 */
import type { Hex } from 'viem';
import * as Eip712 from '../internal/Eip712.ts';
import * as Channel from './Channel.ts';

/** A signed voucher. */
export type Voucher = {
  readonly channelId: Hex;
  /** Total in atoms that may be claimed over the life of the channel. */
  readonly maxClaimableAmount: bigint;
  /** 65 bytes r || s || v by the channel's signer. */
  readonly signature: Hex;
};

/** Fields of a voucher for wallets that sign typed data. */
export const types = [
  { name: 'channelId', type: 'bytes32' },
  { name: 'maxClaimableAmount', type: 'uint128' },
] as const;

const voucherType = Eip712.typeHash('Voucher(bytes32 channelId,uint128 maxClaimableAmount)');
const refundType = Eip712.typeHash('Refund(bytes32 channelId,uint256 nonce,uint128 amount)');
const entryType = Eip712.typeHash('ClaimEntry(bytes32 channelId,uint128 maxClaimableAmount,uint128 totalClaimed)');
const batchType = Eip712.typeHash(
  'ClaimBatch(ClaimEntry[] claims)ClaimEntry(bytes32 channelId,uint128 maxClaimableAmount,uint128 totalClaimed)',
);

/** Digest that the payer's key signs. */
export function digest(voucher: Pick<Voucher, 'channelId' | 'maxClaimableAmount'>, place: Channel.Place): Hex {
  const struct = Eip712.hashStruct(voucherType, [voucher.channelId, voucher.maxClaimableAmount]);
  return Eip712.digest(Channel.domainOf(place), struct);
}

/** Digest that the receiver's authorizer signs for a cooperative refund. */
export function refundDigest(refund: { channelId: Hex; nonce: bigint; amount: bigint }, place: Channel.Place): Hex {
  const struct = Eip712.hashStruct(refundType, [refund.channelId, refund.nonce, refund.amount]);
  return Eip712.digest(Channel.domainOf(place), struct);
}

/** One row of a claim. */
export type ClaimEntry = {
  readonly channelId: Hex;
  readonly maxClaimableAmount: bigint;
  readonly totalClaimed: bigint;
};

/** Digest that the receiver's authorizer signs for a batch of claims. */
export function claimBatchDigest(entries: readonly ClaimEntry[], place: Channel.Place): Hex {
  const rows = entries.map((entry) =>
    Eip712.hashStruct(entryType, [entry.channelId, entry.maxClaimableAmount, entry.totalClaimed]),
  );
  return Eip712.digest(Channel.domainOf(place), Eip712.hashStruct(batchType, [Eip712.hashWords(rows)]));
}
