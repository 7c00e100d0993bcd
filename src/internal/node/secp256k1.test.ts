import fc from 'fast-check';
import type { Hex } from 'viem';
import {
  compactSignatureToSignature,
  parseCompactSignature,
  parseSignature,
  serializeCompactSignature,
  serializeSignature,
  signatureToCompactSignature,
} from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { recoverAddress } from 'viem/utils';
import { describe, expect, it } from 'vitest';
import { recover, sign, verifier } from './secp256k1.ts';

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const key: Hex = `0x${'46'.repeat(32)}`;
const address = privateKeyToAddress(key).toLowerCase();
const digest: Hex = `0x${'c0'.repeat(32)}`;
const good = sign(digest, key);
const word = (value: bigint) => value.toString(16).padStart(64, '0');
const [r, s, v] = [good.slice(2, 66), BigInt(`0x${good.slice(66, 130)}`), Number.parseInt(good.slice(130), 16)];

it('runs natively or in WebAssembly, never in plain JavaScript', () => {
  expect(['native', 'wasm']).toContain(verifier);
});

it('agrees with viem on who signed', async () => {
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
  await fc.assert(
    fc.asyncProperty(bytes, fc.bigInt({ min: 1n, max: order - 1n }), async (hash, secret) => {
      const any: Hex = `0x${Buffer.from(hash).toString('hex')}`;
      const signature = sign(any, `0x${word(secret)}`);
      const signer = recover(any, signature);
      expect(signer).toBe(privateKeyToAddress(`0x${word(secret)}`).toLowerCase());
      expect(signer).toBe((await recoverAddress({ hash: any, signature })).toLowerCase());
    }),
    { numRuns: 25 },
  );
});

describe('recover refuses what the contracts refuse (A-010)', () => {
  const highS: Hex = `0x${r}${word(order - s)}${v === 27 ? '1c' : '1b'}`;
  const compact = serializeCompactSignature(signatureToCompactSignature(parseSignature(good)));
  it.each<[string, string]>([
    ['s in the upper half', highS],
    ['v of 0 or 1', `${good.slice(0, 130)}0${v - 27}`],
    ['v of 29', `${good.slice(0, 130)}1d`],
    ['the other v', `${good.slice(0, 130)}${v === 27 ? '1c' : '1b'}`],
    ['64 bytes of EIP-2098', compact],
    ['66 bytes', `${good}00`],
    ['a leading byte more', `0x00${good.slice(2)}`],
    ['no bytes', '0x'],
    ['half a byte', good.slice(0, -1)],
    ['no hex', `${good.slice(0, 20)}zz${good.slice(22)}`],
    ['white space', `${good.slice(0, 128)} ${good.slice(129)}`],
    ['r of zero', `0x${word(0n)}${good.slice(66)}`],
    ['s of zero', `0x${r}${word(0n)}${good.slice(130)}`],
    ['r beyond the order', `0x${word(order)}${good.slice(66)}`],
    ['only zeros', `0x${'00'.repeat(64)}1b`],
  ])('%s', (_, signature) => {
    expect(recover(digest, signature as Hex)).not.toBe(address);
  });

  it('and these are signatures elsewhere, so that the rule decides', async () => {
    const other = serializeSignature(compactSignatureToSignature(parseCompactSignature(compact)));
    expect(other).toBe(good);
    expect((await recoverAddress({ hash: digest, signature: highS })).toLowerCase()).toBe(address);
    expect(recover(digest, highS)).toBeUndefined();
    expect(recover(digest, good)).toBe(address);
    expect(recover(digest, `0x${good.slice(2).toUpperCase()}`)).toBe(address);
  });
});

it('gives no changed signature to the signer', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 64 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const bytes = Buffer.from(good.slice(2), 'hex');
      bytes[at] = (bytes[at] as number) ^ change;
      expect(recover(digest, `0x${bytes.toString('hex')}`)).not.toBe(address);
    }),
    { numRuns: 200 },
  );
});
