/**
 * The normal test command: builds, checks and tests everything, goes on after a failure, and prints
 * `N passed, N failed` alone on the last line. `--only name` (repeatable) runs some steps.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { failure, report, total } from './suite/report.ts';
import { run } from './suite/run.ts';
import { steps } from './suite/steps.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
const folder = await mkdtemp(join(tmpdir(), 'agorai-test-'));
const all = steps(root, folder);
const unknown = values.only?.filter((name) => !all.some((step) => step.name === name)) ?? [];
if (unknown.length > 0) {
  console.error(`no step named ${unknown.join(', ')}; there are ${all.map((step) => step.name).join(' ')}`);
  process.exit(2);
}

const started = performance.now();
const clock = (): string => `${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s `;
const outcomes = await run({
  steps: all.filter((step) => !values.only || values.only.includes(step.name)),
  root,
  onStart: (step) => console.log(`${clock()} ${step.name} ...`),
  onEnd: (outcome) => {
    const { step, count, seconds } = outcome;
    console.log(`${clock()} ${step.name}: ${count.passed} passed, ${count.failed} failed in ${seconds.toFixed(1)} s`);
    if (count.failed > 0) console.log(failure(outcome));
  },
});
await rm(folder, { recursive: true, force: true });
console.log(`\n${report(outcomes)}\n\n${total(outcomes)}`);
process.exitCode = outcomes.some((one) => one.count.failed > 0) ? 1 : 0;
