import { limits } from './Config.ts';
import type { Context } from './Context.ts';
import { foreignKinds } from './kinds/index.ts';
import { planClaims } from './planClaims.ts';
import { planHarvests } from './planHarvests.ts';
import { type Memory, reconcile } from './reconcile.ts';
import { sendQueued } from './sendQueued.ts';
import { watchWithdrawals } from './watchWithdrawals.ts';

/** What one step needs to know of the ones before. */
export type Pace = Memory & {
  /** When the payout addresses were looked at last, unix milliseconds. */
  harvestedAt: number;
};

/** One round: take work, compare with the chain, plan, send. Whatever it is cut off in, the next one goes on. */
export async function step(context: Context, pace: Pace): Promise<void> {
  const { demand, now } = context;
  const all = demand.all;
  await takeOutbox(context);
  const confirmed = await reconcile(context, pace);
  await watchWithdrawals(context);
  await planClaims(context);
  demand.claims.clear();
  // What was claimed can be harvested once its transaction is mined, so that the wish outlives this step.
  const claiming = context.jobs.pending('claim:');
  if (confirmed || all || demand.harvests.size > 0 || now() - pace.harvestedAt >= limits.harvestCheckMs) {
    await planHarvests(context);
    pace.harvestedAt = now();
  }
  await sendQueued(context);
  if (all && !claiming) demand.all = false;
}

/** Copies new rows of the gateway's outbox. Kinds that are not the gateway's are kept under a name nobody carries out. */
async function takeOutbox({ jobs, ledger, now }: Context): Promise<void> {
  for (;;) {
    const rows = ledger.outbox(jobs.cursor(), limits.outboxRows);
    if (rows.length === 0) return;
    const checked = rows.map((row) =>
      foreignKinds.has(row.kind) && row.key.startsWith(`${row.kind}:`) ? row : { ...row, kind: `unknown ${row.kind}` },
    );
    await jobs.take(checked, now());
  }
}
