import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as BytePair from './BytePair.ts';

const [a, b, c, space] = [...Buffer.from('abc ')] as [number, number, number, number];
/** Tokens 256 `ab`, 257 `abc`, 258 ` ab`. */
const vocabulary = BytePair.from([
  [a, b],
  [256, c],
  [space, 256],
]);
const back = (tokens: readonly number[]) =>
  Buffer.concat(tokens.map((token) => vocabulary.pieces[token] as Uint8Array)).toString();

describe('encode', () => {
  test('joins the pair that was learned first, wherever it stands, until none is left', () => {
    expect(BytePair.encode(vocabulary, 'abcab')).toEqual([257, 256]);
    expect(BytePair.encode(vocabulary, 'ab ab')).toEqual([256, 258]);
    expect(BytePair.encode(vocabulary, 'ba')).toEqual([b, a]);
  });

  test('joins nothing over the edge of a word', () => {
    expect(BytePair.encode(vocabulary, 'a1b')).toEqual([a, '1'.charCodeAt(0), b]);
    expect(BytePair.encode(vocabulary, `${'a'.repeat(32)}b`)).not.toContain(256);
  });

  test('the bytes of the tokens are those of the text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', '\n', 'é') }),
    );
    fc.assert(
      fc.property(text, (written) => {
        expect(back(BytePair.encode(vocabulary, written))).toBe(written.toWellFormed());
      }),
      { numRuns: 500 },
    );
  });

  test('takes time that grows with the length of the text, whatever is in it', () => {
    expect(BytePair.encode(vocabulary, 'ab'.repeat(100_000)).length).toBeLessThanOrEqual(200_000);
  });
});

describe('parse', () => {
  test.each(['{', '{}', '[[1]]', '[[97,300]]', '[[97,-1]]', '[["a","b"]]'])('refuses %s', (text) => {
    expect(() => BytePair.parse(Buffer.from(text))).toThrow(BytePair.VocabularyError);
  });

  test('reads what JSON holds', () => {
    expect(BytePair.parse(Buffer.from('[[97,98],[256,99],[32,256]]'))).toEqual(vocabulary);
  });
});
