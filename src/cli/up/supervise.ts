/** Keeps a process of this program running. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BaseError } from '../../internal/Errors.ts';
import { type RunningProcess, readRunFile } from '../readRun.ts';

/** A process that is started again when it dies. */
export type Supervised = {
  /** What it says of itself now; waits while it starts. */
  running(): Promise<RunningProcess>;
  /** Rejects when it is given up. */
  readonly failed: Promise<never>;
  /** Ends it, after what it is doing. */
  stop(): Promise<void>;
};

/** Milliseconds: the first and the longest pause before a start, the wait for a start, the wait for an end. */
const times = { pause: 500, longest: 10_000, start: 60_000, end: 30_000 } as const;

/** Deaths before the first announcement after which it is given up: it will not start for a reason in its log. */
const maxFailures = 3;

/** The program that runs now: children are started through the same entry. */
const main = process.argv[1] ?? '';

/** Starts a verb as a process and starts it again, after a growing pause, whenever it ends by itself. */
export async function supervise(options: supervise.Options): Promise<Supervised> {
  const { args, log, run, onRestart } = options;
  await mkdir(dirname(log), { recursive: true });
  await rm(run, { force: true });
  const verb = args[0] ?? '';
  let stopping = false;
  let failures = 0;
  let child = await start(args, log);
  const loop = (async () => {
    while (!stopping) {
      const started = await ended(child, run);
      await rm(run, { force: true });
      failures = started ? 0 : failures + 1;
      if (stopping) return;
      if (failures >= maxFailures) throw new StartError(verb, log);
      onRestart?.();
      await sleep(Math.min(times.pause * 2 ** failures, times.longest));
      if (!stopping) child = await start(args, log);
    }
  })();

  const failed = new Promise<never>((_, fail) => loop.catch(fail));
  failed.catch(() => undefined);
  return {
    failed,
    running: () => Promise.race([waitForRun(options, () => child.pid), failed]),
    async stop() {
      stopping = true;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), times.end);
      await loop.catch(() => undefined);
      clearTimeout(timer);
      await rm(run, { force: true });
    },
  };
}

export declare namespace supervise {
  type Options = {
    /** The verb and its arguments. */
    readonly args: readonly string[];
    readonly log: string;
    /** The file in which the process says that it runs. */
    readonly run: string;
    readonly onRestart?: () => void;
  };
  type ErrorType = StartError;
}

async function waitForRun(
  { args, log, run }: supervise.Options,
  pidOf: () => number | undefined,
): Promise<RunningProcess> {
  const deadline = Date.now() + times.start;
  while (Date.now() < deadline) {
    const found = await readRunFile(run);
    if (found && found.pid === pidOf()) return found;
    await sleep(100);
  }
  throw new StartError(args[0] ?? '', log);
}

/**
 * In a group of its own, so that Ctrl-C in the terminal reaches the supervisor alone, which ends everything in order. By
 * the channel between them the process notices when its supervisor was killed.
 */
async function start(args: readonly string[], log: string): Promise<ChildProcess> {
  const file = await open(log, 'a', 0o600);
  try {
    const stdio = ['ignore', file.fd, file.fd, 'ipc'] as const;
    return spawn(process.execPath, [main, ...args], { detached: true, stdio: [...stdio] });
  } finally {
    await file.close();
  }
}

/** Waits for the end of a process. Answers whether it had come so far as to say that it runs. */
async function ended(child: ChildProcess, run: string): Promise<boolean> {
  let announced = false;
  const timer = setInterval(() => {
    readRunFile(run).then(
      (found) => {
        announced ||= found?.pid === child.pid;
      },
      () => undefined,
    );
  }, 250);
  if (child.exitCode === null && child.signalCode === null) {
    await new Promise<void>((done) => child.once('exit', () => done()));
  }
  clearInterval(timer);
  return announced;
}

/** A process that ends before it runs. */
export class StartError extends BaseError {
  override readonly name = 'supervise.StartError';
  constructor(verb: string, log: string) {
    super(`The ${verb} did not start.`, { code: 'up.start', hint: `Read why at the end of ${log}.` });
  }
}
