import type * as Outbox from '../../pay/Outbox.ts';
import type { Ticket } from './Admission.ts';
import { awaitProgress } from './awaitProgress.ts';
import type { Deps } from './Deps.ts';
import { failure, type Result } from './finish.ts';

/** Waits for a payment that must be on chain before the work starts; `refused` when the chain did not take it. */
export async function settled(
  deps: Deps,
  { context }: Pick<Ticket, 'context'>,
): Promise<{ progress: Outbox.Progress | undefined; refused: Result | undefined }> {
  if (context.settleFirst === undefined) return { progress: undefined, refused: undefined };
  const progress = await awaitProgress(deps, context.settleFirst);
  const refused =
    progress.state === 'failed'
      ? failure(402, 'payment.failed', `The payment was not accepted on chain: ${progress.error}`)
      : undefined;
  return { progress, refused };
}
