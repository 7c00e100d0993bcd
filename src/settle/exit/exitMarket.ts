import type { Account, Hash } from 'viem';
import type { Client } from '../../chain/client.ts';
import { RevertedError } from '../../chain/send.ts';
import { waitForPending } from '../../chain/waitForPending.ts';
import type * as Holdings from './Holdings.ts';
import * as Plan from './Plan.ts';
import { planBuyer } from './planBuyer.ts';
import { planLicences } from './planLicences.ts';
import { planPayee } from './planPayee.ts';
import { planSeller } from './planSeller.ts';

/** The parts that a person may have in a market. Another way to get money back is one more of these. */
const parts: readonly ((world: Plan.World) => Promise<Plan.Plan>)[] = [planSeller, planPayee, planBuyer, planLicences];

/** Most steps that may turn out to be impossible because somebody else was quicker, before it is an error. */
const patience = 10;
/** Most transactions of one kind without any waiting in between: more would be a fault of the plan. */
const maxRounds = 1_000;

/** What is left to do, by the export and the chain as it is now. Nothing is sent. */
export async function planExit(client: Client<Account>, holdings: Holdings.Holdings): Promise<Plan.Plan> {
  const { timestamp: now } = await client.getBlock();
  const world: Plan.World = { client, addresses: holdings.header.addresses, holdings, now };
  return Plan.join(await Promise.all(parts.map((part) => part(world))));
}

/**
 * Takes out what a person has in a market, by its own transactions and what its export says: no gateway, settler or
 * index is asked. Each step is planned from the chain, so that a run that was cut off anywhere is finished by the next.
 */
export async function exitMarket(client: Client<Account>, options: exitMarket.Options): Promise<exitMarket.ReturnType> {
  const { holdings, wait, onStep, onWait } = options;
  await waitForPending(client);
  const done: Done[] = [];
  let missed = 0;
  for (let round = 0; ; round++) {
    const plan = await planExit(client, holdings);
    const [step] = plan.steps;
    if (step && round < maxRounds) {
      onStep?.(step);
      try {
        done.push({ kind: step.kind, amount: step.amount, hashes: await step.run() });
      } catch (error) {
        if (!(error instanceof RevertedError) || ++missed > patience) throw error;
      }
      continue;
    }
    const next = Plan.nextTime(plan);
    if (next === undefined || !wait) return { done, waiting: plan.waiting, refused: plan.refused };
    onWait?.(plan.waiting, next);
    await until(client, next);
    round = 0;
  }
}

/** A step that was done. */
export type Done = { readonly kind: Plan.Step['kind']; readonly amount: bigint; readonly hashes: readonly Hash[] };

export declare namespace exitMarket {
  type Options = {
    readonly holdings: Holdings.Holdings;
    /** Whether to wait for windows and delays; else what has to wait is told and a later run goes on. */
    readonly wait: boolean;
    /** Told before each transaction. */
    onStep?(step: Plan.Step): void;
    /** Told before waiting. */
    onWait?(waiting: readonly Plan.Waiting[], until: bigint): void;
  };
  type ReturnType = {
    readonly done: readonly Done[];
    readonly waiting: readonly Plan.Waiting[];
    readonly refused: readonly Plan.Refused[];
  };
}

/** Waits for a block of that time. */
async function until(client: Client, time: bigint): Promise<void> {
  for (;;) {
    const { timestamp } = await client.getBlock();
    if (timestamp >= time) return;
    await new Promise((resolve) => setTimeout(resolve, client.pollingInterval));
  }
}
