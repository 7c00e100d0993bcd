/** Milliseconds by which a clock must jump to be believed: less is how clocks differ and are corrected. */
const leap = 1_000;

/**
 * Milliseconds that passed since it was created. They go on when the wall clock is set back, and jump with it
 * when it is set forward: a machine that slept does not know otherwise that time passed.
 */
export function createStopwatch(wall: () => number, steady: () => number = () => performance.now()): () => number {
  let [lastWall, lastSteady, passed] = [wall(), steady(), 0];
  return () => {
    const [nowWall, nowSteady] = [wall(), steady()];
    const steadily = nowSteady - lastSteady;
    const jump = nowWall - lastWall - steadily;
    passed += steadily + (jump > leap ? jump : 0);
    [lastWall, lastSteady] = [nowWall, nowSteady];
    return passed;
  };
}
