/** What a gateway sells: an asset's version under terms of the chain, served by an engine on a route. */
import type { Address, Hex } from 'viem';
import type * as Prices from '../license/Prices.ts';
import type { Terms } from '../license/Terms.ts';
import type { Engine } from './Engine.ts';

/** One thing for sale at a gateway. */
export type Listing = {
  /** Name by which requests choose it (`model` in the body). */
  readonly model: string;
  readonly asset: bigint;
  readonly version: number;
  readonly manifestRoot: Hex;
  readonly termsId: Hex;
  /** The terms of the offer. Where they sell a licence, a payer must hold it before it may call. */
  readonly terms: Terms;
  /** Prices of use that the terms commit to. */
  readonly prices: Prices.Prices;
  readonly token: Address;
  /** Payout address of the asset. */
  readonly payTo: Address;
  readonly engine: Engine;
  /**
   * Whether a credit note reaches all that is paid, yes unless given: not where parents of the asset take a part. What
   * cannot be given back is not sold for `exact` payments, which are taken before the work.
   */
  readonly refundable?: boolean;
};
