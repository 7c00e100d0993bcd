/** Runs the command line as people do: as a process of its own, with nothing but arguments, environment and pipes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/agorai.mjs', import.meta.url));

/** What a command did. */
export type Outcome = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A command that runs. */
export type Running = {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when it has ended and all of its output was read. */
  readonly ended: Promise<Outcome>;
};

/** Starts a command in a process group of its own, as a terminal does. */
export function start(args: readonly string[], options: start.Options = {}): Running {
  const { AGORAI_HOME, AGORAI_RPC, AGORAI_PASSWORD, ...environment } = process.env;
  const child = spawn(process.execPath, [program, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environment, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (part: string) => {
      texts[name] += part;
    });
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...texts }));
  return { child, stdout: () => texts.stdout, stderr: () => texts.stderr, ended };
}

export declare namespace start {
  type Options = { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string };
}

/** Runs a command to its end. */
export function agorai(args: readonly string[], options: start.Options = {}): Promise<Outcome> {
  return start(args, options).ended;
}

/** The one JSON value of standard output; fails when there is another thing beside it. */
export function jsonOf({ stdout }: Pick<Outcome, 'stdout'>) {
  if (!/^[^\n]+\n$/.test(stdout)) throw new Error(`not one line: ${JSON.stringify(stdout.slice(0, 500))}`);
  return JSON.parse(stdout);
}

/** The JSON value of a verb in a home, and its exit code. */
export async function jsonAt(home: string, ...args: readonly string[]) {
  const outcome = await agorai([...args, '--json'], { env: { AGORAI_HOME: home } });
  return { code: outcome.code, ...jsonOf(outcome) };
}

/** Waits for text on standard error. */
export async function until(running: Running, text: string | RegExp): Promise<void> {
  const found = () => (typeof text === 'string' ? running.stderr().includes(text) : text.test(running.stderr()));
  while (!found()) {
    const { exitCode, signalCode } = running.child;
    if (exitCode !== null || signalCode !== null) throw new Error(`it ended before ${text}: ${running.stderr()}`);
    await sleep(20);
  }
}

/** Ctrl-C: the terminal signals the whole group. Answers what the command did. */
export async function interrupt(running: Running): Promise<Outcome> {
  signal(running, 'SIGINT');
  return running.ended;
}

/** Signals the group of a command that still runs. */
export function signal({ child }: Running, name: NodeJS.Signals): void {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, name);
}
