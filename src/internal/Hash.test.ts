import { keccak256 } from 'viem';
import { expect, test } from 'vitest';
import * as Hash from './Hash.ts';

test('keccak gives the known values', () => {
  expect(Hash.keccak(new Uint8Array())).toBe('0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470');
  expect(Hash.keccak(new TextEncoder().encode('abc'))).toBe(
    '0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45',
  );
});

test('keccakContent agrees with keccak at every length around the block of 136 bytes', async () => {
  for (const length of [0, 1, 135, 136, 137, 271, 272, 273, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, at) => at * 7);
    expect(await Hash.keccakContent(bytes)).toBe(keccak256(bytes));
  }
});

test('keccakContent serves callers at the same time', async () => {
  const contents = Array.from({ length: 20 }, (_, n) => new Uint8Array(1_000).fill(n));
  expect(await Promise.all(contents.map(Hash.keccakContent))).toEqual(contents.map(Hash.keccak));
});
