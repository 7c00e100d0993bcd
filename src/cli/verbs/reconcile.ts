import { BaseError } from '../../internal/Errors.ts';
import { reconcileLedger } from '../../settle/exit/reconcileLedger.ts';
import { readCursor } from '../../settle/settler/readCursor.ts';
import * as Home from '../Home.ts';
import { openMarket } from '../openMarket.ts';
import { readRun } from '../readRun.ts';
import type { Context, Run } from '../Verb.ts';

/** `agorai reconcile`: brings a restored ledger up to date from the export, while neither process of the seller runs. */
export const run: Run = async (context, _, options) => {
  const { home } = context;
  const name = typeof options.as === 'string' ? options.as : 'seller';
  const seller = Home.sellerOf(home, name);
  for (const process of ['gateway', 'settler']) await assertStopped(context, `${process}-${name}`);
  const { client, addresses } = await openMarket(context);
  const { receipts, channels, givenUp } = await reconcileLedger({
    exportFile: typeof options.file === 'string' ? options.file : Home.exportOf(home, name),
    ledgerFile: seller.ledger,
    client,
    addresses,
    cursor: await readCursor(seller.settlerFile),
  });
  const text = `Added ${receipts} receipts and ${channels} channels; ${givenUp.length} channels were given up.`;
  return { value: { receipts, channels, givenUp }, text };
};

async function assertStopped({ home }: Context, name: string): Promise<void> {
  if (await readRun(home, name)) throw new RunningError(name);
}

/** A process works on the ledger. */
export class RunningError extends BaseError {
  override readonly name = 'reconcile.RunningError';
  constructor(name: string) {
    super(`${name} is running on this ledger.`, { code: 'reconcile.running', hint: 'Stop the market first.' });
  }
}
