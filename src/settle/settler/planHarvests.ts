import type { Address } from 'viem';
import { readWaiting } from '../readWaiting.ts';
import { limits } from './Config.ts';
import { type Context, dayOf, purse } from './Context.ts';
import { rowOf } from './kinds/harvest.ts';

/** Makes jobs of the harvests that are due by the policy or wanted now. */
export async function planHarvests(context: Context): Promise<void> {
  const { accounts, config, demand, jobs, now } = context;
  if (jobs.day(dayOf(now())).gas >= config.caps.dailyGas) return;
  for (const [payout, account] of accounts)
    for (const token of config.tokens) await planHarvest(context, payout as Address, account, token);
  demand.harvests.clear();
}

async function planHarvest(context: Context, payout: Address, account: bigint, token: Address): Promise<void> {
  const { config, demand, jobs, now } = context;
  const { harvestThreshold, harvestAgeMs } = config.policy;
  const key = purse(account, token);
  if (jobs.pending(`harvest:${key}:`)) return;
  const amount = await readWaiting(context, payout, token);
  const name = `waiting:${key}`;
  const since = jobs.note(name);
  if (amount === 0n) {
    if (since !== undefined) await jobs.setNote(name, undefined);
    return;
  }
  if (since === undefined) await jobs.setNote(name, String(now()));
  const age = now() - Number(since ?? now());
  const wanted = demand.all || demand.harvests.has(key);
  // What was refused a moment ago, by a frozen token for example, would be refused again.
  if (!wanted && now() - jobs.failedAt(`harvest:${key}:`) < limits.poisonedMs) return;
  if (wanted || amount >= harvestThreshold || age >= harvestAgeMs) await jobs.add(rowOf(account, token, now()), now());
}
