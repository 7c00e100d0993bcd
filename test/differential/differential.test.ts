/** Each contract and its reference model, side by side over a short random sequence; `npm run test:differential` is the long one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as Assets from './Assets.ts';
import * as Authorizers from './Authorizers.ts';
import * as Channels from './Channels.ts';
import * as Licenses from './Licenses.ts';
import * as Lineages from './Lineages.ts';
import * as Logs from './Logs.ts';
import type { Model } from './Model.ts';
import { models } from './models.ts';
import { openStage, type Stage } from './openStage.ts';
import * as Policy from './Policy.ts';
import * as Resales from './Resales.ts';
import { replay, tell } from './replay.ts';
import * as Vaults from './Vaults.ts';

const seed = 1;
const steps = 250;

/** Every model with one rule turned over. */
const planted: Readonly<Record<string, Model<unknown>>> = {
  Assets: Assets.create({ keptPowers: (powers) => powers }) as Model<unknown>,
  Authorizers: Authorizers.create({ isMissing: () => true }) as Model<unknown>,
  Lineages: Lineages.create({ rightsLeft: (rights) => rights }) as Model<unknown>,
  Logs: Logs.create({ isOver: ({ notAfter }, now) => now > notAfter }) as Model<unknown>,
  Policy: Policy.create({ isWithin: (value, min, max) => value >= min && value < max }) as Model<unknown>,
  Resales: Resales.create({ royaltyOn: (sale) => sale }) as Model<unknown>,
  Vaults: Vaults.create({ maturesAt: (index, width) => (index + 1n) * width }) as Model<unknown>,
  Licenses: Licenses.create({ isRenewal: () => false }) as Model<unknown>,
  Channels: Channels.create({ released: (requested) => requested }) as Model<unknown>,
};

describe.each(models)('$name', (model) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(async () => {
    await stage.stop();
  });

  it('does what its model does, call for call', async () => {
    const { count, divergence } = await replay(stage, model, { seed, steps });
    expect(divergence && tell(model.name, seed, divergence)).toBeUndefined();
    const outcomes = [...count.values()].flatMap((each) => [...each.keys()]);
    // A sequence of refusals alone would agree with anything.
    expect(outcomes.filter((outcome) => outcome === 'accepted').length).toBeGreaterThan(count.size / 2);
  });

  it('differs from a model with one rule turned over, in a sequence that no step can be left out of', async () => {
    const { divergence } = await replay(stage, planted[model.name] as Model<unknown>, { seed, steps });
    expect(divergence?.steps.length).toBeLessThan(10);
    expect(tell(model.name, seed, divergence as NonNullable<typeof divergence>)).toMatch(/the model/i);
  });
});
