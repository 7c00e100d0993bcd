import type * as Config from './Config.ts';
import { startSettler } from './startSettler.ts';

/**
 * Runs a settler as a process of its own: SIGUSR2 claims and harvests everything now, SIGTERM and SIGINT finish the
 * current step and end the process with code 0. Resolves once it runs.
 */
export async function runSettler(
  config: Config.Config,
  options: startSettler.Options = {},
): Promise<startSettler.ReturnType> {
  const settler = await startSettler(config, options);
  const end = () => void settler.stop().then(() => process.exit(0));
  process.on('SIGUSR2', settler.settleNow);
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  return settler;
}
