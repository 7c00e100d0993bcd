import { maxUint256, stringToHex } from 'viem';
import { describe, expect, test } from 'vitest';
import * as Words from './Words.ts';

describe('dollars', () => {
  test.each([
    [0n, '$0.00'],
    [1n, '$0.000001'],
    [12_500_000n, '$12.50'],
    [1_234_567_890_123n, '$1234567.890123'],
    [maxUint256, 'any amount'],
  ])('says %s atoms as %s', (atoms, text) => expect(Words.dollars(atoms)).toBe(text));
});

describe('duration', () => {
  test.each([
    [0, '0 seconds'],
    [1, '1 second'],
    [90, '90 seconds'],
    [900, '15 minutes'],
    [3600, '1 hour'],
    [259_200n, '3 days'],
  ])('says %s as %s', (seconds, text) => expect(Words.duration(seconds)).toBe(text));
});

describe('time', () => {
  test('A-149 says times in UTC, beyond 2038 too', () => {
    expect(Words.time(0)).toBe('1970-01-01 00:00:00 UTC');
    expect(Words.time(2 ** 31)).toBe('2038-01-19 03:14:08 UTC');
    expect(Words.time(253_402_300_799n)).toBe('9999-12-31 23:59:59 UTC');
    expect(Words.time(2 ** 40 - 1)).toBe('the end of time');
    expect(Words.time(maxUint256)).toBe('the end of time');
  });
});

describe('percent', () => {
  test('says basis points', () => {
    expect([0, 1, 250, 10_000].map(Words.percent)).toEqual(['0 %', '0.01 %', '2.5 %', '100 %']);
  });
});

describe('payee', () => {
  test('tells sellers from assets', () => {
    expect(Words.payee(0xaan)).toBe('seller 0x00000000000000000000000000000000000000AA');
    expect(Words.payee((1n << 255n) + 7n)).toBe('asset 0x80000000...00000007');
  });
});

describe('label', () => {
  test('reads short strings and drops what could rewrite a terminal', () => {
    expect(Words.label(stringToHex('protocolFeeBps', { size: 32 }))).toBe('protocolFeeBps');
    expect(Words.label(stringToHex('\u001b[2Jfee', { size: 32 }))).toBe('[2Jfee');
  });
});
