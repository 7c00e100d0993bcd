/**
 * What an asset was made from. A publication names its parents with a licence of each; from then on the asset passes a
 * share of its revenue on to them. The same rules as the contract `Lineages`. Shares are basis points.
 */
import type { Address, ContractFunctionArgs, Hex } from 'viem';
import { encodeAbiParameters } from 'viem/utils';
import { licensesAbi } from '../chain/abi/index.ts';
import { BaseError } from '../internal/Errors.ts';
import * as Asset from './Asset.ts';

/** How an asset came from its parent, in the order of the contract's enum. */
export const relations = ['trained-on', 'fine-tuned-from', 'distilled-from', 'derived', 'bundles'] as const;

/** How an asset came from its parent. */
export type Relation = (typeof relations)[number];

/** The complete terms of a licence, as `Terms` of the license stage has them. */
type Terms = ContractFunctionArgs<typeof licensesAbi, 'nonpayable', 'buy'>[0];

/** One parent to be named. */
export type Edge = {
  readonly relation: Relation;
  /** Share in all revenue, at least what the terms demand. */
  readonly shareBps: number;
  /** Terms of a licence that the publisher holds; they name the parent. */
  readonly terms: Terms;
};

/** One parent as the event tells it. */
export type Parent = {
  readonly asset: bigint;
  readonly relation: Relation;
  readonly shareBps: number;
  readonly termsId: Hex;
  /** The publisher, who held the licence. */
  readonly licensee: Address;
};

/** Most parents of an asset. */
const maxParents = 16;

/** All that an asset can pass on to its parents. */
const maxSharesBps = 9_000;

/** The bit of the right that each relation takes: train, finetune, distill, derive, sublicense. */
const rights: Readonly<Record<Relation, number>> = {
  'trained-on': 1 << 4,
  'fine-tuned-from': 1 << 3,
  'distilled-from': 1 << 5,
  derived: 1 << 6,
  bundles: 1 << 8,
};

/** Each relation in words, before the name of the parent. */
const phrases: Readonly<Record<Relation, string>> = {
  'trained-on': 'was trained on',
  'fine-tuned-from': 'was fine-tuned from',
  'distilled-from': 'was distilled from',
  derived: 'was derived from',
  bundles: 'contains',
};

/** The relation of a number of the contract's enum. */
export function relationOf(index: number): Relation {
  const relation = relations[index];
  if (!relation) throw new InvalidError(`there is no relation ${index}`);
  return relation;
}

/** Whether a licence under these terms lets its holder publish something that came from the asset in this way. */
export function permits(relation: Relation, terms: Pick<Terms, 'rights'>): boolean {
  return (terms.rights & rights[relation]) !== 0;
}

/** Checks edges as the contract does, but for the licences. */
export function assert(edges: readonly Edge[]): void {
  if (edges.length === 0 || edges.length > maxParents)
    throw new InvalidError(`it names ${edges.length} parents, not 1 to ${maxParents}`);
  if (new Set(edges.map(({ terms }) => terms.asset)).size !== edges.length)
    throw new InvalidError('it names a parent twice');
  for (const { relation, shareBps, terms } of edges) {
    const parent = Asset.toHex(terms.asset);
    if (!permits(relation, terms)) throw new InvalidError(`the licence of ${parent} does not permit it`);
    if (!Number.isInteger(shareBps) || shareBps < terms.derivativeShareBps)
      throw new InvalidError(`the share of ${parent} is ${shareBps}, below ${terms.derivativeShareBps}`);
  }
  const sum = edges.reduce((total, { shareBps }) => total + shareBps, 0);
  if (sum > maxSharesBps) throw new InvalidError(`the shares are ${sum}, above ${maxSharesBps}`);
}

const terms = licensesAbi
  .find((item) => item.type === 'event' && item.name === 'Offer')
  ?.inputs.find((input) => input.name === 'terms');

const edgeType = {
  type: 'tuple[]',
  components: [{ type: 'uint8' }, { type: 'uint16' }, { ...terms, type: 'tuple' }],
} as const;

/** The instructions of an attachment that names the parents of the asset being published. */
export function encodeAttachment(edges: readonly Edge[]): Hex {
  assert(edges);
  const ordered = [...edges].sort((a, b) => (a.terms.asset < b.terms.asset ? -1 : 1));
  const rows = ordered.map((edge) => [relations.indexOf(edge.relation), edge.shareBps, edge.terms]);
  return encodeAbiParameters([edgeType], [rows as never]);
}

/** Parents in plain words. */
export function sentence(parents: readonly Pick<Parent, 'asset' | 'relation' | 'shareBps'>[]): string {
  if (parents.length === 0) return 'It names nothing that it was made from.';
  const parts = parents.map(({ asset, relation, shareBps }) => {
    const share = shareBps === 0 ? 'without a share' : `which gets ${shareBps / 100} % of what it earns`;
    return `${phrases[relation]} ${Asset.short(asset)} (${share})`;
  });
  return `It ${parts.join(', ')}.`;
}

/** Parents that no contract would accept. */
export class InvalidError extends BaseError {
  override readonly name = 'Lineage.InvalidError';
  constructor(reason: string) {
    super(`The lineage is invalid: ${reason}.`, { code: 'publish.lineage-invalid', docsPath: 'docs/publish.md' });
  }
}
