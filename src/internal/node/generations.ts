import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isNotFound, syncFolder } from './files.ts';

/**
 * Keeps one complete copy of a file that another process rewrites in place, and may be killed while doing so.
 *
 * The writer owns `<file>.live`. Each rotation moves `<file>.live` to `<file>.prev`, so that the writer's next write
 * makes a new `<file>.live`; that new file proves that the write into `<file>.prev` had ended, because the writer does
 * one write at a time. Only then does `<file>.prev` become `<file>`, which therefore is complete at every moment.
 */
export type Generations = {
  /** The complete copy. */
  readonly file: string;
  /** What the writer writes. */
  readonly live: string;
  /** The last but one write. */
  readonly previous: string;
};

/** The three paths of a file that is kept in generations. */
export function generationsOf(file: string): Generations {
  return { file, live: `${file}.live`, previous: `${file}.prev` };
}

/** One rotation. Call it on a timer while the writer runs. */
export async function rotateGenerations({ file, live, previous }: Generations): Promise<void> {
  if (!(await exists(live))) return;
  if (await exists(previous)) {
    await syncFile(previous);
    await rename(previous, file);
  }
  await rename(live, previous);
  await syncFolder(dirname(file));
}

/**
 * Settles on the newest complete generation after the writer has ended, however it ended, and makes it `file`. A
 * generation older than `file` is passed over, so that a `file` restored from a copy wins. The other generations are
 * removed: a torn one that stayed would be taken for the next writer's. Returns whether there is a `file` now.
 */
export async function recoverGenerations(
  generations: Generations,
  isComplete: (path: string) => Promise<boolean>,
): Promise<boolean> {
  const { file, live, previous } = generations;
  const newest = await findNewest(generations, isComplete);
  if (newest !== undefined && newest !== file) {
    await syncFile(newest);
    await rename(newest, file);
  }
  await rm(live, { force: true });
  await rm(previous, { force: true });
  await syncFolder(dirname(file));
  return newest !== undefined;
}

async function findNewest(
  { file, live, previous }: Generations,
  isComplete: (path: string) => Promise<boolean>,
): Promise<string | undefined> {
  const since = await modifiedAt(file);
  for (const candidate of [live, previous]) {
    const at = await modifiedAt(candidate);
    const isNewer = at !== undefined && (since === undefined || at >= since);
    if (isNewer && (await isComplete(candidate))) return candidate;
  }
  return since === undefined ? undefined : file;
}

async function modifiedAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await modifiedAt(path)) !== undefined;
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
