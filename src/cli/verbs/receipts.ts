import * as Receipt from '../../infer/Receipt.ts';
import * as Amount from '../../internal/Amount.ts';
import { BaseError } from '../../internal/Errors.ts';
import * as Asset from '../../publish/Asset.ts';
import { openMarket } from '../openMarket.ts';
import { type Kept, readReceipts } from '../readReceipts.ts';
import * as Table from '../Table.ts';
import * as Time from '../Time.ts';
import type { Run } from '../Verb.ts';

/** `agorai receipts`: what was paid for and who signed for it. Fails when one does not hold. */
export const run: Run = async (context, _, options) => {
  const person = typeof options.as === 'string' ? options.as : 'buyer';
  const receipts = await readReceipts(context.home, await openMarket(context), person);
  const broken = receipts.filter(({ fault }) => fault !== undefined);
  if (broken.length > 0) throw new BrokenError(broken);
  if (receipts.length === 0) context.progress(`${person} keeps no receipts in this home.`);
  const total = receipts.reduce((sum, { receipt }) => sum + receipt.price, 0n);
  const rows = receipts.map(({ hash, receipt: { asset, price, startedAt, status, manifestRoot } }) => [
    hash.slice(2, 10),
    Time.format(startedAt / 1_000n),
    Asset.short(asset),
    Amount.format(price),
    Receipt.statuses[status] ?? String(status),
    manifestRoot.slice(2, 6),
  ]);
  const header = ['RECEIPT', 'TIME', 'ASSET', 'PRICE', 'STATUS', 'WEIGHTS'];
  const all = [...rows, ['total', '', '', Amount.format(total), '', '']];
  return {
    value: { person, total, receipts: receipts.map(({ hash, receipt }) => ({ hash, ...receipt })) },
    text: Table.format(header, all, Table.widthOf(context.environment)),
  };
};

/** A kept receipt proves nothing. */
export class BrokenError extends BaseError {
  override readonly name = 'receipts.BrokenError';
  constructor(broken: readonly Kept[]) {
    super(`${broken.length} of your receipts ${broken.length === 1 ? 'does' : 'do'} not hold.`, {
      code: 'receipt.broken',
      docsPath: 'infer.md',
      metaMessages: broken.map(({ hash, fault }) => `FAIL ${hash}: ${fault}`),
      hint: 'Restore the files from a copy; if they are as the seller sent them, they are evidence.',
    });
  }
}
