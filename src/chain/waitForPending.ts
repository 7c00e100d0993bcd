import type { Account } from 'viem';
import { getTransactionCount } from 'viem/actions';
import { BaseError } from '../internal/Errors.ts';
import type { Client } from './client.ts';

/**
 * Waits until everything the client's account has sent is mined. A run that was killed may have left a transaction
 * under way; who looks at the chain before it is mined would send the same again.
 */
export async function waitForPending(client: Client<Account>, options: waitForPending.Options = {}): Promise<void> {
  const { address } = client.account;
  const deadline = Date.now() + (options.timeout ?? 120_000);
  for (;;) {
    const [mined, pending] = await Promise.all([
      getTransactionCount(client, { address, blockTag: 'latest' }),
      getTransactionCount(client, { address, blockTag: 'pending' }),
    ]);
    if (mined >= pending) return;
    if (Date.now() >= deadline) throw new PendingError(pending - mined);
    await new Promise((resolve) => setTimeout(resolve, client.pollingInterval));
  }
}

export declare namespace waitForPending {
  type Options = {
    /** Milliseconds, 120,000 unless given. */
    readonly timeout?: number;
  };
  type ErrorType = PendingError;
}

/** Transactions that were sent before and are in no block. */
export class PendingError extends BaseError {
  override readonly name = 'waitForPending.PendingError';
  constructor(count: number) {
    super(`${count === 1 ? 'A transaction' : `${count} transactions`} of this account still wait to be mined.`, {
      code: 'chain.pending',
      hint: 'Look them up and raise their fee, or wait, then start again.',
    });
  }
}
