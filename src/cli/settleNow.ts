/** Makes a running settler claim everything now. */
import { BaseError } from '../internal/Errors.ts';

/** Longest wait for the claim, in milliseconds. */
const patience = 120_000;

const unclaimed = /^agorai_settler_unclaimed_atoms ([0-9]+)$/m;

/** Signals the settler and waits until nothing is unclaimed. Answers the atoms that were. */
export async function settleNow(
  settler: { readonly pid: number; readonly url: string },
  pause: () => Promise<unknown>,
): Promise<bigint> {
  const before = await readUnclaimed(settler.url);
  try {
    process.kill(settler.pid, 'SIGUSR2');
  } catch (cause) {
    throw new NotSettledError('its process is gone', cause);
  }
  const deadline = Date.now() + patience;
  while ((await readUnclaimed(settler.url)) > 0n) {
    if (Date.now() >= deadline) throw new NotSettledError('it did not claim in time');
    await pause();
  }
  return before;
}

async function readUnclaimed(url: string): Promise<bigint> {
  const response = await fetch(new URL('/metrics', url), { signal: AbortSignal.timeout(10_000) });
  const found = unclaimed.exec(await response.text())?.[1];
  if (found === undefined) throw new NotSettledError('it does not say what is unclaimed');
  return BigInt(found);
}

/** The settler did not do what it was told. */
export class NotSettledError extends BaseError {
  override readonly name = 'settleNow.NotSettledError';
  constructor(reason: string, cause?: unknown) {
    super(`The settler has not settled: ${reason}.`, {
      code: 'settle.failed',
      docsPath: 'settle.md',
      cause,
      hint: 'Read its log in the folder logs of the home.',
    });
  }
}
