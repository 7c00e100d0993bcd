import { describe, expect, test } from 'vitest';
import * as Asset from './Asset.ts';

const asset = (id: bigint): Asset.Asset => ({
  id,
  kind: 'model',
  publisher: '0x0000000000000000000000000000000000000001',
  owner: '0x0000000000000000000000000000000000000001',
  versions: [],
  duplicateOf: undefined,
});

describe('find', () => {
  const one = asset(0x9c1fn << 240n);
  const two = asset((0x9c1fn << 240n) + 1n);

  test('finds by the first digits, with or without 0x, and gives every match', () => {
    expect(Asset.find([one, two], '9c1f')).toEqual([one, two]);
    expect(Asset.find([one, two], Asset.toHex(two.id))).toEqual([two]);
    expect(Asset.find([one], '0x9C1F')).toEqual([one]);
  });

  test('does not take a few digits, or words, for an id', () => {
    expect(Asset.find([one], '9c1')).toEqual([]);
    expect(Asset.find([one], 'digits')).toEqual([]);
  });
});

describe('assert', () => {
  const manifestRoot = `0x${'1'.repeat(64)}` as const;

  test('refuses what the contract refuses', () => {
    expect(() => Asset.assert({ manifestRoot, uri: '' })).toThrow(Asset.InvalidError);
    expect(() => Asset.assert({ manifestRoot, uri: 'é'.repeat(257) })).toThrow(Asset.InvalidError);
    expect(() => Asset.assert({ manifestRoot: Asset.noSalt, uri: 'a' })).toThrow(Asset.InvalidError);
    expect(() => Asset.assert({ manifestRoot, uri: 'é'.repeat(256) })).not.toThrow();
  });
});

describe('kindOf', () => {
  test('reads what the contract can hold and nothing else', () => {
    expect(Asset.kinds.map((_, index) => Asset.kindOf(index))).toEqual(Asset.kinds);
    expect(() => Asset.kindOf(5)).toThrow(Asset.UnknownKindError);
  });
});
