import { join } from 'node:path';
import * as Prices from '../../src/license/Prices.ts';
import { readFolder } from '../../src/publish/readFolder.ts';
import { publishFolder } from './publishFolder.ts';
import type { World } from './startWorld.ts';

/** $0.0002 a call, and $0.0001 a call plus $0.10 a million input tokens. */
export const prices = {
  digits: Prices.from({ perCall: 200_000_000n }),
  embeddings: Prices.from({ perCall: 100_000_000n, perInputToken: 100_000n }),
};

/** The models of a test. */
export type Model = keyof typeof prices;

/** Publishes a built-in model, whose terms sell a licence for a month where it is `licensed`. */
export async function publishModel(world: World, model: Model, options: { licensed?: boolean } = {}) {
  const { listings, terms } = await publishFolder(world, await readBuiltIn(model), {
    rights: [model === 'digits' ? 'infer' : 'embed'],
    prices: prices[model],
    ...(options.licensed ? { price: 50_000n } : {}),
  });
  return { listing: listings[0], terms };
}

/** The folder of a built-in model. */
export function readBuiltIn(name: string) {
  return readFolder(join(import.meta.dirname, '../../models', name));
}
