import { describe, expect, test } from 'vitest';
import * as AllowList from './AllowList.ts';

const account = (digit: string) => `0x${digit.repeat(40)}` as const;
const list = ['1', '2', '3', '4', '5'].map(account);

describe('AllowList', () => {
  test('has one root whatever its order and however often it names somebody', () => {
    expect(AllowList.root([...list].reverse())).toBe(AllowList.root(list));
    expect(AllowList.root([...list, account('1')])).toBe(AllowList.root(list));
    expect(AllowList.root(list.slice(1))).not.toBe(AllowList.root(list));
  });

  test('shows nothing for who is not on it', () => {
    expect(() => AllowList.show(list, account('6'))).toThrow(AllowList.NotListedError);
  });

  test('is read from one account a line, and a line that is none is named', () => {
    expect(AllowList.parse(`# friends\n${account('1')}\n\n ${account('2')} # two\n`)).toEqual(list.slice(0, 2));
    expect(() => AllowList.parse(`${account('1')}\n0x12\n`)).toThrow('Line 2 of the list is no account.');
  });
});
