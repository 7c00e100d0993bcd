/** Replays random sequences of calls against a contract and its model, and shrinks the first one that differs. */
import { explain } from '../../src/chain/explain.ts';
import * as Random from '../../src/internal/kernel/Random.ts';
import { type Call, chance, type Model, Refusal, type Step, text } from './Model.ts';
import { type Stage, startTime } from './openStage.ts';

/** Where contract and model differ: the sequence, and the difference after its last step. */
export type Divergence = { readonly steps: readonly Step[]; readonly difference: string };

/** How often a function was called, and how often each outcome was `accepted` or the name of an error. */
export type Count = ReadonlyMap<string, ReadonlyMap<string, number>>;

export type Outcome = { readonly count: Count; readonly divergence: Divergence | undefined };

/** What a sequence follows from. The whole state is compared after every `every` steps, ten unless given. */
export type Options = { readonly seed: number; readonly steps: number; readonly every?: number };

/** The chain and the model side by side. */
type Run<state> = { state: state; now: bigint; kept: { state: state; now: bigint; id: unknown } | undefined };

/** Runs a sequence that is made up on the way. A difference is shrunk before it is given. */
export async function replay<state>(stage: Stage, model: Model<state>, options: Options): Promise<Outcome> {
  const { steps, every = 10 } = options;
  const random = Random.from(options.seed);
  const base = await prepare(stage, model);
  const run: Run<state> = { ...base.start(), kept: undefined };
  const count = new Map<string, Map<string, number>>();
  const made: Step[] = [];
  let divergence: Divergence | undefined;
  while (made.length < steps && divergence === undefined) {
    const step = chance(random, 3) ? bookmark(random) : await model.next(random, run.state, run.now, stage);
    made.push(step);
    const asks = made.length % every === 0 || made.length === steps;
    const { difference, outcome } = await take(stage, model, run, step, asks);
    if (typeof step === 'object') add(count, step, outcome);
    if (difference !== undefined) divergence = await shrink(stage, model, base, { steps: made, difference });
  }
  await base.leave();
  return { count, divergence };
}

/** A divergence as a story, one sentence for a step. */
export function tell(name: string, seed: number, { steps, difference }: Divergence): string {
  const lines = steps.map((step, index) => `${index + 1}. ${sentence(step)}`);
  return [`${name}, seed ${seed}: ${steps.length} steps to the difference`, ...lines, difference].join('\n');
}

function sentence(step: Step): string {
  if (step === 'keep') return 'Remember the chain as it is.';
  if (step === 'goBack') return 'Go back to the chain that was remembered.';
  const { after, from, functionName, args } = step;
  return `${after} s later ${from}: ${explain(functionName, args)} ${functionName}(${text(args)})`;
}

function bookmark(random: Random.Random): Step {
  return chance(random, 50) ? 'keep' : 'goBack';
}

type Base<state> = { start(): { state: state; now: bigint }; reset(): Promise<void>; leave(): Promise<void> };

/** The chain as the model needs it, to come back to. */
async function prepare<state>(stage: Stage, model: Model<state>): Promise<Base<state>> {
  const before = await stage.rpc('evm_snapshot');
  const state = await model.begin(stage);
  let id = await stage.rpc('evm_snapshot');
  return {
    start: () => ({ state: structuredClone(state), now: startTime + 1_000n }),
    async reset() {
      await stage.rpc('evm_revert', [id]);
      id = await stage.rpc('evm_snapshot');
    },
    /** As the chain was before the model prepared it, for another sequence. */
    async leave() {
      await stage.rpc('evm_revert', [before]);
    },
  };
}

async function take<state>(stage: Stage, model: Model<state>, run: Run<state>, step: Step, asks: boolean) {
  if (step === 'keep') {
    run.kept = { state: structuredClone(run.state), now: run.now, id: await stage.rpc('evm_snapshot') };
    return { difference: undefined, outcome: 'accepted' };
  }
  if (step === 'goBack') {
    if (run.kept) {
      await stage.rpc('evm_revert', [run.kept.id]);
      Object.assign(run, { state: run.kept.state, now: run.kept.now, kept: undefined });
    }
    return { difference: await compareState(stage, model, run), outcome: 'accepted' };
  }
  run.now += BigInt(step.after);
  const draft = structuredClone(run.state);
  const expected = await model.call(draft, step, run.now, stage).catch((error: unknown) => {
    if (error instanceof Refusal) return error;
    throw error;
  });
  const actual = await stage.execute(step, run.now);
  const outcome = actual instanceof Refusal ? actual.errorName : 'accepted';
  if (!(expected instanceof Refusal)) run.state = draft;
  const difference =
    describe(expected) === describe(actual)
      ? undefined
      : `The contract: ${describe(actual)}\nThe model:    ${describe(expected)}`;
  return { difference: difference ?? (asks ? await compareState(stage, model, run) : undefined), outcome };
}

async function compareState<state>(stage: Stage, model: Model<state>, { state, now }: Run<state>) {
  const differences = await stage.differences(model.views(state, now, stage), now);
  return differences.length === 0 ? undefined : differences.join('\n');
}

function describe(outcome: Refusal | readonly object[]): string {
  return outcome instanceof Refusal ? `${outcome.errorName}${text(outcome.args)}` : text(outcome);
}

/** The shortest prefix that differs when the state is asked for after every step, then without what it does not need. */
async function shrink<state>(stage: Stage, model: Model<state>, base: Base<state>, found: Divergence) {
  let shortest = (await again(stage, model, base, found.steps)) ?? found;
  for (let size = shortest.steps.length >> 1; size >= 1; size >>= 1) {
    for (let at = shortest.steps.length - 1 - size; at >= 0; at -= size) {
      const shorter = await again(stage, model, base, without(shortest.steps, at, size));
      if (shorter) shortest = shorter;
      at = Math.min(at, shortest.steps.length - 1);
    }
  }
  return shortest;
}

/** The steps left out give their time to the one after them. */
function without(steps: readonly Step[], at: number, size: number): readonly Step[] {
  const time = steps
    .slice(at, at + size)
    .reduce((total, step) => total + (typeof step === 'object' ? step.after : 0), 0);
  const [next, ...rest] = steps.slice(at + size);
  if (next === undefined) return steps.slice(0, at);
  const later = typeof next === 'object' ? { ...next, after: next.after + time } : next;
  return [...steps.slice(0, at), later, ...rest];
}

async function again<state>(stage: Stage, model: Model<state>, base: Base<state>, steps: readonly Step[]) {
  await base.reset();
  const run: Run<state> = { ...base.start(), kept: undefined };
  for (const [index, step] of steps.entries()) {
    const { difference } = await take(stage, model, run, step, true);
    if (difference !== undefined) return { steps: steps.slice(0, index + 1), difference };
  }
  return undefined;
}

function add(count: Map<string, Map<string, number>>, { functionName }: Call, outcome: string): void {
  const outcomes = count.get(functionName) ?? new Map<string, number>();
  count.set(functionName, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1));
}
