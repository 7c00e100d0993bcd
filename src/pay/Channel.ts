/**
 * Payment channels of x402's `batch-settlement` scheme. A channel is its configuration: the id is the EIP-712 hash of
 * it in the domain of the settlement contract. Source: x402 batch-settlement (EVM), `ChannelConfig`.
 */

import type { Address, Hex } from 'viem';
import { z } from 'zod';
import * as Eip712 from '../internal/Eip712.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';

/** Immutable configuration of a channel. */
export type Config = {
  /** Who deposited and gets back what is not claimed. */
  readonly payer: Address;
  /** Key that signs vouchers; zero when the payer itself (or its ERC-1271 code) does. */
  readonly payerAuthorizer: Address;
  /** Payout address that settled money goes to. */
  readonly receiver: Address;
  /** Who may authorise claims and refunds for the receiver. */
  readonly receiverAuthorizer: Address;
  readonly token: Address;
  /** Seconds between the start of a withdrawal and its end. */
  readonly withdrawDelay: number;
  readonly salt: Hex;
};

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text as Address);

/** A configuration from outside. */
export const schema: z.ZodType<Config> = z.strictObject({
  payer: address,
  payerAuthorizer: address,
  receiver: address,
  receiverAuthorizer: address,
  token: address,
  withdrawDelay: z.int().min(0),
  salt: z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}$/)
    .transform((text) => text as Hex),
});

/** Where a channel lives. */
export type Place = { readonly chainId: number; readonly settlement: Address };

/** Domain of all typed data of the settlement contract. */
export function domainOf(place: Place): Eip712.Domain {
  return { name: 'x402 Batch Settlement', version: '1', chainId: place.chainId, verifyingContract: place.settlement };
}

const configType = Eip712.typeHash(
  'ChannelConfig(address payer,address payerAuthorizer,address receiver,address receiverAuthorizer,address token,uint40 withdrawDelay,bytes32 salt)',
);

/** Channel id: EIP-712 digest of the configuration. */
export function idOf(config: Config, place: Place): Hex {
  const struct = Eip712.hashStruct(configType, [
    config.payer,
    config.payerAuthorizer,
    config.receiver,
    config.receiverAuthorizer,
    config.token,
    config.withdrawDelay,
    config.salt,
  ]);
  return Eip712.digest(domainOf(place), struct);
}

/** Address whose signature makes a voucher of this channel valid. */
export function signerOf(config: Config): Address {
  return /^0x0{40}$/.test(config.payerAuthorizer) ? config.payer : config.payerAuthorizer;
}

/** Whether two configurations are the same to the byte. */
export function equals(a: Config, b: Config): boolean {
  return (
    isSameAddress(a.payer, b.payer) &&
    isSameAddress(a.payerAuthorizer, b.payerAuthorizer) &&
    isSameAddress(a.receiver, b.receiver) &&
    isSameAddress(a.receiverAuthorizer, b.receiverAuthorizer) &&
    isSameAddress(a.token, b.token) &&
    a.withdrawDelay === b.withdrawDelay &&
    isSameAddress(a.salt, b.salt)
  );
}
