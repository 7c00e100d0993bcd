/** What is left to do to take out everything, and what has to be waited for. Amounts are atoms, times unix seconds. */
import type { Account, Hash } from 'viem';
import type { Addresses } from '../../chain/Addresses.ts';
import type { Client } from '../../chain/client.ts';
import type * as Holdings from './Holdings.ts';

/** Something that can be done now. What it needs was read from the chain, so that doing it twice is never planned. */
export type Step = {
  readonly kind: 'claim' | 'harvest' | 'withdraw' | 'start' | 'finish';
  /** One sentence for each thing that is signed. */
  readonly sentences: readonly string[];
  /** What it moves a step nearer. */
  readonly amount: bigint;
  /** Sends it and waits until it is mined. */
  run(): Promise<readonly Hash[]>;
};

/** Something that can be done later. */
export type Waiting = { readonly kind: 'window' | 'delay'; readonly amount: bigint; readonly until: bigint };

/** Something that a contract would refuse, and why. The rest is done without it. */
export type Refused = { readonly what: string; readonly reason: string };

/** One look at the chain. */
export type Plan = {
  readonly steps: readonly Step[];
  readonly waiting: readonly Waiting[];
  readonly refused: readonly Refused[];
};

/** What planning works with. */
export type World = {
  readonly client: Client<Account>;
  readonly addresses: Addresses;
  readonly holdings: Holdings.Holdings;
  /** Time of the last block. */
  readonly now: bigint;
};

/** Puts the plans of a person's parts together. */
export function join(plans: readonly Plan[]): Plan {
  return {
    steps: plans.flatMap(({ steps }) => steps),
    waiting: plans.flatMap(({ waiting }) => waiting),
    refused: plans.flatMap(({ refused }) => refused),
  };
}

/** When the next of what is waited for can be done, undefined when nothing is. */
export function nextTime({ waiting }: Plan): bigint | undefined {
  return waiting.reduce<bigint | undefined>(
    (next, { until }) => (next === undefined || until < next ? until : next),
    undefined,
  );
}
