import { expect, it } from 'vitest';
import { createStopwatch } from './createStopwatch.ts';

it('A-049 never goes back, and misses no time for which one of the clocks stood still', () => {
  let [wall, steady] = [1_000_000, 5];
  const passed = createStopwatch(
    () => wall,
    () => steady,
  );
  const after = (byWall: number, bySteady: number) => {
    wall += byWall;
    steady += bySteady;
    return passed();
  };
  expect(after(0, 0)).toBe(0);
  expect(after(300, 300)).toBe(300);
  // The clock is set back by three days, then forward again.
  expect(after(-259_200_000, 100)).toBe(400);
  expect(after(259_200_000, 100)).toBe(259_200_400);
  // The machine sleeps for an hour.
  expect(after(3_600_000, 0)).toBe(262_800_400);
  // Coarse clocks do not add up to more than passed.
  for (let step = 0; step < 1_000; step++) after(step % 10 === 0 ? 1 : 0, 0.1);
  expect(passed() - 262_800_400).toBeCloseTo(100, 3);
});
