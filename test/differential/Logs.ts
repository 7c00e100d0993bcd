/** Reference model of Logs: which keys count when, and logs that only grow. */
import { type Address, type Hex, recoverAddress, zeroAddress, zeroHash } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import * as Receipt from '../../src/infer/Receipt.ts';
import * as ReceiptLog from '../../src/infer/ReceiptLog.ts';
import * as Random from '../../src/internal/kernel/Random.ts';
import {
  type AtCall,
  actionOf,
  actor,
  by,
  type Call,
  type Choice,
  chance,
  choose,
  type Given as GivenOf,
  type Model,
  must,
  pick,
  type View,
  type Weighted,
} from './Model.ts';
import type { Stage } from './openStage.ts';
import { rootOf } from './setUp.ts';

type Key = { readonly notBefore: bigint; readonly notAfter: bigint; readonly capPerEpoch: bigint };
type Head = {
  readonly seller: Address;
  readonly log: number;
  readonly epoch: bigint;
  readonly size: bigint;
  readonly root: Hex;
};

export type State = {
  /** Under seller and key. */
  readonly keys: Map<string, Key>;
  /** The heads of a log in order, under seller and number. */
  readonly logs: Map<string, readonly Pick<Head, 'size' | 'root'>[]>;
};

/** Rules that a test turns over to see that the difference is found. */
export const rules = {
  /** The second at which a key ends is the first one without it. */
  isOver: ({ notAfter }: Key, now: bigint) => now >= notAfter,
};

const noKey: Key = { notBefore: 0n, notAfter: 0n, capPerEpoch: 0n };
const logsOfEach = [0, 7] as const;
const signers = Array.from({ length: 40 }, (_, index) => privateKeyToAccount(rootOf(index + 1)));

export function create(changed: Partial<typeof rules> = {}): Model<State> {
  const the = { ...rules, ...changed };
  return {
    name: 'Logs',
    begin,
    next,
    views: (...given) => views(the, ...given),
    call: (...given) => call(the, ...given),
  };
}

async function begin(): Promise<State> {
  return { keys: new Map(), logs: new Map() };
}

type At = AtCall<typeof rules, State>;

async function call(the: typeof rules, state: State, given: Call, now: bigint, stage: Stage) {
  const at: At = { the, state, now, stage, events: [] };
  await actionOf(actions, given)(at, given.from, given.args as never);
  return at.events;
}

const actions: Readonly<Record<string, (at: At, from: Address, args: never) => void | Promise<void>>> = {
  'Logs.register': ({ state, now, events }, seller, [key, notBefore, notAfter, capPerEpoch]: RegisterArgs) => {
    must(key !== zeroAddress, 'Logs_ZeroKey');
    must(notBefore < notAfter && notAfter > now, 'Logs_InvalidPeriod', notBefore, notAfter, now);
    must(!state.keys.has(`${seller}/${key}`), 'Logs_KnownKey', seller, key);
    const registration = { notBefore, notAfter, capPerEpoch };
    state.keys.set(`${seller}/${key}`, registration);
    events.push({ eventName: 'Logs.Register', args: { seller, key, ...registration } });
  },
  'Logs.revoke': ({ the, state, now, events }, seller, [key]: [Address]) => {
    const registration = state.keys.get(`${seller}/${key}`);
    must(registration !== undefined, 'Logs_UnknownKey', seller, key);
    must(!the.isOver(registration, now), 'Logs_EndedKey', seller, key, registration.notAfter);
    state.keys.set(`${seller}/${key}`, { ...registration, notAfter: now });
    events.push({ eventName: 'Logs.Revoke', args: { seller, key, notAfter: now } });
  },
  'Logs.post': async ({ the, state, now, stage, events }, _from, [head, signature]: [Head, Hex]) => {
    const { seller, log, epoch, size, root } = head;
    const key = await recoverAddress({ hash: digestOf(stage, head), signature });
    must(counts(the, state, seller, key, now), 'Logs_InvalidSigner', seller, key, now);
    const before = headsOf(state, seller, log);
    const expected = BigInt(before.length) + 1n;
    must(epoch === expected, 'Logs_WrongEpoch', epoch, expected);
    const last = before.at(-1) ?? { size: 0n, root: zeroHash };
    must(size >= last.size, 'Logs_ShrunkLog', size, last.size);
    must(size !== last.size || root === last.root, 'Logs_ChangedRoot', root, last.root);
    state.logs.set(`${seller}/${log}`, [...before, { size, root }]);
    events.push({ eventName: 'Logs.Post', args: { ...head, key } });
  },
};

type RegisterArgs = [key: Address, notBefore: bigint, notAfter: bigint, capPerEpoch: bigint];

function counts(the: typeof rules, { keys }: State, seller: Address, key: Address, now: bigint): boolean {
  const registration = keys.get(`${seller}/${key}`);
  return registration !== undefined && now >= registration.notBefore && !the.isOver(registration, now);
}

function headsOf({ logs }: State, seller: Address, log: number) {
  return logs.get(`${seller}/${log}`) ?? [];
}

function digestOf({ addresses }: Stage, head: Head): Hex {
  return ReceiptLog.headDigest(head, Receipt.domainOf(31337, addresses.logs));
}

function views(the: typeof rules, state: State, now: bigint, { actors }: Stage): readonly View[] {
  return actors.flatMap(({ address: seller }) => [
    ...signers.flatMap(({ address: key }) => [
      { functionName: 'Logs.keyOf', args: [seller, key], expected: state.keys.get(`${seller}/${key}`) ?? noKey },
      { functionName: 'Logs.isKeyAt', args: [seller, key, now], expected: counts(the, state, seller, key, now) },
    ]),
    ...logsOfEach.flatMap((log) => {
      const heads = headsOf(state, seller, log);
      const { size, root } = heads.at(-1) ?? { size: 0n, root: zeroHash };
      return [
        { functionName: 'Logs.latestOf', args: [seller, log], expected: [heads.length, size, root] },
        ...heads.map((head, index) => ({
          functionName: 'Logs.headOf',
          args: [seller, log, BigInt(index) + 1n],
          expected: [head.size, head.root],
        })),
      ];
    }),
  ]);
}

type Given = GivenOf<State>;

async function next(random: Random.Random, state: State, now: bigint, stage: Stage): Promise<Call> {
  const after = chance(random, 80) ? 1 + Random.below(random, 20) : pick(random, [60, 100, 3_600]);
  return { after, ...(await choose(choices, { random, state, now: now + BigInt(after), stage })) };
}

const choices: readonly Weighted<State>[] = [
  [3, register],
  [1, revoke],
  [10, post],
];

/** Periods that are over before long, so that keys end on their own, some at the very second of a call. */
function register(given: Given): Choice {
  const { random, now } = given;
  const notBefore = now + BigInt(pick(random, [-1_000, 0, 0, 50]));
  const notAfter = chance(random, 90) ? now + BigInt(pick(random, [1, 60, 200, 100_000])) : now;
  const key = chance(random, 97) ? signer(given).address : zeroAddress;
  return by(actor(given).address, 'Logs.register', [key, notBefore, notAfter, BigInt(Random.below(random, 1_000))]);
}

function revoke(given: Given): Choice {
  const { seller, key } = keyOf(given);
  return by(seller, 'Logs.revoke', [key]);
}

async function post(given: Given): Promise<Choice> {
  const { random, state, stage } = given;
  const { seller, key } = keyOf(given);
  const log = pick(random, logsOfEach);
  const heads = headsOf(state, seller, log);
  const last = heads.at(-1) ?? { size: 0n, root: zeroHash };
  const grows = chance(random, 80);
  const head = {
    seller,
    log,
    epoch: BigInt(heads.length + (chance(random, 92) ? 1 : pick(random, [0, 2]))),
    size: grows
      ? last.size + BigInt(1 + Random.below(random, 9))
      : last.size - BigInt(last.size > 0n && chance(random, 50) ? 1 : 0),
    root: grows || chance(random, 30) ? rootOf(1 + Random.below(random, 1_000)) : last.root,
  };
  const who = signers.find(({ address }) => address === key) ?? signer(given);
  return by(actor(given).address, 'Logs.post', [head, await who.sign({ hash: digestOf(stage, head) })]);
}

/** A registered key, more often one that counts, or now and then any. */
function keyOf(given: Given): { readonly seller: Address; readonly key: Address } {
  const { random, state, now } = given;
  const all = [...state.keys];
  const valid = all.filter(([, { notBefore, notAfter }]) => notBefore <= now && now < notAfter);
  if (all.length === 0 || chance(random, 8)) return { seller: actor(given).address, key: signer(given).address };
  const [entry] = pick(random, valid.length !== 0 && chance(random, 80) ? valid : all);
  const [seller, key] = entry.split('/') as [Address, Address];
  return { seller, key };
}

function signer({ random }: Given) {
  return pick(random, signers);
}
