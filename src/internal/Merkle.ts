/**
 * Merkle trees whose proofs OpenZeppelin's `MerkleProof.verify` accepts.
 *
 * - A leaf is the double keccak256 of its encoding (`leaf`), so 64 bytes that are an inner node can never be passed off
 *   as the encoding of a leaf.
 * - An inner node is the keccak256 of its two children, the smaller first.
 * - Leaves keep the order of the caller. Each level pairs neighbours from the left; an odd node at the end moves up
 *   unchanged. This is the shape of RFC 6962, so the tree over the first n leaves of a log never changes.
 *
 * Source: https://docs.openzeppelin.com/contracts/5.x/api/utils#MerkleProof
 */
import type { Hex } from 'viem';
import { concatBytes, hexToBytes } from 'viem';
import { BaseError } from './Errors.ts';
import { keccak } from './Hash.ts';

/** keccak256(keccak256(encoding)). */
export function leaf(encoding: Uint8Array): Hex {
  return keccak(hexToBytes(keccak(encoding)));
}

/** A tree that is computed once, for whoever needs its root and many proofs. */
export type Tree = {
  readonly root: Hex;
  /**
   * Siblings from the leaf at `index` up to the root.
   *
   * @throws {IndexError} when there is no such leaf.
   */
  proof(index: number): readonly Hex[];
};

/**
 * The tree over `leaves`. The root of one leaf is that leaf.
 *
 * @throws {EmptyError} without leaves.
 */
export function tree(leaves: readonly Hex[]): Tree {
  const all = levels(leaves);
  return {
    root: all.at(-1)?.[0] as Hex,
    proof(index) {
      if (leaves[index] === undefined) throw new IndexError(index, leaves.length);
      return all.flatMap((level, height) => {
        const at = Math.floor(index / 2 ** height);
        const sibling = level[at % 2 === 0 ? at + 1 : at - 1];
        return sibling === undefined ? [] : [sibling];
      });
    },
  };
}

/** Root of the {@link tree} over `leaves`. */
export function root(leaves: readonly Hex[]): Hex {
  return tree(leaves).root;
}

/** Proof of the leaf at `index` in the {@link tree} over `leaves`. */
export function proof(leaves: readonly Hex[], index: number): readonly Hex[] {
  return tree(leaves).proof(index);
}

/** Whether `proof` leads from `leaf` to `root`. */
export function verify({ root, leaf, proof }: verify.Options): boolean {
  return rootOf(leaf, proof) === normalize(root);
}

export declare namespace verify {
  type Options = { readonly root: Hex; readonly leaf: Hex; readonly proof: readonly Hex[] };
}

/** Root that `proof` leads to from `leaf`. */
export function rootOf(leaf: Hex, proof: readonly Hex[]): Hex {
  return proof.reduce(node, normalize(leaf));
}

/** All levels, leaves first, the root alone in the last one. */
function levels(leaves: readonly Hex[]): readonly (readonly Hex[])[] {
  if (leaves.length === 0) throw new EmptyError();
  const tree: Hex[][] = [leaves.map(normalize)];
  for (let level = tree[0] as Hex[]; level.length > 1; ) {
    const above: Hex[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const right = level[at + 1];
      above.push(right === undefined ? (level[at] as Hex) : node(level[at] as Hex, right));
    }
    tree.push(above);
    level = above;
  }
  return tree;
}

function node(one: Hex, other: Hex): Hex {
  const [small, large] = normalize(one) < normalize(other) ? [one, other] : [other, one];
  return keccak(concatBytes([hexToBytes(small, { size: 32 }), hexToBytes(large, { size: 32 })]));
}

/** Lower case, so that strings order and compare as the numbers they stand for. */
function normalize(hash: Hex): Hex {
  return hash.toLowerCase() as Hex;
}

/** A tree without leaves has no root. */
export class EmptyError extends BaseError {
  override readonly name = 'Merkle.EmptyError';
  constructor() {
    super('A Merkle tree needs at least one leaf.', { code: 'merkle.empty' });
  }
}

/** There is no leaf at that index. */
export class IndexError extends BaseError {
  override readonly name = 'Merkle.IndexError';
  constructor(index: number, count: number) {
    super(`There is no leaf ${index} in a Merkle tree of ${count}.`, { code: 'merkle.index' });
  }
}
