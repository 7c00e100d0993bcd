import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as Card from './Card.ts';

const bytes = readFileSync(new URL('../../models/digits/card.json', import.meta.url));
const card = JSON.parse(bytes.toString()) as Card.Card;
const parse = (changes: object) => Card.parse(Buffer.from(JSON.stringify({ ...card, ...changes })));

describe('parse', () => {
  test('reads a card', () => {
    expect(Card.parse(bytes)).toEqual(card);
  });

  test('a dataset, a tool and a remote model may have neither parameters nor an evaluation', () => {
    const bare = { parameters: undefined, evaluation: undefined };
    for (const other of [{ kind: 'dataset' }, { kind: 'tool' }, { format: 'remote' }])
      expect(parse({ ...bare, ...other })).toMatchObject(other);
  });

  test('says which fields are wrong', () => {
    expect(() => parse({ name: 'Digits', parameters: 0 })).toThrowErrorMatchingInlineSnapshot(`
      [Card.MalformedError: The card is malformed.
      ✖ is not lower-case words with dots or dashes
        → at name
      ✖ Too small: expected number to be >=1
        → at parameters]
    `);
  });

  test.each([
    ['an unknown field', { more: 1 }],
    ['a link that is not https', { sources: [{ ...card.sources[0], url: 'javascript:alert(1)' }] }],
    ['a route outside /v1', { route: '/v1/../admin' }],
    ['a package range', { package: { name: 'a', version: '^1.0.0', files: ['x'] } }],
    ['a package that is a path', { package: { name: '../a', version: '1.0.0', files: ['x'] } }],
    ['an evaluation that is not a file of the asset', { files: ['weights.safetensors'] }],
    ['weights without an evaluation', { evaluation: undefined }],
    ['weights without a number of parameters', { parameters: undefined }],
    ['another version', { version: 2 }],
  ])('refuses %s', (_, changes) => {
    expect(() => parse(changes)).toThrow(Card.MalformedError);
  });

  test.each(['\u202Edigits', 'dig\u200Bits', 'a\nb', 'a\u0007', '\uD800', 'x'.repeat(81), ''])(
    'A-124 refuses the title %j',
    (title) => expect(() => parse({ title })).toThrow(Card.MalformedError),
  );

  test('A-118 refuses a card that is too large before it reads it', () => {
    expect(() => Card.parse(new Uint8Array(Card.MAX_BYTES + 1))).toThrow('larger than');
  });

  test('refuses what is not JSON in UTF-8', () => {
    expect(() => Card.parse(Uint8Array.of(0xff))).toThrow('not JSON in UTF-8');
    expect(() => Card.parse(Buffer.from('{'))).toThrow('not JSON in UTF-8');
  });
});
