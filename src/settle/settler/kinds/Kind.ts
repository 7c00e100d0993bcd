/** A kind of work: how a job becomes a call, and how to see that somebody else has done it already. */
import type { Hex } from 'viem';
import type * as Call from '../Call.ts';
import type { Context } from '../Context.ts';
import type { Job } from '../jobs.ts';

/** A call to send, or what has to happen before. */
export type Prepared = { readonly call: Call.Call } | { readonly wait: string };

/** One kind. */
export type Kind = {
  /** Throws a `BaseError` when the job is malformed or outside of what the settler may do. */
  prepare(context: Context, job: Job): Promise<Prepared>;
  /** The transaction of somebody else that did the same; asked for when the call would revert. */
  findDone?(context: Context, job: Job): Promise<Hex | undefined>;
  /** Atoms that the seller serves for once the job is confirmed: what vanishes with its block. */
  atRisk?(job: Job): bigint;
  /** What happens when the day's gas is spent: the job fails, because somebody waits for it, or waits for tomorrow. */
  readonly beyondGas: 'fail' | 'wait';
};
