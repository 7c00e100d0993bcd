/**
 * A gateway of the digits model as a process of its own, for tests that kill it: `gatewayProcess.ts <config.json>`. At
 * the point that stands in the file `armed` it takes the file away and kills itself with SIGKILL. It writes a line once
 * it runs; SIGTERM ends it as it ends the command.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import { startGateway } from '../../src/infer/gateway/startGateway.ts';
import type { Listing } from '../../src/infer/Listing.ts';
import { createLog } from '../../src/internal/node/log.ts';
import { readFolder } from '../../src/publish/readFolder.ts';
import { openProgress } from '../../src/settle/settler/openProgress.ts';
import { readConfig } from './processConfig.ts';

/** What the process is started with. */
export type Config = {
  readonly options: Omit<startGateway.Options, 'listings' | 'progress' | 'log'>;
  readonly listing: Omit<Listing, 'engine'>;
  readonly settlerFile: string;
  /** File with the name of the point at which to die. */
  readonly armed: string;
};

const { options, listing, settlerFile, armed } = await readConfig<Config>(process.argv[2] as string);
const engine = await openEngine(await readFolder(join(import.meta.dirname, '../../models/digits')));

const gateway = await startGateway({
  ...options,
  listings: [{ ...listing, engine }],
  progress: openProgress(settlerFile),
  log: createLog('gateway'),
  onPoint(point) {
    if (!existsSync(armed) || readFileSync(armed, 'utf8') !== point) return;
    rmSync(armed);
    process.kill(process.pid, 'SIGKILL');
  },
});
process.once('SIGTERM', () => void gateway.stop().then(() => process.exit(0)));
process.stdout.write('ready\n');
