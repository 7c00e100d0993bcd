import type { Listing } from '../../src/infer/Listing.ts';
import { type Model, publishModel } from './publishModel.ts';
import { startSeller } from './startSeller.ts';
import { startWorld } from './startWorld.ts';

/** A world with one seller who serves built-in models. */
export type Market = Awaited<ReturnType<typeof startMarket>>;

export async function startMarket(options: startMarket.Options = {}) {
  const world = await startWorld(options.chain);
  const published = [];
  for (const model of options.models ?? ['digits']) {
    published.push(await publishModel(world, model, { licensed: options.licensed?.includes(model) ?? false }));
  }
  const listings = published.map(({ listing }) => listing);
  const seller = await startSeller(world, [...listings, ...(options.more?.(listings) ?? [])], options.policy);
  return {
    ...world,
    ...seller,
    terms: published.map(({ terms }) => terms),
    async stop() {
      await seller.stop();
      await world.stop();
    },
  };
}

export declare namespace startMarket {
  type Options = {
    models?: readonly Model[];
    /** Models whose terms sell a licence that a payer must hold. */
    licensed?: readonly Model[];
    /** Further listings, made of those that are published. */
    more?: (listings: readonly Listing[]) => readonly Listing[];
    chain?: Parameters<typeof startWorld>[0];
    policy?: Parameters<typeof startSeller>[2];
  };
}
