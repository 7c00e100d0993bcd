import type { Address, Hex } from 'viem';
import { expect, it } from 'vitest';
import file from '../../test/vectors/x402-batch-settlement.json' with { type: 'json' };
import { recover, sign } from '../internal/node/secp256k1.ts';
import type * as Channel from './Channel.ts';
import * as Voucher from './Voucher.ts';

const { vectors, address } = file;
const place: Channel.Place = { chainId: vectors.chainId, settlement: address.settlement as Address };
const channelId = vectors.channelId as Hex;
const payerAuthorizer = vectors.config.payerAuthorizer.toLowerCase();

it('has the digest and the signature of the deployed contract', () => {
  const { message, digest, signature } = vectors.voucher;
  const ours = Voucher.digest({ channelId, maxClaimableAmount: BigInt(message.maxClaimableAmount) }, place);
  expect(ours).toBe(digest);
  expect(recover(ours, signature as Hex)).toBe(payerAuthorizer);
  expect(sign(ours, vectors.keys.payerAuthorizer as Hex)).toBe(signature);
});

it('has the refund digest of the deployed contract', () => {
  const { message, digest } = vectors.refund;
  const refund = { channelId, nonce: BigInt(message.nonce), amount: BigInt(message.amount) };
  expect(Voucher.refundDigest(refund, place)).toBe(digest);
});

it('has the claim digest of the deployed contract', () => {
  const { message, digest } = vectors.claimBatch;
  const entries = message.claims.map((claim) => ({
    channelId: claim.channelId as Hex,
    maxClaimableAmount: BigInt(claim.maxClaimableAmount),
    totalClaimed: BigInt(claim.totalClaimed),
  }));
  expect(Voucher.claimBatchDigest(entries, place)).toBe(digest);
});

it('is worth nothing on another chain, at another contract, for another channel or total (A-001, A-002)', () => {
  const voucher = { channelId, maxClaimableAmount: 1_000_000n };
  const signature = vectors.voucher.signature as Hex;
  const digests = [
    Voucher.digest(voucher, { ...place, chainId: 1 }),
    Voucher.digest(voucher, { ...place, settlement: vectors.config.token as Address }),
    Voucher.digest({ ...voucher, channelId: vectors.voucher.digest as Hex }, place),
    Voucher.digest({ ...voucher, maxClaimableAmount: 1_000_001n }, place),
  ];
  for (const digest of digests) expect(recover(digest, signature)).not.toBe(payerAuthorizer);
});
