/** Reads what waits in escrow for a licence: what its holder would get back, and what is the seller's already. */
import type { Address } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { escrowsAbi, licensesAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import * as Terms from './Terms.ts';

/** Money in escrow, in atoms. */
export type Escrow = {
  readonly held: bigint;
  /** What is unused and would come back, the penalty taken off. */
  readonly refund: bigint;
  /** What has become final and can be released to the seller. */
  readonly final: bigint;
};

/** The money in escrow of a holder under some terms, as of one block. */
export async function readEscrow(client: Client, options: readEscrow.Options): Promise<Escrow> {
  const { addresses, terms, holder } = options;
  const blockNumber = await client.getBlockNumber({ cacheTime: 0 });
  const id = Terms.licenceIdOf(Terms.idOf(addresses, terms), holder);
  const [held, refundable] = await Promise.all([
    client.readContract({
      ...({ address: addresses.escrows, abi: escrowsAbi, functionName: 'heldOf', blockNumber } as const),
      args: [addresses.licenses, terms.currency, id],
    }),
    client.readContract({
      ...({ address: addresses.licenses, abi: licensesAbi, functionName: 'refundableOf', blockNumber } as const),
      args: [terms, holder],
    }),
  ]);
  return { held, refund: Terms.refundDown(terms, refundable), final: held - refundable };
}

export declare namespace readEscrow {
  type Options = { readonly addresses: Addresses; readonly terms: Terms.Terms; readonly holder: Address };
}
