import { describe, expect, test } from 'vitest';
import * as Text from './Text.ts';

const esc = '\u001b';

describe('plain', () => {
  test('A-140 removes whole terminal sequences, not only the escape character', () => {
    expect(Text.plain(`${esc}[31mred${esc}[0m`)).toBe('red');
    expect(Text.plain(`a${esc}]0;title\u0007b`)).toBe('ab');
    expect(Text.plain(`a${esc}]8;;https://x${esc}\\b`)).toBe('ab');
    expect(Text.plain('a\u009b2Jb')).toBe('ab');
    expect(Text.plain(`a${esc}cb`)).toBe('ab');
  });

  test('A-168 removes control, reordering and broken characters and keeps the rest', () => {
    expect(Text.plain('a\u0000b\u202ec\u200bd\ud800e')).toBe('abcde');
    expect(Text.plain('two\nlines\tand a tab')).toBe('two lines and a tab');
    expect(Text.plain('Grüße, 世界 🙂')).toBe('Grüße, 世界 🙂');
  });

  test('A-168 caps the length in characters', () => {
    expect([...Text.plain('🙂'.repeat(100_000))]).toHaveLength(Text.maxLength);
    expect(Text.plain('abcdef', 4)).toBe('abc…');
  });
});

describe('plainLines', () => {
  test('keeps line ends only', () => {
    expect(Text.plainLines(`one${esc}[2K\r\ntwo\u0008`)).toBe('one\ntwo');
  });
});
