/**
 * EIP-3009 authorizations: `transferWithAuthorization` pays a call of the `exact` scheme, `receiveWithAuthorization`
 * moves a deposit into a channel through the collector. Sources: EIP-3009; x402 exact (EVM), batch-settlement (EVM).
 */
import type { Address, Hex } from 'viem';
import { concat } from 'viem/utils';
import * as Eip712 from '../internal/Eip712.ts';
import { keccak } from '../internal/Hash.ts';

/** What the payer signs. Times are unix seconds, `value` atoms. */
export type Authorization = {
  readonly from: Address;
  readonly to: Address;
  readonly value: bigint;
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  readonly nonce: Hex;
};

/** EIP-712 domain of a token. */
export type Token = {
  readonly address: Address;
  readonly name: string;
  readonly version: string;
  readonly chainId: number;
};

/** Fields of an authorization for wallets that sign typed data. */
export const types = [
  { name: 'from', type: 'address' },
  { name: 'to', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'validAfter', type: 'uint256' },
  { name: 'validBefore', type: 'uint256' },
  { name: 'nonce', type: 'bytes32' },
] as const;

const fields = `(${types.map(({ name, type }) => `${type} ${name}`).join(',')})`;
const transferType = Eip712.typeHash(`TransferWithAuthorization${fields}`);
const receiveType = Eip712.typeHash(`ReceiveWithAuthorization${fields}`);

/** Digest of a transfer that anyone may submit. */
export function transferDigest(authorization: Authorization, token: Token): Hex {
  return digestOf(transferType, authorization, token);
}

/** Digest of a transfer that only `to` may submit. */
export function receiveDigest(authorization: Authorization, token: Token): Hex {
  return digestOf(receiveType, authorization, token);
}

/** Nonce that binds a deposit to its channel: keccak256(abi.encode(channelId, salt)). */
export function depositNonce(channelId: Hex, salt: Hex): Hex {
  return keccak(concat([channelId, salt]));
}

function digestOf(type: Hex, authorization: Authorization, token: Token): Hex {
  const { from, to, value, validAfter, validBefore, nonce } = authorization;
  const struct = Eip712.hashStruct(type, [from, to, value, validAfter, validBefore, nonce]);
  return Eip712.digest(domainOf(token), struct);
}

/** EIP-712 domain of a token. */
export function domainOf(token: Token): Eip712.Domain {
  return { name: token.name, version: token.version, chainId: token.chainId, verifyingContract: token.address };
}

/**
 * Account of a payment that stands alone: its payer and its nonce, since EIP-3009 nonces are unique to a payer only.
 */
export function accountOf({ from, nonce }: Pick<Authorization, 'from' | 'nonce'>): Hex {
  return keccak(concat([from, nonce]));
}
