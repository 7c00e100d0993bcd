/**
 * Many seeds of a chain with faults and reorganisations, each followed by an index that must equal a rebuilt one.
 *
 *   npm run evidence:index -- [--seeds 500] [--first 1] [--rounds 12]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openIndex } from '../../src/audit/indexer/openIndex.ts';
import { simulate } from '../support/simulateIndex.ts';
import { startMarket } from '../support/startMarket.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '500' },
    first: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '12' },
  },
});
const counts = { equal: 0, different: 0, reorganisations: 0, faults: 0, again: 0 };

/** A node, an index that follows it and one to compare with. */
async function openPlace() {
  const market = await startMarket();
  const folder = await mkdtemp(join(tmpdir(), 'evidence-index-'));
  const { addresses, operator } = market;
  const open = (name: string) => openIndex({ folder: join(folder, name), addresses });
  const rpc = (method: string, params: readonly unknown[] = []) =>
    operator.request({ method, params } as never) as Promise<unknown>;
  await rpc('anvil_autoImpersonateAccount', [true]);
  let index = await open('followed');
  const rebuilt = await open('rebuilt');
  const restart = async () => {
    await index.close();
    index = await open('followed');
    return index;
  };
  return {
    run: (seed: number) => simulate({ rpc, addresses, seed, rounds: Number(values.rounds), index, rebuilt, restart }),
    async close() {
      await index.close();
      await rebuilt.close();
      await market.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

let place = await openPlace();
const first = Number(values.first);
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  try {
    const { story, differences } = await place.run(seed);
    counts[differences.length === 0 ? 'equal' : 'different'] += 1;
    const isReorganisation = (line: string) => line.startsWith('the chain gives up');
    counts.reorganisations += story.filter(isReorganisation).length;
    counts.faults += story.filter((line) => !isReorganisation(line)).length;
    if (differences.length > 0) console.log(`seed ${seed}\n${[...story, ...differences].join('\n')}\n`);
    if (seed % 10 === 0) console.log(`seed ${seed}: ${counts.equal} equal, ${counts.different} different`);
  } catch (error) {
    // After many rollbacks the node loses blocks that it has said it has; the seed is run again on a new one.
    if (!/could not be found|resource not found/i.test(String(error)) || ++counts.again > Number(values.seeds))
      throw error;
    await place.close();
    place = await openPlace();
    seed--;
  }
}
await place.close();
console.log(
  `${counts.equal} of ${values.seeds} equal to a rebuilt index, over ${counts.reorganisations} reorganisations and ` +
    `${counts.faults} faults; ${counts.again} seeds were run again because the node had lost blocks`,
);
process.exitCode = counts.different === 0 ? 0 : 1;
