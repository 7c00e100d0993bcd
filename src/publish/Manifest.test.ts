import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { concat, encodeAbiParameters, keccak256 } from 'viem';
import { describe, expect, test } from 'vitest';
import * as Manifest from './Manifest.ts';
import * as Path from './Path.ts';

const text = (value: string) => new TextEncoder().encode(value);
const contents = new Map([
  ['weights.bin', text('some weights')],
  ['card.json', text('{}')],
  ['data/rows.csv', text('a,b\n1,2\n')],
]);
const files = await Promise.all([...contents].map(([path, content]) => Manifest.describe(path, content)));
const manifest = Manifest.from(files);

describe('from', () => {
  test('sorts the files and names them by one root', () => {
    expect(manifest).toMatchInlineSnapshot(`
      {
        "files": [
          {
            "bytes": 2,
            "hash": "0xb48d38f93eaa084033fc5970bf96e559c33c4cdc07d889ab00b4d63f9590739d",
            "path": "card.json",
          },
          {
            "bytes": 8,
            "hash": "0x3eb2bbc8998f4057264090c9869069db5b2a4be88a2a5566cc4a4b1e43e63827",
            "path": "data/rows.csv",
          },
          {
            "bytes": 12,
            "hash": "0x200bbab3621dcc4efb1bdd8ba650cab6ec1b593dd87b6e796d4e2cfb5c467a92",
            "path": "weights.bin",
          },
        ],
        "root": "0xbade482b210849b2e16e0e8db6285aaece8e4151ccee4a849ac1eb566a3a02b7",
        "version": 1,
      }
    `);
  });

  test('gives the same root for any order of the files', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(files, { minLength: files.length }), (order) => {
        expect(Manifest.from(order)).toEqual(manifest);
      }),
    );
  });

  test('gives another root when any field of any file differs', () => {
    const roots = new Set([manifest.root]);
    for (const at of files.keys()) {
      const file = files[at] as Manifest.File;
      const hash = `0x${'0'.repeat(63)}1` as const;
      for (const other of [
        { ...file, path: `${file.path}x` },
        { ...file, bytes: file.bytes + 1 },
        { ...file, hash },
      ]) {
        roots.add(Manifest.from(files.with(at, other)).root);
      }
    }
    expect(roots.size).toBe(1 + 3 * files.length);
  });

  test('A-117 refuses paths that lead outside or collide', () => {
    const [file] = files as [Manifest.File];
    expect(() => Manifest.from([{ ...file, path: '../a' }])).toThrow(Path.RefusedError);
    expect(() => Manifest.from([file, { ...file, path: 'WEIGHTS.bin' }])).toThrow(Path.RefusedError);
  });

  test('A-118 refuses no files and too many', () => {
    const [file] = files as [Manifest.File];
    expect(() => Manifest.from([])).toThrow(Manifest.CountError);
    expect(() => Manifest.from(new Array(Manifest.MAX_FILES + 1).fill(file))).toThrow(Manifest.CountError);
  });
});

describe('leaf', () => {
  test('is the double hash of a zero byte and the ABI encoding', () => {
    const [file] = files as [Manifest.File];
    const types = [{ type: 'string' }, { type: 'uint64' }, { type: 'bytes32' }] as const;
    const encoding = encodeAbiParameters(types, [file.path, BigInt(file.bytes), file.hash]);
    expect(Manifest.leaf(file)).toBe(keccak256(keccak256(concat(['0x00', encoding]))));
  });
});

describe('proof', () => {
  test('shows that a file belongs to the root, and only that file', () => {
    for (const file of manifest.files) {
      const proof = Manifest.proof(manifest, file.path);
      expect(Manifest.verifyFile({ root: manifest.root, file, proof })).toBe(true);
      expect(Manifest.verifyFile({ root: manifest.root, file: { ...file, path: 'other' }, proof })).toBe(false);
      expect(Manifest.verifyFile({ root: manifest.root, file: { ...file, bytes: 1 }, proof })).toBe(false);
    }
    expect(() => Manifest.proof(manifest, 'other')).toThrow(Manifest.MissingFileError);
  });
});

describe('verify', () => {
  test('accepts the files it lists', async () => {
    await expect(Manifest.verify(manifest, contents)).resolves.toBeUndefined();
  });

  test('refuses a changed byte and names file and hashes', async () => {
    const changed = new Map(contents).set('weights.bin', text('some weight5'));
    await expect(Manifest.verify(manifest, changed)).rejects.toThrowErrorMatchingInlineSnapshot(`
      [Manifest.ChangedFileError: The content of "weights.bin" is not the published one.
      expected 0x200bbab3621dcc4efb1bdd8ba650cab6ec1b593dd87b6e796d4e2cfb5c467a92 (12 bytes)
      actual   0xea01dd1327a32aec490f13ea9f794ee8a69273efe8c6865052c7ed36a6fc17dc (12 bytes)
      Restore the file, or publish a new version of the asset.]
    `);
  });

  test('refuses missing and unlisted files', async () => {
    const missing = new Map(contents);
    missing.delete('card.json');
    await expect(Manifest.verify(manifest, missing)).rejects.toThrow(Manifest.MissingFileError);
    const more = new Map(contents).set('more', text(''));
    await expect(Manifest.verify(manifest, more)).rejects.toThrow(Manifest.UnlistedFileError);
  });

  test('refuses a root that is not that of the files', async () => {
    const root = `0x${'ab'.repeat(32)}` as const;
    await expect(Manifest.verify({ ...manifest, root }, contents)).rejects.toThrow(Manifest.RootError);
  });
});

describe('parse', () => {
  test('reads what serialize wrote', () => {
    expect(Manifest.parse(Manifest.serialize(manifest))).toEqual(manifest);
  });

  test('refuses what is not a manifest', () => {
    const root = `0x${'ab'.repeat(32)}`;
    expect(() => Manifest.parse('{')).toThrow(Manifest.MalformedError);
    expect(() => Manifest.parse('{}')).toThrow(Manifest.MalformedError);
    expect(() => Manifest.parse(JSON.stringify({ ...manifest, more: 1 }))).toThrow(Manifest.MalformedError);
    expect(() => Manifest.parse(JSON.stringify({ ...manifest, root }))).toThrow(Manifest.RootError);
    expect(() => Manifest.parse(JSON.stringify({ ...manifest, root: root.toUpperCase() }))).toThrow(
      Manifest.MalformedError,
    );
  });
});

test('vectors shared with Solidity', () => {
  const file = new URL('../../test/vectors/manifest.json', import.meta.url);
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as Manifest.Manifest & {
    leaves: string[];
    proofs: string[][];
  };
  const { version, files, root } = vectors;
  expect(Manifest.from(files)).toEqual({ version, files, root });
  expect(files.map(Manifest.leaf)).toEqual(vectors.leaves);
  expect(files.map(({ path }) => Manifest.proof({ version, files, root }, path))).toEqual(vectors.proofs);
});
