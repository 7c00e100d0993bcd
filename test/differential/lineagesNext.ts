/** Publications worth trying that name what they were made from, and the offers and licences that they need. */
import { type Address, encodeAbiParameters, zeroHash } from 'viem';
import * as Random from '../../src/internal/kernel/Random.ts';
import * as Terms from '../../src/license/Terms.ts';
import * as Licenses from './Licenses.ts';
import { type Edge, rightOf, type State } from './Lineages.ts';
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
import * as Setting from './setUp.ts';

type Given = AnyGiven<State>;

export async function next(random: Random.Random, state: State, now: bigint, stage: Stage): Promise<Call> {
  const after = chance(random, 92) ? 1 + Random.below(random, 10) : pick(random, [50, 100, 1_000]);
  return { after, ...(await choose(choices, { random, state, now: now + BigInt(after), stage })) };
}

const choices: readonly Weighted<State>[] = [
  [1, allow],
  [6, offer],
  [9, buy],
  [9, publish],
  [1, update],
];

/** Rights and duties of terms; few assets grant everything, so that what is left of a lineage differs. */
const rights = [Setting.allRights - (1 << 7), 0b101_0111_1111, 0b001_0101_0001, 0b000_0100_1001, 1];
const duties = [0, 0, 1, 2, 0b11, 0b1010];

function fresh({ random, stage }: Given, asset: bigint): Terms.Terms {
  const granted = pick(random, rights);
  const derivable = rightOf.some((right) => (granted & right) !== 0);
  return Terms.from({
    asset,
    version: 1,
    currency: stage.addresses.token,
    prices: Setting.prices,
    rights: granted,
    duties: pick(random, duties),
    price: pick(random, [0n, 10n]),
    period: pick(random, [0, 100, 5_000]),
    derivativeShareBps: derivable ? pick(random, [0, 0, 500, 3_000]) : 0,
  });
}

function offer(given: Given): Choice {
  const [asset, owner] = pick(given.random, [...given.state.licenses.owners]);
  return by(owner, 'Licenses.offer', [fresh(given, asset), Setting.prices]);
}

function buy(given: Given): Choice {
  const { random, state } = given;
  const all = [...state.licenses.offerings.values()];
  const terms = all.length === 0 ? fresh(given, 5n) : pick(random, all).terms;
  const who = actor(given).address;
  return by(who, 'Licenses.buy', [terms, who, '0x']);
}

function publish(given: Given): Choice {
  const { random } = given;
  const publisher = actor(given).address;
  const { licenses } = given.stage.addresses;
  const data = encodeAbiParameters(Setting.offersType, [[{ ...fresh(given, 0n), version: 0 }], [Setting.prices]]);
  const sale = { module: licenses, data };
  const parents = attachment(given, publisher);
  const all = pick(random, [[parents], [parents], [parents, sale], [sale, parents], [parents, parents], [sale]]);
  const manifestRoot = Setting.rootOf(1_000 + Random.below(random, 100_000));
  const publication = { kind: 0, manifestRoot, salt: zeroHash, uri: 'ipfs://x' };
  return by(publisher, 'Assets.publish', [publication, all]);
}

function update(given: Given): Choice {
  const [asset, owner] = pick(given.random, [...given.state.licenses.owners]);
  return by(owner, 'Assets.update', [asset, Setting.rootOf(7), 'ipfs://y', [attachment(given, owner)]]);
}

function attachment(given: Given, publisher: Address) {
  const data = encodeAbiParameters(Setting.edgesType, [edges(given, publisher)]);
  return { module: given.stage.addresses.lineages, data };
}

/** Parents that a publisher has licences of, more often with the share and the right that they take. */
function edges(given: Given, publisher: Address): readonly Edge[] {
  const { random } = given;
  const count = pick(random, [0, 1, 1, 1, 2, 2, 3, 3, 17]);
  const all = Array.from({ length: count }, () => edge(given, publisher));
  const sorted = [...all].sort((a, b) => (a.terms.asset < b.terms.asset ? -1 : 1));
  const once = sorted.filter(({ terms }, index) => terms.asset !== sorted[index - 1]?.terms.asset);
  return chance(random, 85) && count !== 17 ? once : all;
}

function edge(given: Given, publisher: Address): Edge {
  const { random } = given;
  const terms = licensed(given, publisher);
  const fitting = rightOf.flatMap((right, relation) => ((terms.rights & right) === 0 ? [] : [relation]));
  const relation = fitting.length !== 0 && chance(random, 93) ? pick(random, fitting) : Random.below(random, 5);
  const more = pick(random, [0, 0, 1, 1_000, 5_000]);
  const shareBps = chance(random, 93) ? terms.derivativeShareBps + more : Random.below(random, 500);
  return { relation, shareBps, terms };
}

function licensed(given: Given, publisher: Address): Terms.Terms {
  const { random, state, now, stage } = given;
  const all = [...state.licenses.offerings.values()].map(({ terms }) => terms);
  const held = all.filter((terms) => {
    const { end } = Licenses.licenseOf(state.licenses, Licenses.idOf(stage, terms), publisher);
    return end > now && rightOf.some((right) => (terms.rights & right) !== 0);
  });
  if (held.length !== 0 && chance(random, 92)) return pick(random, held);
  return all.length === 0 ? fresh(given, 5n) : pick(random, all);
}

function allow(given: Given): Choice {
  return by(actor(given).address, 'TestDollar.approve', [given.stage.addresses.licenses, 5_000_000n]);
}
