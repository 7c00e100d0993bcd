/** What the long-running processes share: their configuration, their announcement, their end. */
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { BaseError } from '../internal/Errors.ts';
import { readJson, writeFileAtomic } from '../internal/node/files.ts';
import type { Options } from './Verb.ts';

/** Reads the file named by `--config`. */
export async function readConfig<schema extends z.ZodType>(
  options: Options,
  schema: schema,
): Promise<z.output<schema>> {
  const file = typeof options.config === 'string' ? options.config : undefined;
  const config = file === undefined ? undefined : await readJson(file, schema);
  if (config === undefined) throw new NoConfigError(file);
  return config as z.output<schema>;
}

/**
 * Says in a file that the process runs and where, and waits until it is told to end: by SIGTERM, by SIGINT, or by the
 * end of the process that started it, so that nothing is left over when that one is killed.
 */
export async function announce(file: string, url: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFileAtomic(file, `${JSON.stringify({ pid: process.pid, url })}\n`);
  await new Promise<void>((done) => {
    const end = () => {
      // Somebody who listens for the end of the channel keeps the process alive.
      process.off('disconnect', end);
      done();
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, end);
    process.once('disconnect', end);
    if (process.send !== undefined && !process.connected) end();
  });
  await rm(file, { force: true });
}

/** A process was started without a configuration. */
export class NoConfigError extends BaseError {
  override readonly name = 'runProcess.NoConfigError';
  constructor(file: string | undefined) {
    super(file === undefined ? 'No configuration was named.' : `There is no configuration at ${file}.`, {
      code: 'usage.config',
      hint: 'Name one with --config; agorai up writes them for a market on this machine.',
    });
  }
}
