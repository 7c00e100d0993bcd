/** What a reference model is: the rules of a contract once more, slow and readable, to be compared with the real one. */
import type { Address } from 'viem';
import type { FunctionName } from '../../src/chain/explain.ts';
import * as Random from '../../src/internal/kernel/Random.ts';
import type { Person, Stage } from './openStage.ts';

/** One call of a contract, complete, so that it can be replayed without what led to it. */
export type Call = {
  /** Seconds after the step before. */
  readonly after: number;
  readonly from: Address;
  readonly functionName: FunctionName;
  readonly args: readonly unknown[];
};

/** A call, or the chain going back to where it was at the last `keep`. */
export type Step = Call | 'keep' | 'goBack';

export type Event = { readonly eventName: string; readonly args: object };

/** What a contract must answer to a question. */
export type View = { readonly functionName: string; readonly args: readonly unknown[]; readonly expected: unknown };

export type Model<state> = {
  readonly name: string;
  /** Prepares the chain and gives the state that it is in then. */
  begin(stage: Stage): Promise<state>;
  /** Changes the state and gives the events, or throws a Refusal; what a refused call changed is forgotten. */
  call(state: state, call: Call, now: bigint, stage: Stage): Promise<readonly Event[]>;
  /** A call worth trying, often valid and sometimes not. */
  next(random: Random.Random, state: state, now: bigint, stage: Stage): Promise<Call>;
  /** Everything that can be asked. */
  views(state: state, now: bigint, stage: Stage): readonly View[];
};

/** All that one call of a model works with. */
export type AtCall<rules, state> = {
  readonly the: rules;
  readonly state: state;
  readonly now: bigint;
  readonly stage: Stage;
  readonly events: Event[];
};

/** What a model does at a call. */
export function actionOf<action>(actions: Readonly<Record<string, action>>, { functionName }: Call): action {
  const action = actions[functionName];
  if (!action) throw new RangeError(`The model has no ${functionName}.`);
  return action;
}

/** What a call is made up from. */
export type Given<state> = {
  readonly random: Random.Random;
  readonly state: state;
  readonly now: bigint;
  readonly stage: Stage;
};

/** A call without its time. */
export type Choice = Omit<Call, 'after'>;

/** How often a call is tried beside the others, and how it is made up. */
export type Weighted<state> = readonly [weight: number, make: (given: Given<state>) => Choice | Promise<Choice>];

/** Makes up one of the calls, by their weights. */
export function choose<state>(all: readonly Weighted<state>[], given: Given<state>): Choice | Promise<Choice> {
  let at = Random.below(
    given.random,
    all.reduce((sum, [weight]) => sum + weight, 0),
  );
  const chosen = all.find(([weight]) => {
    at -= weight;
    return at < 0;
  }) as Weighted<state>;
  return chosen[1](given);
}

/** One of the people. */
export function actor({ random, stage }: Pick<Given<unknown>, 'random' | 'stage'>): Person {
  return pick(random, stage.actors);
}

/** Makes questions to a contract. */
export function asking(contract: string) {
  return (name: string, args: readonly unknown[], expected: unknown): View => ({
    functionName: `${contract}.${name}`,
    args,
    expected,
  });
}

export function by(from: Address, functionName: Call['functionName'], args: readonly unknown[]): Choice {
  return { from, functionName, args };
}

/** The custom error that a call must end with. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly errorName: string;
  readonly args: readonly unknown[];
  constructor(errorName: string, ...args: readonly unknown[]) {
    super(errorName);
    this.errorName = errorName;
    this.args = args;
  }
}

/** Refuses unless a rule holds. */
export function must(holds: boolean, errorName: string, ...args: readonly unknown[]): asserts holds {
  if (!holds) throw new Refusal(errorName, ...args);
}

export function pick<item>(random: Random.Random, items: readonly item[]): item {
  if (items.length === 0) throw new RangeError('Nothing to pick from.');
  return items[Random.below(random, items.length)] as item;
}

export function chance(random: Random.Random, percent: number): boolean {
  return Random.below(random, 100) < percent;
}

/** A value as text: numbers and addresses alike however they are written, members in alphabetical order. */
export function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${key}: ${text(member)}`).join(', ')}}`;
  }
  return String(value).toLowerCase();
}
