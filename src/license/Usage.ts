/**
 * Statements of how often a licence with a quota was used. The holder and the seller sign the same one; what both
 * signed is settled on chain and bounds what is refunded. Source: the struct `Usage` of `ILicenses`, EIP-712.
 */
import type { Address, Hex } from 'viem';
import type { Registry } from './Terms.ts';

/** A statement of use. */
export type Usage = {
  readonly holder: Address;
  /** Begin of the run that it is about, as the licence has it, in unix seconds. */
  readonly start: number;
  /** Calls in this run. */
  readonly used: bigint;
  /** Whether no further call follows: the holder can leave with it at once. */
  readonly last: boolean;
};

const types = {
  Usage: [
    { name: 'termsId', type: 'bytes32' },
    { name: 'holder', type: 'address' },
    { name: 'start', type: 'uint40' },
    { name: 'used', type: 'uint56' },
    { name: 'last', type: 'bool' },
  ],
} as const;

/** What the holder and the seller sign: `account.signTypedData(Usage.typedData(addresses, termsId, usage))`. */
export function typedData({ chainId, licenses }: Registry, termsId: Hex, usage: Usage) {
  return {
    domain: { name: 'Agorai Licenses', version: '1', chainId, verifyingContract: licenses },
    types,
    primaryType: 'Usage',
    message: { termsId, ...usage },
  } as const;
}
