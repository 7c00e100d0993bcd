/** What a gateway sells: an asset's version under terms of the chain, served by an engine on a route. */
import type { Address, Hex } from 'viem';
import type * as Prices from '../license/Prices.ts';
import type { Engine } from './Engine.ts';

/** One thing for sale at a gateway. */
export type Listing = {
  /** Name by which requests choose it (`model` in the body). */
  readonly model: string;
  readonly asset: bigint;
  readonly version: number;
  readonly manifestRoot: Hex;
  readonly termsId: Hex;
  /** Whether the terms sell a licence that a payer must hold before it may call; else each payment is one. */
  readonly licenceRequired: boolean;
  readonly prices: Prices.Prices;
  readonly token: Address;
  /** Payout address of the asset. */
  readonly payTo: Address;
  readonly engine: Engine;
};
