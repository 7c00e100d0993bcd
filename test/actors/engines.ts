/** Engines that misbehave, around one that works. */
import type { Engine, Units } from '../../src/infer/Engine.ts';
import type { Listing } from '../../src/infer/Listing.ts';
import * as Prices from '../../src/license/Prices.ts';

/** The same thing for sale under another name, with another engine, price or need of a licence. */
export function variant(
  listing: Listing,
  model: string,
  changes: Partial<Listing> & { engineChanges?: Partial<Engine> } = {},
): Listing {
  const { engineChanges = {}, ...rest } = changes;
  return {
    ...listing,
    model,
    terms: { ...listing.terms, price: 0n },
    ...rest,
    engine: { ...listing.engine, ...engineChanges },
  };
}

/** States other units than it used. */
export function lying(listing: Listing, model: string, claim: unknown): Listing {
  const run: Engine['run'] = async (input, signal) => {
    const { body } = await listing.engine.run(input, signal);
    return { body, units: claim as Units };
  };
  const bound = () => ({ inputTokens: 10n, outputTokens: 10n, images: 1n, bytes: 784n });
  const prices = Prices.from({ perInputToken: 1_000_000n, perOutputToken: 1_000_000n, perImage: 100_000_000n });
  return variant(listing, model, { prices, engineChanges: { run, bound } });
}

/** Answers only when it is told to; counts what it was asked. */
export function gated(listing: Listing, model: string) {
  const waiting: (() => void)[] = [];
  let runs = 0;
  const run: Engine['run'] = async (input, signal) => {
    runs++;
    await new Promise<void>((resolve, reject) => {
      waiting.push(resolve);
      signal.addEventListener('abort', () => reject(signal.reason));
    });
    return listing.engine.run(input, signal);
  };
  return {
    listing: variant(listing, model, { engineChanges: { run } }),
    runs: () => runs,
    open: () => {
      for (const release of waiting.splice(0)) release();
    },
  };
}

/** Fails, and quotes what it was asked while doing so. */
export function failing(listing: Listing, model: string): Listing {
  const run: Engine['run'] = async (input) => {
    throw new TypeError(`cannot answer ${JSON.stringify(input)}`);
  };
  return variant(listing, model, { engineChanges: { run } });
}
