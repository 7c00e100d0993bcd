/** Reads what a process of a home says of itself. */
import { z } from 'zod';
import { hasCode, readJson } from '../internal/node/files.ts';
import * as Home from './Home.ts';

/** A process that runs, and where it is reached. */
export type RunningProcess = z.output<typeof schema>;

const schema = z.object({ pid: z.int().positive(), url: z.string() });

/** What `chain`, `gateway-seller` or `settler-seller` says; `undefined` when it does not run, or was killed. */
export async function readRun(home: Home.Home, process: string): Promise<RunningProcess | undefined> {
  return await readRunFile(Home.runOf(home, process));
}

/** The same by the path of the file. */
export async function readRunFile(path: string): Promise<RunningProcess | undefined> {
  const found = await readJson(path, schema);
  return found && isAlive(found.pid) ? found : undefined;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It runs, and belongs to somebody else.
    return hasCode(error, 'EPERM');
  }
}
