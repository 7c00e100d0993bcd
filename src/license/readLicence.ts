/** Reads the licence of a holder from the chain. */
import type { Address, Hex } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { licensesAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';

/** A licence. Times are unix seconds of the chain's clock. */
export type Licence = {
  /** Begin of the present unbroken run of periods; 0 when there never was one. */
  readonly start: number;
  readonly end: number;
  readonly seats: number;
  /** Whether it is valid in the latest block. */
  readonly valid: boolean;
  /** Whether it has no end. */
  readonly forever: boolean;
};

/** The end of a licence without end. */
const never = 2 ** 40 - 1;

/** The licence of a holder under some terms; all zero when there is none. */
export async function readLicence(client: Client, options: readLicence.Options): Promise<Licence> {
  const { addresses, termsId, holder } = options;
  const [{ start, end, seats }, { timestamp }] = await Promise.all([
    client.readContract({
      address: addresses.licenses,
      abi: licensesAbi,
      functionName: 'licenseOf',
      args: [termsId, holder],
    }),
    client.getBlock(),
  ]);
  return { start, end, seats, valid: BigInt(start) <= timestamp && timestamp < BigInt(end), forever: end === never };
}

export declare namespace readLicence {
  type Options = { readonly addresses: Addresses; readonly termsId: Hex; readonly holder: Address };
}
