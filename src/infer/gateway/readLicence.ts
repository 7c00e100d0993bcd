import type { Address, Hex } from 'viem';
import type { Addresses } from '../../chain/Addresses.ts';
import { licensesAbi } from '../../chain/abi/index.ts';
import type { Client } from '../../chain/client.ts';
import type { Terms } from '../../license/Terms.ts';

/** A licence as the chain has it. Times are unix seconds. */
export type Held = {
  readonly valid: boolean;
  /** Begin of the present unbroken run of periods: what was used is counted from here. */
  readonly start: number;
  readonly end: number;
  /** Sign-ins at a time, at least 1. */
  readonly seats: number;
  /** Calls granted since `start`. */
  readonly quotaGranted: bigint;
};

/** Reads the licence of a holder, valid or not at `at` in unix seconds. */
export async function readLicence(client: Client, addresses: Addresses, options: readLicence.Options): Promise<Held> {
  const { termsId, terms, holder, at } = options;
  const licenses = { address: addresses.licenses, abi: licensesAbi } as const;
  const [{ start, end, seats }, valid] = await Promise.all([
    client.readContract({ ...licenses, functionName: 'licenseOf', args: [termsId, holder] }),
    client.readContract({ ...licenses, functionName: 'isValid', args: [termsId, holder, at] }),
  ]);
  return { valid, start, end, seats: Math.max(1, seats), quotaGranted: terms.quota * periods(terms, start, end) };
}

export declare namespace readLicence {
  type Options = {
    readonly termsId: Hex;
    readonly terms: Terms;
    readonly holder: Address;
    readonly at: number;
  };
}

/** Periods that were paid for: the chain does not say what they granted. */
function periods(terms: Terms, start: number, end: number): bigint {
  if (end === 0) return 0n;
  return terms.period === 0 ? 1n : BigInt(Math.round((end - start) / terms.period));
}
