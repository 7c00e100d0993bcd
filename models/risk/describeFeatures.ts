/** What the engine needs to know of the columns. */
import type * as Tabular from '../../src/infer/engines/tabular.ts';
import { classes, type Data, FEATURES } from './data.ts';

/** A measurement of twice the largest one that was trained on is refused; none is negative. */
export function describeFeatures({ features, train }: Data): Tabular.Table {
  const largest = features.map((_, feature) => {
    return train.values.reduce((most, value, at) => (at % FEATURES === feature ? Math.max(most, value) : most), 0);
  });
  return {
    features: features.map((name, at) => ({ name, minimum: 0, maximum: 2 * (largest[at] as number) })),
    classes: [...classes],
  };
}
