/**
 * A settler as a process of its own, for tests that kill it: `settlerProcess.ts <config.json> [point] [count]` kills
 * itself with SIGKILL the `count`th time that it gets to the named point. It writes a line once it runs.
 */
import type * as Config from '../../src/settle/settler/Config.ts';
import { runSettler } from '../../src/settle/settler/runSettler.ts';
import { readConfig } from './processConfig.ts';

const [file, point, count = '1'] = process.argv.slice(2);
const config = await readConfig<Config.Config>(file as string);

let left = Number(count);
await runSettler(config, {
  onPoint: (reached) => {
    if (reached === point && --left === 0) process.kill(process.pid, 'SIGKILL');
  },
});

process.stdout.write('ready\n');
