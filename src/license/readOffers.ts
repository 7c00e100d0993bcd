/** Reads what licences are offered from the events of the `Licenses` contract. */
import type { Address, Hex } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { licensesAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { readEvents } from '../chain/readEvents.ts';
import { BaseError } from '../internal/Errors.ts';
import * as Prices from './Prices.ts';
import * as Terms from './Terms.ts';

/** Terms that were offered, with the prices of use that they commit to. */
export type Offer = {
  readonly termsId: Hex;
  readonly seller: Address;
  readonly terms: Terms.Terms;
  readonly prices: Prices.Prices;
  /** Whether the present owner has them on offer now. */
  readonly standing: boolean;
};

/** All offers ever made, or those of one asset, oldest first, each once. */
export async function readOffers(client: Client, options: readOffers.Options): Promise<readonly Offer[]> {
  const { addresses, asset } = options;
  const licenses = { address: addresses.licenses, abi: licensesAbi } as const;
  const events = await readEvents(client, {
    ...licenses,
    eventName: 'Offer',
    args: asset === undefined ? {} : { asset },
    fromBlock: addresses.deployedAtBlock,
  });
  const offers = [...new Map(events.map(({ args }) => [args.termsId, args])).values()];
  for (const { termsId, terms, prices } of offers) assertHashes(addresses, termsId, terms, prices);
  const standing = await client.multicall({
    allowFailure: false,
    multicallAddress: addresses.multicall3,
    contracts: offers.map(({ terms }) => ({ ...licenses, functionName: 'isOffered', args: [terms] }) as const),
  });
  return offers.map(({ termsId, seller, terms, prices }, index) => {
    return { termsId, seller, terms, prices, standing: standing[index] === true };
  });
}

export declare namespace readOffers {
  type Options = {
    readonly addresses: Addresses;
    /** Every asset unless given. */
    readonly asset?: bigint;
  };
  type ErrorType = MismatchError;
}

/** What this code hashes must be what the contract hashed: a node that made up an event is noticed here. */
function assertHashes(addresses: Addresses, termsId: Hex, terms: Terms.Terms, prices: Prices.Prices): void {
  if (Terms.idOf(addresses, terms) !== termsId) throw new MismatchError(termsId, 'terms');
  if (Prices.hash(prices) !== terms.pricesHash) throw new MismatchError(termsId, 'prices');
}

/** An offer whose terms or prices are not those of its hash. */
export class MismatchError extends BaseError {
  override readonly name = 'readOffers.MismatchError';
  constructor(termsId: Hex, what: 'terms' | 'prices') {
    super(`The node gave other ${what} for the offer ${termsId} than its hash names.`, {
      code: 'license.offer-mismatch',
      docsPath: 'docs/license.md',
      hint: 'Do not pay by what this node says; ask another one.',
    });
  }
}
