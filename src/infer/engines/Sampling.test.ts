import { describe, expect, test } from 'vitest';
import * as Random from '../../internal/kernel/Random.ts';
import * as Sampling from './Sampling.ts';

const probabilities = Float64Array.of(0.1, 0.4, 0.2, 0.3);
const draw = (options: Sampling.Options, count = 20_000) => {
  const random = Random.from(1);
  const drawn = [0, 0, 0, 0];
  for (let n = 0; n < count; n++) {
    const token = Sampling.choose(probabilities, random, options);
    drawn[token] = (drawn[token] as number) + 1;
  }
  return drawn.map((times) => times / count);
};

describe('choose', () => {
  test('takes the most probable token at temperature zero, the first of equal ones', () => {
    expect(draw({ temperature: 0, topP: 1 }, 10)).toEqual([0, 1, 0, 0]);
    expect(draw({ temperature: 1, topP: 0 }, 10)).toEqual([0, 1, 0, 0]);
    const equal = Float64Array.of(0.2, 0.4, 0.4);
    expect(Sampling.choose(equal, Random.from(1), { temperature: 0, topP: 1 })).toBe(1);
  });

  test('draws as the model says at temperature one', () => {
    for (const [token, share] of draw({ temperature: 1, topP: 1 }).entries()) {
      expect(share).toBeCloseTo(probabilities[token] as number, 1);
    }
  });

  test('strays less when it is cold, more when it is hot', () => {
    const [cold, plain, hot] = [0.5, 1, 2].map((temperature) => draw({ temperature, topP: 1 })[1]) as number[];
    expect(cold).toBeGreaterThan(plain as number);
    expect(hot).toBeLessThan(plain as number);
    const squares = probabilities.map((share) => share * share);
    expect(cold).toBeCloseTo((squares[1] as number) / squares.reduce((sum, share) => sum + share), 1);
  });

  test('keeps to the fewest tokens that have the share', () => {
    expect(draw({ temperature: 1, topP: 0.7 }).map((share) => share > 0)).toEqual([false, true, false, true]);
    expect(draw({ temperature: 1, topP: 0.71 }).map((share) => share > 0)).toEqual([false, true, true, true]);
    expect(draw({ temperature: 1, topP: 0.01 }, 100)).toEqual([0, 1, 0, 0]);
    const random = Random.from(1);
    const equal = new Float64Array(4).fill(0.25);
    const drawn = Array.from({ length: 50 }, () => Sampling.choose(equal, random, { temperature: 1, topP: 0.5 }));
    expect([...new Set(drawn)].sort()).toEqual([0, 1]);
  });
});
