import * as Amount from '../../internal/Amount.ts';
import { approve } from '../approve.ts';
import { openSigning } from '../openMarket.ts';
import { readDue } from '../readDue.ts';
import * as Table from '../Table.ts';
import * as Time from '../Time.ts';
import type { Run } from '../Verb.ts';

/** `agorai waiting`: money that is waiting for you, where from and since when it can be taken; `--claim` takes it. */
export const run: Run = async (context, _, options) => {
  const market = await openSigning(context, options, 'seller');
  const due = await readDue(context.home, market);
  const ready = due.filter(({ at }) => at === undefined);
  const total = ready.reduce((sum, { amount }) => sum + amount, 0n);
  const rows = due.map(({ kind, amount, from, at }) => [
    at === undefined ? 'now' : Time.format(at),
    kind,
    Amount.format(amount),
    from,
  ]);
  const table = Table.format(
    ['WHEN', 'WHAT', 'AMOUNT', 'FROM'],
    [...rows, ['', 'total now', Amount.format(total), '']],
    Table.widthOf(context.environment),
  );
  const listed = due.map(({ claim, at, ...row }) => ({ ...row, at: at ?? null }));
  if (options.claim !== true || ready.length === 0) return { value: { total, waiting: listed }, text: table };
  const sentences = ready.map(({ sentence }) => sentence);
  if (!(await approve(context, { question: `Take ${Amount.format(total)}; it costs`, amount: 0n, sentences })))
    return { value: { dryRun: true, total, waiting: listed, sentences }, text: table };
  const transactions = [];
  for (const { claim } of ready) transactions.push(...(await claim()));
  return { value: { total, waiting: listed, transactions }, text: `Took ${Amount.format(total)}.` };
};
