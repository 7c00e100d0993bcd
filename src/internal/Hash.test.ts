import { hexToBytes, keccak256 } from 'viem';
import { expect, test } from 'vitest';
import * as Hash from './Hash.ts';

test('keccak gives the known values', () => {
  expect(Hash.keccak(new Uint8Array())).toBe('0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470');
  expect(Hash.keccak(new TextEncoder().encode('abc'))).toBe(
    '0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45',
  );
  expect(Hash.keccak('0x616263')).toBe(Hash.keccak(new TextEncoder().encode('abc')));
});

test('keccak and keccakBytes agree with viem at every length around the block of 136 bytes', () => {
  for (const length of [0, 1, 135, 136, 137, 271, 272, 273, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, at) => at * 7);
    expect(Hash.keccak(bytes)).toBe(keccak256(bytes));
    expect(Hash.keccakBytes(bytes)).toEqual(hexToBytes(keccak256(bytes)));
  }
});
