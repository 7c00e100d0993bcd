/**
 * Merkle trees over 32-byte leaves: pairs are hashed in sorted order as OpenZeppelin's `MerkleProof` does, a node
 * without a partner rises unchanged. Leaves must be hashes of more or fewer than 64 bytes, so that no inner node can
 * pass for one; the callers' leaves are EIP-712 struct hashes or domain-separated hashes.
 */
import type { Hex } from 'viem';
import { concat } from 'viem/utils';
import { BaseError } from './Errors.ts';
import { keccak } from './Hash.ts';

/** Hash of two nodes in sorted order. */
export function pair(a: Hex, b: Hex): Hex {
  return a.toLowerCase() < b.toLowerCase() ? keccak(concat([a, b])) : keccak(concat([b, a]));
}

/** Root of one or more leaves. The root of a single leaf is the leaf. */
export function root(leaves: readonly Hex[]): Hex {
  let level = leaves;
  if (level.length === 0) throw new EmptyError();
  while (level.length > 1) level = up(level);
  return level[0] as Hex;
}

/** Path of the leaf at `index`, from the bottom up. */
export function proof(leaves: readonly Hex[], index: number): readonly Hex[] {
  if (!(index >= 0 && index < leaves.length)) throw new EmptyError();
  const path: Hex[] = [];
  let level = leaves;
  let at = index;
  while (level.length > 1) {
    const partner = level[at % 2 === 0 ? at + 1 : at - 1];
    if (partner) path.push(partner);
    level = up(level);
    at = Math.floor(at / 2);
  }
  return path;
}

/** Root that a leaf and a path lead to. */
export function rootOf(leaf: Hex, path: readonly Hex[]): Hex {
  return path.reduce((node, partner) => pair(node, partner), leaf);
}

/** Whether a path leads from a leaf to a root. */
export function verify(options: { root: Hex; leaf: Hex; proof: readonly Hex[] }): boolean {
  return rootOf(options.leaf, options.proof).toLowerCase() === options.root.toLowerCase();
}

function up(level: readonly Hex[]): readonly Hex[] {
  const next: Hex[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const [a, b] = [level[i] as Hex, level[i + 1]];
    next.push(b ? pair(a, b) : a);
  }
  return next;
}

/** There is no such leaf. */
export class EmptyError extends BaseError {
  override readonly name = 'Merkle.EmptyError';
  constructor() {
    super('A Merkle tree needs the leaf it is asked about.', { code: 'merkle.empty' });
  }
}
