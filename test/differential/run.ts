/**
 * Random sequences of calls against the contracts and their reference models.
 *
 *   npm run test:differential -- [--seed N] [--steps N] [--contract NAME]
 */
import { parseArgs } from 'node:util';
import { models } from './models.ts';
import { openStage } from './openStage.ts';
import { replay, tell } from './replay.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    steps: { type: 'string', default: '5000' },
    contract: { type: 'string' },
  },
});
const seed = Number(values.seed);
const chosen = models.filter(({ name }) => values.contract === undefined || name === values.contract);
if (chosen.length === 0) throw new RangeError(`There is no model of ${values.contract}.`);

for (const model of chosen) {
  const stage = await openStage();
  try {
    const { count, divergence } = await replay(stage, model, { seed, steps: Number(values.steps) });
    console.log(`${model.name}, seed ${seed}`);
    for (const [name, outcomes] of [...count].sort()) {
      console.log(`  ${name}: ${[...outcomes].map(([outcome, times]) => `${times} ${outcome}`).join(', ')}`);
    }
    if (divergence === undefined) continue;
    console.log(tell(model.name, seed, divergence));
    process.exitCode = 1;
  } finally {
    await stage.stop();
  }
}
