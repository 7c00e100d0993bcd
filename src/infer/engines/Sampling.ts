/** Choosing the next token from probabilities. */
import * as Elementary from '../../internal/kernel/Elementary.ts';
import * as Random from '../../internal/kernel/Random.ts';

/** How far to stray from the most probable token. */
export type Options = {
  /** 0 takes the most probable token; 1 draws as the model says. */
  readonly temperature: number;
  /** Draws among the most probable tokens that together have at least this probability; 0 to 1. */
  readonly topP: number;
};

/** One token. Of equal ones the first, so that nothing depends on the order of a sort. */
export function choose(probabilities: Float64Array, random: Random.Random, { temperature, topP }: Options): number {
  const best = indexOfLargest(probabilities);
  if (temperature === 0 || topP === 0) return best;

  const most = Elementary.log(probabilities[best] as number);
  const warm = (probability: number) => Elementary.exp((Elementary.log(probability) - most) / temperature);
  const masses = temperature === 1 ? probabilities : probabilities.map(warm);
  const kept = topP < 1 ? mostProbable(masses, topP) : Array.from(masses, (_, token) => token);
  let left = Random.unit(random) * total(masses, kept);
  for (const token of kept) {
    left -= masses[token] as number;
    if (left < 0) return token;
  }
  // Rounding alone can leave something over.
  return best;
}

/** The fewest tokens, most probable first, whose share of the mass is at least `share`. */
function mostProbable(masses: Float64Array, share: number): number[] {
  const all = Array.from(masses, (_, token) => token);
  const whole = total(masses, all);
  // Tokens below this have less than 1 - share together, so none of them is needed, and few are left to sort.
  const least = ((1 - share) * whole) / masses.length;
  const order = all.filter((token) => (masses[token] as number) >= least);
  order.sort((one, other) => (masses[other] as number) - (masses[one] as number) || one - other);
  const enough = share * whole;
  let sum = 0;
  let count = 0;
  while (count < order.length && sum < enough) sum += masses[order[count++] as number] as number;
  return order.slice(0, Math.max(1, count));
}

function total(masses: Float64Array, tokens: readonly number[]): number {
  let sum = 0;
  for (const token of tokens) sum += masses[token] as number;
  return sum;
}

function indexOfLargest(values: Float64Array): number {
  let best = 0;
  for (let at = 1; at < values.length; at++) if ((values[at] as number) > (values[best] as number)) best = at;
  return best;
}
