import type { Hex } from 'viem';
import * as Config from './Config.ts';
import type { Context } from './Context.ts';
import type { Job } from './jobs.ts';
import { channelsOf } from './kinds/claim.ts';

/**
 * How urgent a job is: `leaving` when a payer whose channel it claims has started to withdraw, which no cap holds back;
 * `closing` when that payer can soon take out what is not claimed, so that its price is raised with every block.
 */
export type Urgency = 'none' | 'leaving' | 'closing';

/** How urgent a job is now. */
export function urgencyOf(context: Context, job: Pick<Job, 'kind' | 'payload'>): Urgency {
  if (job.kind !== 'claim') return 'none';
  const deadlines = channelsOf(job).flatMap((id) => deadlineOf(context, id) ?? []);
  if (deadlines.length === 0) return 'none';
  return deadlines.some((deadline) => isClosing(context, deadline)) ? 'closing' : 'leaving';
}

const ranks: readonly Urgency[] = ['none', 'leaving', 'closing'];

/** How urgent each of some jobs is, by ascending nonce: none is mined before its predecessors, so that they are as urgent. */
export function urgenciesOf(context: Context, jobs: readonly Job[]): readonly Urgency[] {
  let rank = 0;
  return jobs
    .toReversed()
    .map((job) => {
      rank = Math.max(rank, ranks.indexOf(urgencyOf(context, job)));
      return ranks[rank] as Urgency;
    })
    .reverse();
}

/** When the payer of a channel can take its money out, in unix seconds, or undefined when it is not leaving. */
export function deadlineOf({ jobs, ledger }: Pick<Context, 'jobs' | 'ledger'>, id: Hex): bigint | undefined {
  const noted = jobs.note(`leaving:${id}`);
  if (noted !== undefined) return BigInt(noted);
  const channel = ledger.channel(id);
  if (channel?.state !== 'leaving') return undefined;
  return channel.withdrawInitiatedAt + BigInt(channel.config.withdrawDelay);
}

function isClosing({ config, clock }: Context, deadline: bigint): boolean {
  const { seconds, blocks } = config.margin ?? Config.margin;
  const left = Number(deadline - clock.time);
  return left <= seconds || left <= blocks * clock.secondsPerBlock;
}
