import type * as Outbox from '../../pay/Outbox.ts';
import type { Deps } from './Deps.ts';
import { ProblemError } from './Problem.ts';

/**
 * Waits until the settler has put a piece of work on chain or given it up. When it takes too long the work stays in the
 * outbox and is done later; the caller is told to repeat the same request, which then finds it done.
 */
export async function awaitProgress(deps: Deps, key: string): Promise<Outbox.Progress> {
  const deadline = deps.passed() + deps.limits.settleMs;
  for (let pause = 5; ; pause = Math.min(pause * 1.5, 100)) {
    const progress = deps.progress.progressOf(key);
    if (progress && (progress.state === 'confirmed' || progress.state === 'failed')) return progress;
    if (deps.passed() > deadline || deps.closing.aborted) {
      throw new ProblemError(503, 'The payment is on its way but not on chain yet.', {
        code: 'payment.pending',
        hint: 'Repeat the same request with the same payment; it will not be paid twice.',
        retryAfter: 5,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
