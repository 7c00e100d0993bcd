/** Reference model of Policy: one owner, who hands over in two steps, and moves parameters within bounds for ever fixed. */
import { type Address, type Hex, stringToHex, zeroAddress, zeroHash } from 'viem';
import { parameters } from '../../src/chain/Deployment.ts';
import * as Random from '../../src/internal/kernel/Random.ts';
import {
  actionOf,
  actor,
  asking,
  by,
  type Call,
  type Choice,
  chance,
  choose,
  type Event,
  type Given as GivenOf,
  type Model,
  must,
  pick,
  type View,
  type Weighted,
} from './Model.ts';
import type { Stage } from './openStage.ts';

export type State = {
  owner: Address;
  pending: Address;
  treasury: Address;
  /** Contracts among the tokens that were allowed. */
  readonly tokens: Set<Address>;
  readonly values: Map<Hex, bigint>;
};

/** Rules that a test turns over to see that the difference is found. */
export const rules = {
  /** Both bounds can be chosen. */
  isWithin: (value: bigint, min: bigint, max: bigint) => value >= min && value <= max,
};

export function create(changed: Partial<typeof rules> = {}): Model<State> {
  const the = { ...rules, ...changed };
  return { name: 'Policy', begin, next, views, call: (...given) => call(the, ...given) };
}

async function begin({ people, addresses }: Stage): Promise<State> {
  const { address } = people.operator;
  return {
    owner: address,
    pending: zeroAddress,
    treasury: address,
    tokens: new Set([addresses.token]),
    values: new Map(parameters.map(({ name, value }) => [name, value])),
  };
}

type At = { readonly the: typeof rules; readonly state: State; readonly stage: Stage; readonly events: Event[] };

async function call(the: typeof rules, state: State, given: Call, _now: bigint, stage: Stage) {
  const at: At = { the, state, stage, events: [] };
  if (given.functionName !== 'Policy.acceptOwnership') {
    must(given.from === state.owner, 'OwnableUnauthorizedAccount', given.from);
  }
  actionOf(actions, given)(at, given.from, given.args as never);
  return at.events;
}

const actions: Readonly<Record<string, (at: At, from: Address, args: never) => void>> = {
  'Policy.set': (at, _from, [name, value]: [Hex, bigint]) => {
    const parameter = parameters.find((each) => each.name === name);
    must(parameter !== undefined, 'Policy_UnknownParameter', name);
    const { min, max } = parameter;
    must(at.the.isWithin(value, min, max), 'Policy_OutOfBounds', name, value, min, max);
    at.state.values.set(name, value);
    emit(at, 'Set', { name, value });
  },
  'Policy.setTreasury': (at, _from, [treasury]: [Address]) => {
    must(treasury !== zeroAddress, 'Policy_NoTreasury');
    at.state.treasury = treasury;
    emit(at, 'SetTreasury', { treasury });
  },
  'Policy.setToken': (at, _from, [token, allowed]: [Address, boolean]) => {
    // Of the accounts that are tried, those of people have no code.
    const isPerson = at.stage.actors.some(({ address }) => address === token);
    must(!allowed || !isPerson, 'Policy_TokenWithoutCode', token);
    at.state.tokens[allowed ? 'add' : 'delete'](token);
    emit(at, 'SetToken', { token, allowed });
  },
  'Policy.transferOwnership': (at, previousOwner, [newOwner]: [Address]) => {
    at.state.pending = newOwner;
    emit(at, 'OwnershipTransferStarted', { previousOwner, newOwner });
  },
  'Policy.acceptOwnership': (at, newOwner) => {
    must(at.state.pending === newOwner, 'OwnableUnauthorizedAccount', newOwner);
    handOver(at, newOwner);
  },
  'Policy.renounceOwnership': (at) => handOver(at, zeroAddress),
};

function handOver(at: At, newOwner: Address): void {
  const { owner: previousOwner } = at.state;
  Object.assign(at.state, { owner: newOwner, pending: zeroAddress });
  emit(at, 'OwnershipTransferred', { previousOwner, newOwner });
}

function emit({ events }: At, name: string, args: object): void {
  events.push({ eventName: `Policy.${name}`, args });
}

function views({ owner, pending, treasury, tokens, values }: State, _now: bigint, stage: Stage): readonly View[] {
  const ask = asking('Policy');
  return [
    ask('owner', [], owner),
    ask('pendingOwner', [], pending),
    ask('treasury', [], treasury),
    ...tokensOf(stage).map((token) => ask('isToken', [token], tokens.has(token))),
    ...parameters.flatMap(({ name, min, max }) => [
      ask('valueOf', [name], values.get(name)),
      ask('boundsOf', [name], [min, max]),
    ]),
  ];
}

function tokensOf({ addresses, actors }: Stage): readonly Address[] {
  return [addresses.token, addresses.logs, ...actors.map(({ address }) => address)];
}

type Given = GivenOf<State>;

async function next(random: Random.Random, state: State, now: bigint, stage: Stage): Promise<Call> {
  return { after: 1 + Random.below(random, 60), ...(await choose(choices, { random, state, now, stage })) };
}

const choices: readonly Weighted<State>[] = [
  [80, set],
  [
    30,
    (given) => by(usual(given), 'Policy.setTreasury', [chance(given.random, 90) ? actor(given).address : zeroAddress]),
  ],
  [
    40,
    (given) =>
      by(usual(given), 'Policy.setToken', [pick(given.random, tokensOf(given.stage)), chance(given.random, 50)]),
  ],
  [20, (given) => by(usual(given), 'Policy.transferOwnership', [actor(given).address])],
  [20, (given) => by(usual(given, given.state.pending), 'Policy.acceptOwnership', [])],
  [1, (given) => by(usual(given), 'Policy.renounceOwnership', [])],
];

function set(given: Given): Choice {
  const { random } = given;
  const { name, min, max } = pick(random, parameters);
  const value = pick(random, [
    min,
    max,
    max + 1n,
    min > 0n ? min - 1n : 0n,
    min + BigInt(Random.below(random, Number(max - min) + 1)),
  ]);
  const known = chance(random, 93) ? name : pick(random, [zeroHash, stringToHex('protocolFeeBps ', { size: 32 })]);
  return by(usual(given), 'Policy.set', [known, value]);
}

/** More often who may. Nobody is the zero address. */
function usual(given: Given, who: Address = given.state.owner): Address {
  return who !== zeroAddress && chance(given.random, 85) ? who : actor(given).address;
}
