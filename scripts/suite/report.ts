import { sum } from './Count.ts';
import { BUDGETS, type Outcome } from './Step.ts';

/** One row per step, then what each group used of its budget. */
export function report(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ step, count, seconds }) =>
    [step.name, step.group, String(count.passed), String(count.failed), `${seconds.toFixed(1)} s`].map(pad).join(''),
  );
  const head = ['step', 'group', 'passed', 'failed', 'time'].map(pad).join('');
  return [head, ...rows, '', ...Object.keys(BUDGETS).flatMap((group) => budget(group, outcomes))].join('\n');
}

/** The last line of a run, for people and programs. */
export function total(outcomes: readonly Outcome[]): string {
  const { passed, failed } = sum(outcomes.map((one) => one.count));
  return `${passed} passed, ${failed} failed`;
}

/** What the step printed, with a line before and after it. */
export function failure({ step, output }: Outcome): string {
  const text = step.explain ? step.explain(output) : output;
  return `---- ${step.name}: ${step.command.join(' ')}\n${text.trimEnd()}\n---- end of ${step.name}`;
}

function budget(group: string, outcomes: readonly Outcome[]): string[] {
  const chosen = outcomes.filter((one) => one.step.group === group);
  if (chosen.length === 0) return [];
  const limit = BUDGETS[group as keyof typeof BUDGETS];
  const used = chosen.reduce((seconds, one) => seconds + one.seconds, 0);
  const verdict = used > limit ? 'over its budget' : 'within its budget';
  return [`${group}: ${used.toFixed(0)} s of ${limit} s, ${verdict}`];
}

function pad(cell: string, column: number): string {
  return column < 2 ? cell.padEnd(12) : cell.padStart(10);
}
