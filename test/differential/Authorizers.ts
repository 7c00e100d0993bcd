/** Reference model of Authorizers: one contract a seller, made once, and the settler that it accepts now. */
import { type Address, concatHex, encodeAbiParameters, getContractAddress, type Hex, pad, zeroAddress } from 'viem';
import * as Random from '../../src/internal/kernel/Random.ts';
import {
  actionOf,
  actor,
  by,
  type Call,
  chance,
  choose,
  type Event,
  type Given,
  type Model,
  must,
  type View,
  type Weighted,
} from './Model.ts';
import type { Stage } from './openStage.ts';

export type State = { readonly settlers: Map<Address, Address>; readonly deployed: Set<Address> };

/** Rules that a test turns over to see that the difference is found. */
export const rules = {
  /** An authorizer is made by whatever comes first. */
  isMissing: (deployed: ReadonlySet<Address>, seller: Address) => !deployed.has(seller),
};

export function create(changed: Partial<typeof rules> = {}): Model<State> {
  const the = { ...rules, ...changed };
  return { name: 'Authorizers', begin, next, views, call: (...given) => call(the, ...given) };
}

async function begin(): Promise<State> {
  return { settlers: new Map(), deployed: new Set() };
}

type At = { readonly the: typeof rules; readonly state: State; readonly stage: Stage; readonly events: Event[] };

async function call(the: typeof rules, state: State, given: Call, _now: bigint, stage: Stage) {
  const at: At = { the, state, stage, events: [] };
  actionOf(actions, given)(at, given.from, given.args as never);
  return at.events;
}

const actions: Readonly<Record<string, (at: At, from: Address, args: never) => void>> = {
  'Authorizers.register': (at, seller, [settler]: [Address]) => {
    at.state.settlers.set(seller, settler);
    deploy(at, seller);
    const authorizer = addressOf(at.stage, seller);
    at.events.push({ eventName: 'Authorizers.Register', args: { seller, settler, authorizer } });
  },
  'Authorizers.deploy': (at, _from, [seller]: [Address]) => deploy(at, seller),
};

function deploy({ the, state, stage, events }: At, seller: Address): void {
  must(seller !== zeroAddress, 'Authorizers_ZeroSeller');
  if (!the.isMissing(state.deployed, seller)) return;
  state.deployed.add(seller);
  events.push({ eventName: 'Authorizers.Deploy', args: { seller, authorizer: addressOf(stage, seller) } });
}

/** EIP-1167 with the registry and the seller behind the code of the clone. */
function addressOf({ addresses }: Stage, seller: Address): Address {
  const { authorizers, authorizerImplementation } = addresses;
  const args = encodeAbiParameters([{ type: 'address' }, { type: 'address' }], [authorizers, seller]);
  const length: Hex = `0x${(45 + (args.length - 2) / 2).toString(16).padStart(4, '0')}`;
  const clone: readonly Hex[] = [
    '0x363d3d373d3d3d363d73',
    authorizerImplementation,
    '0x5af43d82803e903d91602b57fd5bf3',
  ];
  const bytecode = concatHex(['0x61', length, '0x3d81600a3d39f3', ...clone, args]);
  return getContractAddress({ opcode: 'CREATE2', from: authorizers, salt: pad(seller), bytecode });
}

function views({ settlers }: State, _now: bigint, stage: Stage): readonly View[] {
  return stage.actors.flatMap(({ address }) => [
    { functionName: 'Authorizers.settlerOf', args: [address], expected: settlers.get(address) ?? zeroAddress },
    { functionName: 'Authorizers.addressOf', args: [address], expected: addressOf(stage, address) },
  ]);
}

async function next(random: Random.Random, state: State, now: bigint, stage: Stage): Promise<Call> {
  return { after: 1 + Random.below(random, 60), ...(await choose(choices, { random, state, now, stage })) };
}

const choices: readonly Weighted<State>[] = [
  [3, (given) => by(actor(given).address, 'Authorizers.register', [sometimesZero(given)])],
  [2, (given) => by(actor(given).address, 'Authorizers.deploy', [sometimesZero(given)])],
];

function sometimesZero(given: Given<State>): Address {
  return chance(given.random, 90) ? actor(given).address : zeroAddress;
}
