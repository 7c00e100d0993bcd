/** The folders that a seller of this home published, so that the market can serve them when it starts. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../internal/Errors.ts';
import * as Json from '../internal/Json.ts';
import { readJson, writeFileAtomic } from '../internal/node/files.ts';
import * as Config from './Config.ts';
import * as Home from './Home.ts';
import { openListings } from './openListings.ts';
import type { Market } from './openMarket.ts';

/** A published folder of a seller. */
export type Model = Config.Gateway['models'][number] & { readonly name: string };

const schema = z.array(z.strictObject({ ...Config.model.shape, name: z.string() }));

/** Notes a published folder; a later version of the same asset takes the place of the former. */
export async function noteModel(home: Home.Home, person: string, model: Model): Promise<void> {
  const others = (await readModels(home, person)).filter(({ asset }) => asset !== model.asset);
  const file = fileOf(home, person);
  await mkdir(Home.sellerOf(home, person).folder, { recursive: true, mode: 0o700 });
  await writeFileAtomic(file, `${Json.stringify([...others, model], 2)}\n`);
}

/** The noted folders that can be served now, besides those that are served anyway. The others are named and left out. */
export async function readServable(options: readServable.Options): Promise<readonly Model[]> {
  const { home, person, market, seller, besides, progress } = options;
  const found: Model[] = [];
  for (const model of await readModels(home, person)) {
    if (besides.some(({ asset }) => asset === model.asset)) continue;
    const taken = [...besides, ...found].some(({ name }) => name === model.name);
    const fault = taken ? 'another model has its name' : await tryToServe(market, { seller, models: [model] });
    if (fault === undefined) found.push(model);
    progress(`  publish    ${model.name} ${fault === undefined ? `of ${model.folder}` : `is not served: ${fault}`}`);
  }
  return found;
}

export declare namespace readServable {
  type Options = {
    readonly home: Home.Home;
    readonly person: string;
    readonly market: Market;
    readonly seller: Config.Gateway['seller'];
    readonly besides: readonly Model[];
    progress(line: string): void;
  };
}

/** Opens the model once, because a gateway with one that cannot be opened would serve none. */
async function tryToServe(market: Market, config: Pick<Config.Gateway, 'seller' | 'models'>) {
  try {
    for (const { engine } of await openListings(market, config)) await engine.close();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function readModels(home: Home.Home, person: string): Promise<readonly Model[]> {
  return (await readJson(fileOf(home, person), schema)) ?? [];
}

function fileOf(home: Home.Home, person: string): string {
  return join(Home.sellerOf(home, person).folder, 'models.json');
}
