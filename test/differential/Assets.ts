/** Reference model of Assets: who owns what, which versions it has, and whom its owner lets act. */
import { type Address, type Hex, zeroAddress, zeroHash } from 'viem';
import * as Random from '../../src/internal/kernel/Random.ts';
import {
  type AtCall,
  actionOf,
  actor,
  asking,
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
import { assetOf, rootOf } from './setUp.ts';

type Asset = {
  readonly owner: Address;
  readonly approved: Address;
  readonly transfers: number;
  /** The roots of version 2 and later. */
  readonly roots: readonly Hex[];
  /** The powers that the present owner gave, by delegate. */
  readonly powers: ReadonlyMap<Address, number>;
};

export type State = {
  readonly assets: Map<bigint, Asset>;
  /** Owner and operator of each permission to transfer everything. */
  readonly operators: Set<string>;
};

/** Rules that a test turns over to see that the difference is found. */
export const rules = {
  /** What an owner permitted is over with the next transfer, even to itself, and stays so. */
  keptPowers: (_powers: ReadonlyMap<Address, number>): ReadonlyMap<Address, number> => new Map(),
};

const known = 7;
const update = 1;
const maxUri = 512;

export function create(changed: Partial<typeof rules> = {}): Model<State> {
  const the = { ...rules, ...changed };
  return { name: 'Assets', begin, next, views, call: (...given) => call(the, ...given) };
}

async function begin(): Promise<State> {
  return { assets: new Map(), operators: new Set() };
}

type At = AtCall<typeof rules, State>;

async function call(the: typeof rules, state: State, given: Call, now: bigint, stage: Stage) {
  const at: At = { the, state, now, stage, events: [] };
  actionOf(actions, given)(at, given.from, given.args as never);
  return at.events;
}

type Publication = { readonly kind: number; readonly manifestRoot: Hex; readonly salt: Hex; readonly uri: string };
type Attachments = readonly { readonly module: Address; readonly data: Hex }[];

const actions: Readonly<Record<string, (at: At, from: Address, args: never) => void>> = {
  'Assets.publish': (at, publisher, [publication, attachments]: [Publication, Attachments]) => {
    const { kind, manifestRoot, salt, uri } = publication;
    requireContent(manifestRoot, uri);
    const asset = assetOf(at.stage, publisher, kind, manifestRoot, salt);
    must(!at.state.assets.has(asset), 'Assets_AlreadyPublished', asset);
    at.state.assets.set(asset, {
      owner: publisher,
      approved: zeroAddress,
      transfers: 0,
      roots: [],
      powers: new Map(),
    });
    emit(at, 'Transfer', { from: zeroAddress, to: publisher, tokenId: asset });
    emit(at, 'Publish', { asset, publisher, ...publication });
    requireFew(attachments);
  },
  'Assets.update': (at, from, [id, manifestRoot, uri, attachments]: [bigint, Hex, string, Attachments]) => {
    const asset = at.state.assets.get(id);
    must(asset !== undefined && may(asset, from, update), 'Assets_NotAuthorized', id, from, update);
    if (attachments.length !== 0) must(asset.owner === from, 'Assets_NotOwner', id, from);
    requireContent(manifestRoot, uri);
    const roots = [...asset.roots, manifestRoot];
    at.state.assets.set(id, { ...asset, roots });
    emit(at, 'Update', { asset: id, version: roots.length + 1, manifestRoot, uri });
    requireFew(attachments);
  },
  'Assets.setDelegate': (at, from, [id, delegate, powers]: [bigint, Address, number]) => {
    const asset = at.state.assets.get(id);
    must(asset !== undefined && asset.owner === from, 'Assets_NotOwner', id, from);
    must(powers <= known, 'Assets_UnknownPowers', powers);
    at.state.assets.set(id, { ...asset, powers: new Map(asset.powers).set(delegate, powers) });
    emit(at, 'Delegate', { asset: id, delegate, ownerEpoch: asset.transfers, powers });
  },
  'Assets.approve': (at, from, [approved, id]: [Address, bigint]) => {
    const asset = at.state.assets.get(id);
    must(asset !== undefined, 'ERC721NonexistentToken', id);
    const allowed = asset.owner === from || at.state.operators.has(`${asset.owner}/${from}`);
    must(allowed, 'ERC721InvalidApprover', from);
    at.state.assets.set(id, { ...asset, approved });
    emit(at, 'Approval', { owner: asset.owner, approved, tokenId: id });
  },
  'Assets.setApprovalForAll': (at, owner, [operator, approved]: [Address, boolean]) => {
    must(operator !== zeroAddress, 'ERC721InvalidOperator', operator);
    at.state.operators[approved ? 'add' : 'delete'](`${owner}/${operator}`);
    emit(at, 'ApprovalForAll', { owner, operator, approved });
  },
  'Assets.transferFrom': (at, caller, [from, to, id]: [Address, Address, bigint]) => {
    const asset = at.state.assets.get(id);
    must(to !== zeroAddress, 'ERC721InvalidReceiver', to);
    must(asset !== undefined, 'ERC721NonexistentToken', id);
    const { owner, approved } = asset;
    const allowed = owner === caller || approved === caller || at.state.operators.has(`${owner}/${caller}`);
    must(allowed, 'ERC721InsufficientApproval', caller, id);
    must(owner === from, 'ERC721IncorrectOwner', from, id, owner);
    at.state.assets.set(id, {
      ...asset,
      owner: to,
      approved: zeroAddress,
      transfers: asset.transfers + 1,
      powers: at.the.keptPowers(asset.powers),
    });
    emit(at, 'Transfer', { from, to, tokenId: id });
  },
};

function emit({ events }: At, name: string, args: object): void {
  events.push({ eventName: `Assets.${name}`, args });
}

function may({ owner, powers }: Asset, who: Address, power: number): boolean {
  return owner === who || ((powers.get(who) ?? 0) & power) === power;
}

function requireContent(root: Hex, uri: string): void {
  must(root !== zeroHash, 'Assets_EmptyRoot');
  must(uri.length !== 0 && uri.length <= maxUri, 'Assets_UriLength', uri.length, maxUri);
}

/** Attachments themselves are the matter of the modules; here is one too many of them, or none. */
function requireFew({ length }: Attachments): void {
  must(length <= 8, 'Assets_TooManyAttachments', length, 8);
}

function views({ assets, operators }: State, _now: bigint, { actors }: Stage): readonly View[] {
  const ask = asking('Assets');
  const people = actors.map(({ address }) => address);
  const ofAssets = [...assets].flatMap(([id, asset]) => [
    ask('ownerOf', [id], asset.owner),
    ask('getApproved', [id], asset.approved),
    ask('ownerEpochOf', [id], asset.transfers),
    ask('versionOf', [id], asset.roots.length + 1),
    ask('rootOf', [id, 1], zeroHash),
    ...asset.roots.map((root, index) => ask('rootOf', [id, index + 2], root)),
    ...people.flatMap((who) => [
      ...[1, 2, 4, 7].map((power) => ask('isAuthorized', [id, who, power], may(asset, who, power))),
      ask('isAuthorized', [id, who, 0], false),
    ]),
  ]);
  const ofPeople = people.flatMap((who) => [
    ask('balanceOf', [who], [...assets.values()].filter(({ owner }) => owner === who).length),
    ...people.map((other) => ask('isApprovedForAll', [who, other], operators.has(`${who}/${other}`))),
  ]);
  const unknown = [ask('versionOf', [1n], 0), ask('isAuthorized', [1n, zeroAddress, 1], false)];
  return [...ofAssets, ...ofPeople, ...unknown];
}

type Given = GivenOf<State>;

async function next(random: Random.Random, state: State, now: bigint, stage: Stage): Promise<Call> {
  return { after: 1 + Random.below(random, 60), ...(await choose(choices, { random, state, now, stage })) };
}

const choices: readonly Weighted<State>[] = [
  [3, publish],
  [6, append],
  [6, setDelegate],
  [2, approve],
  [1, setApprovalForAll],
  [5, transfer],
];

/** Few contents, so that the same is often published again, by the same account and by others. */
function publish(given: Given): Choice {
  const { random } = given;
  const publication = {
    kind: Random.below(random, 5),
    manifestRoot: content(given),
    salt: pick(random, [zeroHash, rootOf(1)]),
    uri: uri(given),
  };
  return by(actor(given).address, 'Assets.publish', [publication, attachments(given, 4)]);
}

function append(given: Given): Choice {
  const { id, asset } = one(given);
  const delegates = [...(asset?.powers.keys() ?? [])];
  const from = chance(given.random, 50) && delegates.length !== 0 ? pick(given.random, delegates) : usual(given, asset);
  return by(from, 'Assets.update', [id, content(given), uri(given), attachments(given, 10)]);
}

function setDelegate(given: Given): Choice {
  const { id, asset } = one(given);
  const powers = pick(given.random, [0, 1, 2, 3, 4, 5, 6, 7, 7, 8]);
  return by(usual(given, asset), 'Assets.setDelegate', [id, actor(given).address, powers]);
}

function approve(given: Given): Choice {
  const { id, asset } = one(given);
  const approved = chance(given.random, 90) ? actor(given).address : zeroAddress;
  return by(usual(given, asset), 'Assets.approve', [approved, id]);
}

function setApprovalForAll(given: Given): Choice {
  const operator = chance(given.random, 95) ? actor(given).address : zeroAddress;
  return by(actor(given).address, 'Assets.setApprovalForAll', [operator, chance(given.random, 50)]);
}

function transfer(given: Given): Choice {
  const { id, asset } = one(given);
  const from = asset && chance(given.random, 92) ? asset.owner : actor(given).address;
  const to = chance(given.random, 96) ? actor(given).address : zeroAddress;
  return by(usual(given, asset), 'Assets.transferFrom', [from, to, id]);
}

function one({ random, state }: Given): { readonly id: bigint; readonly asset: Asset | undefined } {
  const all = [...state.assets];
  if (all.length === 0 || chance(random, 3)) return { id: 1n, asset: undefined };
  const [id, asset] = pick(random, all);
  return { id, asset };
}

function usual(given: Given, asset: Asset | undefined): Address {
  return asset && chance(given.random, 80) ? asset.owner : actor(given).address;
}

function content({ random }: Given): Hex {
  return chance(random, 97) ? rootOf(1 + Random.below(random, 4)) : zeroHash;
}

function uri({ random }: Given): string {
  return chance(random, 92) ? 'ipfs://x' : 'x'.repeat(pick(random, [0, 512, 513]));
}

function attachments({ random, stage }: Given, percent: number): Attachments {
  if (!chance(random, percent)) return [];
  return Array.from({ length: 9 }, () => ({ module: stage.addresses.licenses, data: '0x' as const }));
}
