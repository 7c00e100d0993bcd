import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Hex } from 'viem';
import { concat, hexToBytes, keccak256, numberToHex } from 'viem';
import { describe, expect, test } from 'vitest';
import * as Merkle from './Merkle.ts';

/** The tree as RFC 6962 defines it, by splitting at the largest power of two, with sorted pairs. */
function referenceRoot(leaves: readonly Hex[]): Hex {
  if (leaves.length === 1) return leaves[0] as Hex;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const pair = [referenceRoot(leaves.slice(0, split)), referenceRoot(leaves.slice(split))];
  return keccak256(concat(pair.sort()));
}

const hashes = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as Hex);
const trees = fc.array(hashes, { minLength: 1, maxLength: 70 });
const numbered = (count: number) => Array.from({ length: count }, (_, n) => Merkle.leaf(Uint8Array.of(n)));

describe('leaf', () => {
  test('is the keccak256 of the keccak256', () => {
    expect(Merkle.leaf(Uint8Array.of(1, 2, 3))).toBe(keccak256(keccak256('0x010203')));
  });
});

describe('root', () => {
  test('is that of the recursive definition', () => {
    fc.assert(
      fc.property(trees, (leaves) => {
        expect(Merkle.root(leaves)).toBe(referenceRoot(leaves));
      }),
    );
  });

  test('does not depend on the case of the digits', () => {
    const leaves = numbered(5);
    const upper = leaves.map((leaf) => `0x${leaf.slice(2).toUpperCase()}` as Hex);
    expect(Merkle.root(upper)).toBe(Merkle.root(leaves));
  });

  test('refuses a tree without leaves', () => {
    expect(() => Merkle.root([])).toThrow(Merkle.EmptyError);
  });
});

describe('proof', () => {
  test('of every leaf verifies, and of no other leaf', () => {
    fc.assert(
      fc.property(trees, hashes, (leaves, stranger) => {
        const root = Merkle.root(leaves);
        for (const [index, leaf] of leaves.entries()) {
          const proof = Merkle.proof(leaves, index);
          expect(Merkle.verify({ root, leaf, proof })).toBe(true);
          expect(Merkle.verify({ root, leaf: stranger, proof })).toBe(false);
          expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(leaves.length)));
        }
      }),
      { numRuns: 50 },
    );
  });

  test('with one sibling changed, left out or added does not verify', () => {
    const leaves = numbered(11);
    const root = Merkle.root(leaves);
    const proof = Merkle.proof(leaves, 6);
    const other = numberToHex(7, { size: 32 });
    for (const at of proof.keys()) {
      expect(Merkle.verify({ root, leaf: leaves[6] as Hex, proof: proof.with(at, other) })).toBe(false);
      expect(Merkle.verify({ root, leaf: leaves[6] as Hex, proof: proof.toSpliced(at, 1) })).toBe(false);
    }
    expect(Merkle.verify({ root, leaf: leaves[6] as Hex, proof: [...proof, other] })).toBe(false);
  });

  test('refuses an index without a leaf', () => {
    expect(() => Merkle.proof(numbered(3), 3)).toThrow(Merkle.IndexError);
    expect(() => Merkle.proof(numbered(3), -1)).toThrow(Merkle.IndexError);
  });

  test('an inner node cannot be passed off as a leaf encoding', () => {
    const [a, b, c] = numbered(3) as [Hex, Hex, Hex];
    const inner = Merkle.root([a, b]);
    expect(Merkle.leaf(hexToBytes(concat([a, b].sort())))).not.toBe(inner);
    expect(Merkle.root([inner, c])).toBe(Merkle.root([a, b, c]));
  });
});

test('vectors shared with Solidity', () => {
  const file = new URL('../../test/vectors/merkle.json', import.meta.url);
  const { leaves, trees } = JSON.parse(readFileSync(file, 'utf8')) as {
    leaves: Hex[];
    trees: { size: number; root: Hex; proofs: Hex[][] }[];
  };
  expect(leaves).toEqual(numbered(leaves.length));
  for (const { size, root, proofs } of trees) {
    const part = leaves.slice(0, size);
    expect(Merkle.root(part)).toBe(root);
    expect(part.map((_, index) => Merkle.proof(part, index))).toEqual(proofs);
  }
});
