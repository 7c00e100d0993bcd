import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Path from './Path.ts';

const reasonOf = (...paths: string[]) => {
  try {
    Path.assertAll(paths);
  } catch (error) {
    return error instanceof Path.RefusedError ? error.reason : error;
  }
  return undefined;
};

describe('assert', () => {
  test('accepts portable paths', () => {
    for (const path of ['a', 'dist/group1-shard1of7', 'weights.safetensors', 'données/été.txt', 'a b/c', '.hidden']) {
      expect(reasonOf(path)).toBeUndefined();
    }
  });

  test.each([
    ['', 'it is empty'],
    ['../secret', 'it has a part that is . or ..'],
    ['a/../../secret', 'it has a part that is . or ..'],
    ['./a', 'it has a part that is . or ..'],
    ['/etc/passwd', 'it is absolute'],
    ['a//b', 'it has an empty part'],
    ['a/', 'it has an empty part'],
    ['..\\secret', 'it holds one of \\ : * ? " < > |'],
    ['C:/windows', 'it holds one of \\ : * ? " < > |'],
    ['file.txt:stream', 'it holds one of \\ : * ? " < > |'],
    ['a\0b', 'it holds a character that cannot be seen'],
    ['a\u202Egnp.exe', 'it holds a character that cannot be seen'],
    ['a\u200Bb', 'it holds a character that cannot be seen'],
    ['a\u00A0b', 'it holds a character that cannot be seen'],
    ['\uD800', 'it is not Unicode'],
    ['e\u0301', 'it is not in Unicode normal form C'],
    ['nul', 'a part is the name of a device'],
    ['a/COM1.txt', 'a part is the name of a device'],
    ['a.', 'a part begins with a space or ends with a space or a dot'],
    ['.../secret', 'a part begins with a space or ends with a space or a dot'],
    ['a /b', 'a part begins with a space or ends with a space or a dot'],
    ['é'.repeat(128), 'it is longer than 255 bytes'],
  ])('A-117 refuses %j: %s', (path, reason) => {
    expect(reasonOf(path)).toBe(reason);
  });

  test('A-117 what is accepted stays inside its folder and names the same file on both kinds of system', () => {
    const part = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('..', '.', '', 'a', '\\', 'C:', '/'));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const path = parts.join('/');
        fc.pre(reasonOf(path) === undefined);
        const { pathname } = new URL(path.split('/').map(encodeURIComponent).join('/'), 'file:///root/');
        expect(decodeURIComponent(pathname)).toBe(`/root/${path}`);
        expect(path).not.toMatch(/\\/);
      }),
    );
  });
});

describe('assertAll', () => {
  test.each([
    [['a', 'b', 'a'], 'it is listed twice'],
    [['Weights.bin', 'weights.BIN'], 'it collides with "Weights.bin"'],
    [['straße', 'STRASSE'], 'it collides with "straße"'],
    [['ﬁle', 'file'], 'it collides with "ﬁle"'],
    [['a', 'a/b'], 'one of its folders is listed as a file'],
    [['A', 'a/b'], 'one of its folders is listed as a file'],
    [['Data/one', 'data/two'], 'a folder collides with "Data"'],
  ])('A-117 refuses %j: %s', (paths, reason) => {
    expect(reasonOf(...paths)).toBe(reason);
  });

  test('accepts files of one folder', () => {
    expect(reasonOf('data/one', 'data/two', 'data-3', 'data/deep/one')).toBeUndefined();
  });
});

describe('compare', () => {
  test('orders by code point, where strings order by code unit', () => {
    expect(['\u{10000}', '\uFFFD', 'b', 'a', 'ab'].sort(Path.compare)).toEqual(['a', 'ab', 'b', '\uFFFD', '\u{10000}']);
  });
});
