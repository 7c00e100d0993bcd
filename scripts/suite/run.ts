import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Count } from './Count.ts';
import { BUDGETS, type Outcome, type Step } from './Step.ts';

/** A step that takes this many times the budget of its whole group hangs, and is ended. */
const PATIENCE = 3;

type Options = {
  readonly steps: readonly Step[];
  readonly root: string;
  readonly onStart?: (step: Step) => void;
  readonly onEnd?: (outcome: Outcome) => void;
};

/**
 * Runs all steps, at most two at a time and never two heavy ones, and goes on after a failure. Steps start in the order
 * given as soon as what they wait for has ended.
 */
export async function run({ steps, root, onStart, onEnd }: Options): Promise<readonly Outcome[]> {
  const waiting = [...steps];
  const running = new Map<string, { step: Step; outcome: Promise<Outcome> }>();
  const ended: Outcome[] = [];
  const isReady = (step: Step): boolean => {
    const names = [...(step.after ?? []), ...(step.needs ? [step.needs] : [])];
    const isFree = running.size < 2 && !(step.isHeavy && [...running.values()].some((other) => other.step.isHeavy));
    return isFree && !names.some((name) => waiting.some((one) => one.name === name) || running.has(name));
  };
  while (waiting.length > 0 || running.size > 0) {
    for (let step = waiting.find(isReady); step; step = waiting.find(isReady)) {
      waiting.splice(waiting.indexOf(step), 1);
      onStart?.(step);
      const isBlocked = ended.some((one) => one.step.name === step?.needs && one.count.failed > 0);
      running.set(step.name, { step, outcome: isBlocked ? blocked(step) : execute(step, root) });
    }
    const outcome = await Promise.race([...running.values()].map((one) => one.outcome));
    running.delete(outcome.step.name);
    ended.push(outcome);
    onEnd?.(outcome);
  }
  return steps.flatMap((step) => ended.filter((one) => one.step === step));
}

async function blocked(step: Step): Promise<Outcome> {
  return { step, count: { passed: 0, failed: 1 }, seconds: 0, output: `not run, because ${step.needs} failed` };
}

async function execute(step: Step, root: string): Promise<Outcome> {
  const started = performance.now();
  const { code, output } = await capture(step, root);
  const count = settle(step, code, output);
  return { step, count, seconds: (performance.now() - started) / 1000, output };
}

/** A bad exit code is a failure whatever the counts say, and so are counts that are absent or zero. */
function settle(step: Step, code: number | null, output: string): Count {
  const plain = { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
  if (!step.count) return plain;
  const count = step.count(output) ?? { passed: 0, failed: 1 };
  const isSilent = count.failed === 0 && (code !== 0 || count.passed === 0);
  return isSilent ? { ...count, failed: 1 } : count;
}

function capture(step: Step, root: string): Promise<{ code: number | null; output: string }> {
  const [program, ...args] = step.command;
  const path = `${join(root, 'node_modules/.bin')}:${process.env.PATH ?? ''}`;
  const env = { ...process.env, PATH: path, NO_COLOR: '1', FORCE_COLOR: '0' };
  const timeout = BUDGETS[step.group] * PATIENCE * 1000;
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], timeout });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (error) => chunks.push(Buffer.from(`${error.message}\n`)));
    child.on('close', (code, signal) => {
      if (signal) chunks.push(Buffer.from(`\nended by ${signal} (limit ${timeout / 1000} s)\n`));
      resolve({ code, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}
