import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Json from './Json.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('parseBytes', () => {
  const maxDepth = Json.maxDepth;
  it.each<[string, Uint8Array]>([
    ['a body 100,000 deep', bytes(deep(100_000))],
    ['one level too many', bytes(deep(maxDepth + 1))],
    ['objects one level too many', bytes('{"a":'.repeat(maxDepth + 1) + 1 + '}'.repeat(maxDepth + 1))],
    ['an unfinished text 100,000 deep', bytes('{"a":['.repeat(50_000))],
    ['the key __proto__', bytes('{"__proto__":{"admin":true}}')],
    ['the key __proto__, escaped', bytes('{"\\u005f_proto__":{"admin":true}}')],
    ['the key __proto__ further down', bytes('[{"a":{"__pr\\u006fto__":1}}]')],
    ['a byte order mark', new Uint8Array([0xef, 0xbb, 0xbf, 0x31])],
    ['broken UTF-8', new Uint8Array([0x22, 0xc3, 0x28, 0x22])],
    ['half of a surrogate pair in UTF-8', new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['an overlong slash', new Uint8Array([0x22, 0xc0, 0xaf, 0x22])],
    ['NaN', bytes('NaN')],
    ['a hexadecimal number', bytes('0x10')],
    ['a leading plus', bytes('+1')],
    ['a comment', bytes('/* */1')],
    ['two values', bytes('1 2')],
    ['nothing', bytes('')],
    ['a trailing comma', bytes('[1,]')],
  ])('refuses %s (A-017)', (_, body) => {
    expect(() => Json.parseBytes(body)).toThrow(Json.InvalidError);
  });

  it('takes brackets in strings, and the deepest that is allowed', () => {
    expect(Json.parseBytes(bytes(JSON.stringify('[{"'.repeat(10_000))))).toHaveLength(30_000);
    expect(() => Json.parseBytes(bytes(deep(maxDepth)))).not.toThrow();
  });

  it('changes no prototype whatever is parsed (A-017)', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        try {
          Json.parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(Json.InvalidError);
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });
});

describe('canonical', () => {
  it('is one text for equal values, and reads as the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const shuffled = JSON.parse(JSON.stringify(value), (_, item: unknown) =>
          item && typeof item === 'object' && !Array.isArray(item)
            ? Object.fromEntries(Object.entries(item).reverse())
            : item,
        );
        expect(Json.canonical(shuffled)).toBe(Json.canonical(value));
        expect(JSON.parse(Json.canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('writes amounts as digits, sorts by code unit and leaves out what is not there', () => {
    expect(Json.canonical({ b: 2n ** 70n, a: [1, null], Z: undefined, '€': true })).toBe(
      '{"a":[1,null],"b":"1180591620717411303424","€":true}',
    );
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, () => 1, Symbol('s')])
      expect(() => Json.canonical(value)).toThrow(Json.NotCanonicalError);
  });
});
