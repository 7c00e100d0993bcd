/** Calls of Vaults worth trying, and of what changes its accounts, its fee and its money. */
import { type Address, stringToHex, zeroAddress, zeroHash } from 'viem';
import * as Random from '../../src/internal/kernel/Random.ts';
import {
  type Given as AnyGiven,
  actor,
  by,
  type Call,
  type Choice,
  chance,
  choose,
  pick,
  type Weighted,
} from './Model.ts';
import type { Stage } from './openStage.ts';
import { ceiling, floor, ownerIn, type State, splitOf } from './Vaults.ts';
import * as Notes from './VaultsNotes.ts';
import { type Payee, type Split, sharesHashOf } from './VaultsSplits.ts';

type Given = AnyGiven<State>;

export async function next(random: Random.Random, state: State, now: bigint, stage: Stage): Promise<Call> {
  const given: Given = { random, state, now, stage };
  return { after: wait(random), ...(await choose(choices, given)) };
}

/** Mostly seconds, now and then more than a window, a day or a month. */
function wait(random: Random.Random): number {
  if (chance(random, 88)) return 1 + Random.below(random, 5);
  return pick(random, [31, 45, 300, 86_400, chance(random, 10) ? ceiling : 60]);
}

const choices: readonly Weighted<State>[] = [
  [6, mint],
  [1, setFee],
  [1, transfer],
  [1, delegate],
  [3, announce],
  [4, configure],
  [2, assign],
  [7, harvest],
  [3, mature],
  [6, withdraw],
  [2, withdrawTo],
  [3, cascade],
  [4, refund],
];

function mint({ random, state, stage }: Given): Choice {
  const amount = BigInt(1 + Random.below(random, 3_000_000));
  return by(actor({ random, stage }).address, 'TestDollar.mint', [
    stage.payoutOf(account({ random, state, stage })),
    amount,
  ]);
}

function setFee({ random, stage }: Given): Choice {
  const name = stringToHex('protocolFeeBps', { size: 32 });
  return by(stage.people.operator.address, 'Policy.set', [name, BigInt(pick(random, [0, 0, 1, 250, 500]))]);
}

function transfer({ random, state, stage }: Given): Choice {
  const [asset, owner] = pick(random, [...state.owners]);
  return by(owner, 'Assets.transferFrom', [owner, actor({ random, stage }).address, asset]);
}

function delegate({ random, state, stage }: Given): Choice {
  const [asset, owner] = pick(random, [...state.owners]);
  return by(owner, 'Assets.setDelegate', [asset, actor({ random, stage }).address, pick(random, [0, 3, 4, 7])]);
}

function announce(given: Given): Choice {
  const of = account(given);
  return by(manager(given, of), 'Vaults.announce', [of, payees(given, of)]);
}

function configure(given: Given): Choice {
  const { random, state, now, stage } = given;
  const announced = [...state.announced].filter(([, { usableFrom }]) => usableFrom <= now || chance(random, 10));
  const { token } = stage.addresses;
  const window = pick(random, [floor, 35, 60, 3_600, floor - 1, ceiling + 1, ...Array<number>(6).fill(floor)]);
  const tokens = pick(random, [[], [token], [token], [token, token], Array<Address>(9).fill(token)]);
  if (announced.length !== 0 && chance(random, 50)) {
    const [of, { shares }] = pick(random, announced);
    return by(manager(given, of), 'Vaults.configure', [of, shares.payees, window, tokens, current(given, of)]);
  }
  const of = account(given);
  return by(manager(given, of), 'Vaults.configure', [of, payees(given, of), window, tokens, current(given, of)]);
}

function assign(given: Given): Choice {
  const { random, state, stage } = given;
  const shared = [...state.terms].filter(([, { payees: rows }]) => rows.some(({ account: to }) => to !== zeroAddress));
  const of = shared.length === 0 || chance(random, 10) ? account(given) : pick(random, shared)[0];
  const split = current(given, of);
  const index =
    Random.below(random, split.payees.length + (chance(random, 10) ? 2 : 0)) +
    (chance(random, 90) ? split.upstream.length : 0);
  const payee = split.payees[index - split.upstream.length]?.account;
  const from = payee && payee !== zeroAddress && chance(random, 90) ? payee : actor(given).address;
  const to = chance(random, 10) ? zeroAddress : actor({ random, stage }).address;
  return by(from, 'Vaults.assign', [of, split, BigInt(index), to, chance(random, 50) ? [stage.addresses.token] : []]);
}

function harvest(given: Given): Choice {
  return by(actor(given).address, 'Vaults.harvest', [account(given), given.stage.addresses.token]);
}

function mature({ random, state, stage }: Given): Choice {
  const bucket = state.buckets.length === 0 ? { account: 1n, splitId: zeroHash } : pick(random, state.buckets);
  return by(actor({ random, stage }).address, 'Vaults.mature', [bucket.account, stage.addresses.token, bucket.splitId]);
}

function withdraw(given: Given): Choice {
  const { split, index } = row(given);
  return by(actor(given).address, 'Vaults.withdraw', [split, index, given.stage.addresses.token]);
}

function withdrawTo(given: Given): Choice {
  const { split, index } = row(given);
  const payee = split.payees[Number(index) - split.upstream.length]?.account;
  const from =
    payee === undefined || chance(given.random, 15)
      ? actor(given).address
      : payee === zeroAddress
        ? split.owner
        : payee;
  const to = chance(given.random, 10) ? zeroAddress : actor(given).address;
  return by(from, 'Vaults.withdrawTo', [split, index, given.stage.addresses.token, to]);
}

function cascade(given: Given): Choice {
  const passing = [...given.state.splits.values()].filter(({ upstream }) => upstream.length !== 0);
  const { split } = passing.length === 0 ? row(given) : { split: pick(given.random, passing) };
  const index = BigInt(Random.below(given.random, split.upstream.length + (chance(given.random, 10) ? 1 : 0) || 1));
  return by(actor(given).address, 'Vaults.cascade', [split, index, given.stage.addresses.token]);
}

async function refund(given: Given): Promise<Choice> {
  const { random, state, now, stage } = given;
  const { people } = stage;
  const waiting = state.buckets
    .filter(({ maturesAt, amount }) => maturesAt > now && amount !== 0n)
    .map(({ account: of, splitId }) => ({ of, split: state.splits.get(splitId) as Split }));
  const of = waiting.length === 0 || chance(random, 10) ? account(given) : pick(random, waiting).of;
  const seller = ownerIn(state, of) ?? people.ada.address;
  const found = waiting.find((one) => one.of === of)?.split ?? splitOf(state, of, seller);
  const price = BigInt(pick(random, [1, 200_000, 3_000_000]));
  const receipt = {
    seller: found.owner,
    payer: actor(given).address,
    payTo: stage.payoutOf(chance(random, 95) ? of : account(given)),
    price,
    startedAt: chance(random, 95) ? (now - 1n) * 1000n : 1_000n,
    seq: BigInt(Random.below(random, 6)),
  };
  const credit = chance(random, 90) ? (price + 1n) / 2n : price + BigInt(Random.below(random, 2));
  const keys = [chance(random, 95) ? people.key : people.cyd, chance(random, 95) ? people.key : people.cyd] as const;
  const window = chance(random, 95) ? found.window : 1;
  const terms = { sharesHash: sharesHashOf(found, found.upstream), window };
  return by(actor(given).address, 'Vaults.refund', [await Notes.sign(stage, receipt, credit, keys), of, terms]);
}

/** An asset or a seller, seldom nobody. */
function account({ random, state, stage }: Omit<Given, 'now'>): bigint {
  if (chance(random, 2)) return pick(random, [0n, 1n << 200n]);
  return pick(random, [
    ...state.owners.keys(),
    ...state.owners.keys(),
    BigInt(stage.people.ada.address),
    BigInt(stage.people.cyd.address),
  ]);
}

function manager(given: Given, of: bigint): Address {
  const owner = ownerIn(given.state, of);
  return owner === undefined || chance(given.random, 15) ? actor(given).address : owner;
}

function current(given: Given, of: bigint): Split {
  const { random, state } = given;
  const known = [...state.splits.values()];
  if (known.length !== 0 && chance(random, 10)) return pick(random, known);
  return splitOf(state, of, ownerIn(state, of) ?? zeroAddress);
}

function row({ random, state, stage }: Given): { split: Split; index: bigint } {
  const known = [...state.splits.values()];
  const split = known.length === 0 ? splitOf(state, 1n, stage.people.dan.address) : pick(random, known);
  const last = split.upstream.length + split.payees.length + (split.feeBps === 0 ? 0 : 1);
  return { split, index: BigInt(Random.below(random, last + (chance(random, 10) ? 2 : 0))) };
}

/** One to four payees whose shares are the whole, or in one case of ten something that is not allowed. */
function payees(given: Given, of: bigint): readonly Payee[] {
  const { random, state, stage } = given;
  const chosen = [zeroAddress, ...stage.actors.map(({ address }) => address)].filter(() => chance(random, 45));
  if (chance(random, 5)) chosen.push(pick(random, [stage.payoutOf(of), stage.addresses.vaults]));
  if (chosen.length === 0) chosen.push(zeroAddress);
  chosen.sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  if (chance(random, 5)) chosen.reverse();
  const total = 10_000 - state.fee - (chance(random, 5) ? 1 : 0);
  const each = Math.floor(total / chosen.length);
  return chosen.map((to, index) => ({ account: to, bps: index === 0 ? total - each * (chosen.length - 1) : each }));
}
