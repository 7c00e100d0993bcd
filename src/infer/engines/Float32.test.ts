import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Float32 from './Float32.ts';

const values = fc.float32Array({ noNaN: true, noDefaultInfinity: true });

test('toDecimals gives each value back and writes no more than nine digits', () => {
  fc.assert(
    fc.property(values, (array) => {
      const decimals = Float32.toDecimals(array);
      expect(Float32Array.from(JSON.parse(JSON.stringify(decimals)))).toEqual(array.map((value) => value + 0));
      for (const value of decimals) expect(Number(value.toPrecision(9))).toBe(value);
    }),
  );
  expect(Float32.toDecimals(Float32Array.of(0.1, 1 / 3))).toEqual([0.1, 0.33333334]);
});

test('toBase64 writes little-endian bytes', () => {
  expect(Float32.toBase64(Float32Array.of(1, -2))).toBe(Buffer.from('0000803f000000c0', 'hex').toString('base64'));
});
