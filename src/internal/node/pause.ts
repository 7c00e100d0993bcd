import { setTimeout as sleep } from 'node:timers/promises';

/** Waits some milliseconds, or until the signal is aborted; not at all when it has been. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
