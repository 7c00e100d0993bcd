/**
 * Many seeds of a chain with faults and reorganisations, each followed by an index that must equal a rebuilt one.
 *
 *   npm run evidence:index -- [--seeds 500] [--first 1] [--rounds 24]
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
    rounds: { type: 'string', default: '24' },
  },
});
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
const counts = { equal: 0, different: 0, reorganisations: 0, faults: 0 };
const first = Number(values.first);
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const options = { rpc, addresses, seed, rounds: Number(values.rounds), index, rebuilt, restart };
  const { story, differences } = await simulate(options);
  counts[differences.length === 0 ? 'equal' : 'different'] += 1;
  counts.reorganisations += story.filter((line) => line.startsWith('the chain gives up')).length;
  counts.faults += story.filter((line) => !line.startsWith('the chain gives up')).length;
  if (differences.length > 0) console.log(`seed ${seed}\n${[...story, ...differences].join('\n')}\n`);
  else if (seed % 10 === 0) console.log(`seed ${seed}: ${counts.equal} equal`);
}
console.log(
  `${counts.equal} of ${Number(values.seeds)} equal to a rebuilt index, over ${counts.reorganisations} reorganisations and ${counts.faults} faults`,
);
process.exitCode = counts.different === 0 ? 0 : 1;
await index.close();
await rebuilt.close();
await market.stop();
await rm(folder, { recursive: true, force: true });
