import { expect, test } from 'vitest';
import { ofLastLine } from './Count.ts';
import { failure, report, total } from './report.ts';
import { run } from './run.ts';
import type { Step } from './Step.ts';

/** A step that is a real process running a piece of JavaScript. */
function step(name: string, script: string, options: Partial<Step> = {}): Step {
  return { name, group: 'checks', isHeavy: false, command: [process.execPath, '-e', script], ...options };
}

/** Runs steps and records the order of starts and ends. */
async function observe(steps: readonly Step[]): Promise<{ counts: string[]; events: string[]; most: number }> {
  const events: string[] = [];
  let [now, most] = [0, 0];
  const outcomes = await run({
    steps,
    root: process.cwd(),
    onStart: ({ name }) => {
      events.push(`+${name}`);
      most = Math.max(most, ++now);
    },
    onEnd: (outcome) => {
      events.push(`-${outcome.step.name}`);
      now--;
    },
  });
  return { counts: outcomes.map((one) => `${one.step.name} ${one.count.passed} ${one.count.failed}`), events, most };
}

const print = (text: string, code = 0): string => `console.log(${JSON.stringify(text)}); process.exitCode = ${code}`;

test('counts a step by its exit code, or by what it prints', async () => {
  const { counts } = await observe([
    step('good', ''),
    step('bad', 'process.exitCode = 3'),
    step('counted', print('5 passed, 2 failed', 1), { count: ofLastLine }),
    step('absent', '', { command: ['no-such-program'] }),
  ]);
  expect(counts).toEqual(['good 1 0', 'bad 0 1', 'counted 5 2', 'absent 0 1']);
});

test.each([
  ['prints no count', print('hello')],
  ['counts nothing', print('0 passed, 0 failed')],
  ['counts no failure but exits with 1', print('5 passed, 0 failed', 1)],
])('a step that %s has failed', async (_name, script) => {
  const { counts } = await observe([step('odd', script, { count: ofLastLine })]);
  expect(counts[0]).toMatch(/ 1$/);
});

test('never runs two heavy steps at once, nor three steps', async () => {
  const wait = 'setTimeout(() => {}, 150)';
  const { events, most } = await observe([
    step('heavy', wait, { isHeavy: true }),
    step('heavier', wait, { isHeavy: true }),
    step('light', wait),
    step('lighter', wait),
  ]);
  expect(most).toBe(2);
  expect(events.indexOf('+heavier')).toBeGreaterThan(events.indexOf('-heavy'));
  expect(events.slice(0, 2)).toEqual(['+heavy', '+light']);
});

test('goes on after a failure, but not with what needs the failed step', async () => {
  const { counts, events } = await observe([
    step('build', 'process.exitCode = 1'),
    step('forge', '', { needs: 'build' }),
    step('gas', '', { after: ['forge'] }),
  ]);
  expect(counts).toEqual(['build 0 1', 'forge 0 1', 'gas 1 0']);
  expect(events).toEqual(['+build', '-build', '+forge', '-forge', '+gas', '-gas']);
});

test('runs a step whose predecessors were not chosen', async () => {
  expect((await observe([step('forge', '', { needs: 'build', after: ['lint'] })])).counts).toEqual(['forge 1 0']);
});

test('reports rows, budgets, failures and the total', () => {
  const good = { step: step('lint', ''), count: { passed: 3, failed: 0 }, seconds: 61, output: '' };
  const explain = (output: string): string => output.toUpperCase();
  const bad = { step: step('types', 'x', { explain }), count: { passed: 0, failed: 1 }, seconds: 1, output: 'why\n' };
  expect(report([good, bad]).split('\n')).toEqual([
    'step        group           passed    failed      time',
    'lint        checks               3         0    61.0 s',
    'types       checks               0         1     1.0 s',
    '',
    'checks: 62 s of 60 s, over its budget',
  ]);
  expect(failure(bad)).toBe(`---- types: ${process.execPath} -e x\nWHY\n---- end of types`);
  expect(total([good, bad])).toBe('3 passed, 1 failed');
});
