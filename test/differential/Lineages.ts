/**
 * Reference model of Lineages, on top of the one of Licenses: what an asset was made from takes a licence of each parent,
 * passes a share on, and limits what can be offered afterwards.
 */
import {
  type Address,
  decodeAbiParameters,
  encodeAbiParameters,
  type Hex,
  keccak256,
  zeroAddress,
  zeroHash,
} from 'viem';
import type * as Prices from '../../src/license/Prices.ts';
import type { Terms } from '../../src/license/Terms.ts';
import * as Licenses from './Licenses.ts';
import { next } from './lineagesNext.ts';
import { type AtCall, type Call, type Model, must, type View } from './Model.ts';
import type { Stage } from './openStage.ts';
import { allRights, assetOf, edgesType, offersType } from './setUp.ts';

export type Edge = { readonly relation: number; readonly shareBps: number; readonly terms: Terms };
type Upstream = readonly { readonly account: bigint; readonly bps: number }[];

export type State = {
  readonly licenses: Licenses.State;
  readonly upstream: Map<bigint, Upstream>;
};

/** The right that each relation takes, by its number: TRAIN, FINETUNE, DISTILL, DERIVE, SUBLICENSE. */
export const rightOf = [4, 3, 5, 6, 8].map((bit) => 1 << bit);
const shareAlike = 2;

/** Rules that a test turns over to see that the difference is found. */
export const rules = {
  /** An asset grants no right that not all of its parents granted. */
  rightsLeft: (rights: number, { terms }: Edge) => rights & terms.rights,
};

const licenses = Licenses.create();

export function create(changed: Partial<typeof rules> = {}): Model<State> {
  const the = { ...rules, ...changed };
  return { name: 'Lineages', begin, next, views, call: (...given) => call(the, ...given) };
}

async function begin(stage: Stage): Promise<State> {
  return { licenses: await licenses.begin(stage), upstream: new Map() };
}

type At = AtCall<typeof rules, State>;
type Publication = { readonly kind: number; readonly manifestRoot: Hex; readonly salt: Hex; readonly uri: string };
type Attachments = readonly { readonly module: Address; readonly data: Hex }[];

async function call(the: typeof rules, state: State, given: Call, now: bigint, stage: Stage) {
  const at: At = { the, state, now, stage, events: [] };
  if (given.functionName === 'Assets.publish') publish(at, given.from, ...(given.args as [Publication, Attachments]));
  else if (given.functionName === 'Assets.update') update(at, given.args as [bigint, Hex, string, Attachments]);
  else return await licenses.call(state.licenses, given, now, stage);
  return at.events;
}

function publish(at: At, publisher: Address, publication: Publication, attachments: Attachments): void {
  const { state, stage } = at;
  const { kind, manifestRoot, salt } = publication;
  const asset = assetOf(stage, publisher, kind, manifestRoot, salt);
  must(!state.licenses.owners.has(asset), 'Assets_AlreadyPublished', asset);
  state.licenses.owners.set(asset, publisher);
  state.licenses.versions.set(asset, 1);
  emit(at, 'Assets.Transfer', { from: zeroAddress, to: publisher, tokenId: asset });
  emit(at, 'Assets.Publish', { asset, publisher, ...publication });
  let hasParents = false;
  let hasOffers = false;
  for (const { module, data } of attachments) {
    if (module === stage.addresses.lineages) {
      must(!hasParents, 'Lineages_Attached', asset);
      const [edges] = decodeAbiParameters(edgesType, data) as [readonly Edge[]];
      descend(at, publisher, asset, edges, hasOffers);
      hasParents = true;
    } else {
      const [[terms], [prices]] = decodeAbiParameters(offersType, data) as [[Terms], [Prices.Prices]];
      Licenses.list({ ...at, the: Licenses.rules, state: state.licenses }, { ...terms, asset, version: 1 }, prices);
      hasOffers = true;
    }
  }
}

/** The only update here: parents that come too late. */
function update(at: At, [asset, manifestRoot, uri]: [bigint, Hex, string, Attachments]): void {
  const version = (at.state.licenses.versions.get(asset) ?? 0) + 1;
  emit(at, 'Assets.Update', { asset, version, manifestRoot, uri });
  must(false, 'Lineages_NotPublication', asset, version);
}

function descend(at: At, publisher: Address, asset: bigint, edges: readonly Edge[], hasOffers: boolean): void {
  const { the, state } = at;
  must(edges.length >= 1 && edges.length <= 16, 'Lineages_WrongCount', edges.length, 16);
  for (const [index, edge] of edges.entries()) {
    const before = edges[index - 1]?.terms.asset ?? 0n;
    must(edge.terms.asset > before, 'Lineages_UnsortedParent', index, edge.terms.asset);
    derive(at, publisher, asset, edge);
  }
  must(!hasOffers, 'Licenses_OfferedBefore', asset);
  const rights = edges.reduce(the.rightsLeft, allRights);
  const strict = edges.filter(({ terms }) => (terms.duties & shareAlike) !== 0);
  const duties = strict.reduce((all, { terms }) => all | terms.duties, 0);
  state.licenses.bounds.set(asset, { rights, duties });
  emit(at, 'Licenses.Narrow', { asset, module: at.stage.addresses.lineages, rights, duties });
  const sum = edges.reduce((total, { shareBps }) => total + shareBps, 0);
  must(sum <= 9_000, 'Lineages_SharesTooLarge', sum, 9_000);
  const upstream = edges
    .filter(({ shareBps }) => shareBps !== 0)
    .map(({ shareBps: bps, terms }) => ({ account: terms.asset, bps }));
  if (upstream.length === 0) return;
  state.upstream.set(asset, upstream);
  emit(at, 'Vaults.Bind', { account: asset, upstream });
}

function derive(at: At, licensee: Address, asset: bigint, { relation, shareBps, terms }: Edge): void {
  const right = rightOf[relation] as number;
  const parent = terms.asset;
  must((terms.rights & right) !== 0, 'Lineages_RightMissing', parent, terms.rights, right);
  must(shareBps >= terms.derivativeShareBps, 'Lineages_ShareTooSmall', parent, shareBps, terms.derivativeShareBps);
  const termsId = Licenses.idOf(at.stage, terms);
  const { start, end } = Licenses.licenseOf(at.state.licenses, termsId, licensee);
  must(start <= at.now && at.now < end, 'Lineages_NotLicensed', parent, termsId, licensee);
  emit(at, 'Lineages.Derive', { asset, parent, termsId, licensee, relation, shareBps });
}

function emit({ events }: At, eventName: string, args: object): void {
  events.push({ eventName, args });
}

const upstreamType = [
  {
    type: 'tuple[]',
    components: [
      { name: 'account', type: 'uint256' },
      { name: 'bps', type: 'uint16' },
    ],
  },
] as const;

function views(state: State, now: bigint, stage: Stage): readonly View[] {
  const ofAssets = [...state.licenses.owners.keys()].flatMap((asset) => {
    const { rights, duties } = Licenses.boundsOf(state.licenses, asset);
    const upstream = state.upstream.get(asset);
    const hash = upstream ? keccak256(encodeAbiParameters(upstreamType, [upstream])) : zeroHash;
    return [
      { functionName: 'Licenses.boundsOf', args: [asset], expected: [rights, duties] },
      { functionName: 'Vaults.upstreamHashOf', args: [asset], expected: hash },
    ];
  });
  return [...ofAssets, ...licenses.views(state.licenses, now, stage)];
}
