import { setTimeout as sleep } from 'node:timers/promises';
import * as Amount from '../../internal/Amount.ts';
import { BaseError } from '../../internal/Errors.ts';
import { readRun } from '../readRun.ts';
import { settleNow } from '../settleNow.ts';
import type { Run } from '../Verb.ts';

/** `agorai settle`: tells the seller's settler to claim, harvest and anchor now, and waits until it has claimed. */
export const run: Run = async (context, _, options) => {
  const seller = typeof options.as === 'string' ? options.as : 'seller';
  const settler = await readRun(context.home, `settler-${seller}`);
  if (!settler) throw new NoSettlerError(seller);
  const claimed = await settleNow(settler, () => sleep(200));
  return {
    value: { claimed },
    text: `Claimed ${Amount.format(claimed)}; it can be withdrawn after the dispute window.`,
  };
};

/** No settler runs for this seller. */
export class NoSettlerError extends BaseError {
  override readonly name = 'settle.NoSettlerError';
  constructor(seller: string) {
    super(`No settler of ${seller} is running.`, { code: 'network.no_settler', hint: 'Start the market: agorai up' });
  }
}
