import type { Account, Hash } from 'viem';
import type { Client } from '../../chain/client.ts';
import { RevertedError } from '../../chain/send.ts';
import { waitForPending } from '../../chain/waitForPending.ts';
import { BaseError } from '../../internal/Errors.ts';
import { NotRefundableError } from '../../license/leaveLicence.ts';
import { NothingError } from '../withdraw.ts';
import type * as Holdings from './Holdings.ts';
import * as Plan from './Plan.ts';
import { planBuyer } from './planBuyer.ts';
import { planLicences } from './planLicences.ts';
import { planPayee } from './planPayee.ts';
import { planSeller } from './planSeller.ts';

/** The parts that a person may have in a market. Another way to get money back is one more of these. */
const parts: readonly ((world: Plan.World) => Promise<Plan.Plan>)[] = [planSeller, planPayee, planBuyer, planLicences];

/** How often a step is tried that a contract refuses. Somebody else may have been quicker; then it is planned no more. */
const patience = 3;
/** Most transactions without any waiting in between. */
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
 * A step that a contract keeps refusing is told among what is refused, and holds up no other.
 *
 * @throws {EndlessError} when there is always more to do.
 */
export async function exitMarket(client: Client<Account>, options: exitMarket.Options): Promise<exitMarket.ReturnType> {
  const { holdings, wait, onStep, onWait } = options;
  await waitForPending(client);
  const done: Done[] = [];
  const failures = new Map<string, { readonly times: number; readonly reason: string }>();
  const timesOf = (step: Plan.Step) => failures.get(nameOf(step))?.times ?? 0;
  let round = 0;
  for (;;) {
    const plan = await planExit(client, holdings);
    const [step] = plan.steps.filter((one) => timesOf(one) < patience).sort((a, b) => timesOf(a) - timesOf(b));
    if (step) {
      if (++round > maxRounds) throw new EndlessError();
      onStep?.(step);
      try {
        done.push({ kind: step.kind, amount: step.amount, hashes: await step.run() });
      } catch (error) {
        if (!isRefusal(error)) throw error;
        failures.set(nameOf(step), { times: timesOf(step) + 1, reason: error.shortMessage });
      }
      continue;
    }
    const next = Plan.nextTime(plan);
    if (next === undefined || !wait) {
      const stuck = plan.steps.map(nameOf).map((what) => ({ what, reason: failures.get(what)?.reason ?? '' }));
      return { done, waiting: plan.waiting, refused: [...plan.refused, ...stuck] };
    }
    onWait?.(plan.waiting, next);
    await until(client, next);
    round = 0;
    failures.clear();
  }
}

/** Somebody was quicker, or a contract refuses. */
function isRefusal(error: unknown): error is BaseError {
  return error instanceof RevertedError || error instanceof NothingError || error instanceof NotRefundableError;
}

/** What a step signs, in words: the same again in the next plan when it was not done. */
function nameOf({ kind, sentences }: Plan.Step): string {
  return `${kind}: ${sentences.join(' ')}`;
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
  type ErrorType = EndlessError;
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

/** The plan never ends. */
export class EndlessError extends BaseError {
  override readonly name = 'exitMarket.EndlessError';
  constructor() {
    super(`After ${maxRounds} transactions there is still something to do at once.`, {
      code: 'exit.endless',
      docsPath: 'settle.md',
      hint: 'What was done is done. Start the same again to go on: agorai exit',
    });
  }
}
