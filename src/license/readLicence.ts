/** Reads the licence of a holder from the chain. */
import type { Address, Hex } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { licensesAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';

/** A licence. Times are unix seconds of the chain's clock. */
export type Licence = {
  /** Begin of the present unbroken run of periods, or of the trial before it; 0 when there never was one. */
  readonly start: number;
  readonly end: number;
  /** Until when the last payment can be refunded whole; beyond `end` when the holder has announced to leave. */
  readonly refundableUntil: number;
  /** Calls that the periods since `start` bought. */
  readonly quotaGranted: bigint;
  /** Calls since `start` that both sides have signed for. */
  readonly quotaSettled: bigint;
  /** Sign-ins at a time; 0 when there is no licence or it was left. */
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
  const [licence, at] = await Promise.all([
    client.readContract({
      address: addresses.licenses,
      abi: licensesAbi,
      functionName: 'licenseOf',
      args: [termsId, holder],
    }),
    options.at ?? client.getBlock().then(({ timestamp }) => Number(timestamp)),
  ]);
  const { start, end } = licence;
  return { ...licence, valid: start <= at && at < end, forever: end === never };
}

export declare namespace readLicence {
  type Options = {
    readonly addresses: Addresses;
    readonly termsId: Hex;
    readonly holder: Address;
    /** Unix time in seconds by which it is valid or not, that of the latest block unless given. */
    readonly at?: number;
  };
}
