import { describe, expect, test } from 'vitest';
import * as Rows from './Rows.ts';

const csv = (text: string) => Rows.parse(Buffer.from(text), 'csv');
const ndjson = (text: string) => Rows.parse(Buffer.from(text), 'ndjson');

describe('parse', () => {
  test('reads CSV with quotes, line ends inside and a byte order mark', () => {
    expect(csv('\uFEFFname,note\r\n"Ann","a, ""b""\nc"\r\n\r\nBob,\r\n')).toEqual({
      columns: ['name', 'note'],
      rows: [
        { name: 'Ann', note: 'a, "b"\nc' },
        { name: 'Bob', note: '' },
      ],
    });
  });

  test('reads objects, whose columns are those of all rows', () => {
    expect(ndjson('{"a":1}\n\n{"b":[true,null]}\r\n')).toEqual({
      columns: ['a', 'b'],
      rows: [{ a: 1 }, { b: [true, null] }],
    });
  });

  test.each([
    ['CSV without rows', () => csv('a,b\n')],
    ['a row with a field too many', () => csv('a,b\n1,2,3')],
    ['a quote that does not end', () => csv('a\n"b')],
    ['a name twice', () => csv('a,a\n1,2')],
    ['a column without a name', () => csv('a,\n1,2')],
    ['the prototype as a column', () => csv('__proto__\n1')],
    ['the prototype as a field', () => ndjson('{"__proto__":1}')],
    ['a row that is no object', () => ndjson('[1]')],
    ['a row that is no JSON', () => ndjson('{"a":1}\n{')],
    ['a row of more than a mebibyte', () => ndjson(`{"a":"${'x'.repeat(1_048_576)}"}`)],
    ['A-118: a field of more than a mebibyte', () => csv(`a\n"${'x'.repeat(1_048_600)}"`)],
    [
      'A-118: more columns than are taken',
      () => csv(`${Array.from({ length: 1_001 }, (_, at) => at)}\n${'1,'.repeat(1_000)}1`),
    ],
    ['A-118: nesting', () => ndjson(`{"a":${'['.repeat(100)}${']'.repeat(100)}}`)],
    ['other bytes than UTF-8', () => Rows.parse(Uint8Array.of(0x61, 0x0a, 0xff), 'csv')],
  ])('refuses %s', (_, read) => expect(read).toThrow(Rows.MalformedError));
});

test.each([
  ['line 4, column 3, a row has another', () => csv('a,b\n1,2\n\n1,2,3')],
  ['line 2, column 2, a quote is not closed', () => csv('a,b\n1,"2')],
  ['line 3, column 1, a quote stands within', () => csv('a,b\n1,2\nx"y",2')],
  ['line 1, column 2, a column has no usable name', () => csv('a,\n1,2')],
  ['line 3, column 7, a row is not JSON', () => ndjson('{"a":1}\n\n{"b":1')],
  ['line 2, column 1, a row is not a JSON object', () => ndjson('{"a":1}\n[1]')],
  ['line 1, a row has more than', () => ndjson(`{"a":"${'x'.repeat(1_048_576)}"}`)],
  ['line 2, it is not UTF-8', () => Rows.parse(Uint8Array.of(0x61, 0x0a, 0xff), 'csv')],
])('a malformed file is told by %s', (message, read) => {
  expect(read).toThrow(message);
  expect(read).toThrow(expect.objectContaining({ code: 'infer.rows-malformed' }));
});

test('bytesOf counts what the rows have as JSON, and stops where it is too much', () => {
  const { rows } = ndjson('{"a":1,"b":"\u00e9"}\n{"b":3}\n{"a":4}');
  for (let count = 0; count <= rows.length; count++) {
    const some = rows.slice(0, count);
    expect(Rows.bytesOf(some)).toBe(Buffer.byteLength(JSON.stringify(some)));
  }
  let read = 0;
  const counted = { toJSON: () => `${read++}`.padStart(100) };
  expect(Rows.bytesOf(Array(1_000).fill(counted), 2_000)).toBeGreaterThan(2_000);
  expect(read).toBeLessThan(25);
});

test('select leaves out what a row does not have', () => {
  const rows = ndjson('{"a":1,"b":2}\n{"b":3}\n{"a":4}');
  expect(Rows.select(rows, 1, 5, ['b', 'a'])).toEqual([{ b: 3 }, { a: 4 }]);
  expect(Object.keys(Rows.select(rows, 0, 1, ['b', 'a'])[0] ?? {})).toEqual(['b', 'a']);
  expect(Rows.select(rows, 3, 5)).toEqual([]);
});
