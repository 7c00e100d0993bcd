import fc from 'fast-check';
import type { Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import file from '../../test/vectors/receipts.json' with { type: 'json' };
import * as Json from '../internal/Json.ts';
import { recover, sign } from '../internal/node/secp256k1.ts';
import * as Receipt from './Receipt.ts';

const domain = Receipt.domainOf(file.domain.chainId, file.domain.verifyingContract as Hex);
const key = file.privateKey as Hex;
const signer = file.signer.toLowerCase();
const receipts = file.receipts.map(({ message }) => Receipt.parse(JSON.stringify(message)));
const [first, second] = receipts as [Receipt.Receipt, Receipt.Receipt];
const signWith = (digest: Hex) => sign(digest, key);

describe('hash', () => {
  it('is that of the vectors which the contracts check too', () => {
    expect(receipts.map(Receipt.hash)).toEqual(file.receipts.map(({ structHash }) => structHash));
    expect(second.prev).toBe(Receipt.hash(first));
  });

  it('changes with every field', () => {
    const text = JSON.parse(Receipt.serialize(first)) as Record<string, string | number>;
    const hashes = Object.entries(text).map(([field, value]) => {
      const other = typeof value === 'number' ? value + 1 : value.startsWith('0x') ? flip(value) : `${value}1`;
      return Receipt.hash(Receipt.parse(JSON.stringify({ ...text, [field]: other })));
    });
    expect(hashes).toHaveLength(24);
    expect(new Set([...hashes, Receipt.hash(first)]).size).toBe(25);
  });
});

const flip = (hex: string) => `${hex.slice(0, -1)}${hex.endsWith('0') ? '1' : '0'}`;

describe('signBatch', () => {
  it('gives the signatures and the paths of the vectors', () => {
    const [alone] = Receipt.signBatch([Receipt.hash(first)], domain, signWith);
    expect(alone).toEqual({ path: file.batchOfOne.path, signature: file.batchOfOne.signature });
    const both = Receipt.signBatch(receipts.map(Receipt.hash), domain, signWith);
    expect(both[0]).toEqual({ path: file.batchOfTwo.path, signature: file.batchOfTwo.signature });
  });

  it('proves each of up to 64 receipts with one signature, and no other receipt', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), (size) => {
        const batch = Array.from({ length: size }, (_, i) => ({ ...first, seq: BigInt(i + 1) }));
        let signatures = 0;
        const proofs = Receipt.signBatch(batch.map(Receipt.hash), domain, (digest) => {
          signatures++;
          return signWith(digest);
        });
        expect(signatures).toBe(1);
        for (const [i, receipt] of batch.entries()) {
          const proof = proofs[i] as Receipt.Proof;
          expect(proof.path.length).toBeLessThanOrEqual(6);
          expect(Receipt.signerOf(receipt, proof, domain, recover)).toBe(signer);
          expect(Receipt.signerOf({ ...receipt, price: receipt.price + 1n }, proof, domain, recover)).not.toBe(signer);
        }
      }),
      { numRuns: 8 },
    );
  });

  it('refuses more than 64, and signs nothing for none', () => {
    const many = Array.from({ length: 65 }, () => Receipt.hash(first));
    expect(() => Receipt.signBatch(many, domain, signWith)).toThrow(Receipt.BatchError);
    expect(Receipt.signBatch([], domain, () => expect.fail('signed'))).toEqual([]);
  });
});

describe('signerOf', () => {
  const [proof] = Receipt.signBatch([Receipt.hash(first)], domain, signWith) as [Receipt.Proof];
  it('knows no signer on another chain, for another contract, or over a path of seven', () => {
    const elsewhere = { ...domain, chainId: 1 };
    const other = Receipt.domainOf(domain.chainId, `0x${'99'.repeat(20)}`);
    expect(Receipt.signerOf(first, proof, elsewhere, recover)).not.toBe(signer);
    expect(Receipt.signerOf(first, proof, other, recover)).not.toBe(signer);
    const long = { ...proof, path: Array.from({ length: 7 }, () => Receipt.hash(second)) };
    expect(Receipt.signerOf(first, long, domain, recover)).toBeUndefined();
  });
});

describe('parse', () => {
  it('reads what serialize writes', () => {
    for (const receipt of receipts) expect(Receipt.parse(Receipt.serialize(receipt))).toEqual(receipt);
  });

  const text = JSON.parse(Receipt.serialize(first)) as Record<string, unknown>;
  it.each(Receipt.fields.map(([name, type]) => [name, type] as const))(
    'refuses a receipt in which %s is no %s (A-142, A-158)',
    (name, type) => {
      const bits = Number(/\d+$/.exec(type)?.[0] ?? 0);
      const wrong: unknown[] = [null, '', -1, '-1', 1.5, '1e3', ' 1', [], {}, '0x', true, `${2n ** 256n}`];
      if (/uint/.test(type)) wrong.push('0x10', 2 ** bits, `${2n ** BigInt(bits)}`);
      for (const value of wrong)
        expect(() => Receipt.parse(JSON.stringify({ ...text, [name]: value })), `${value}`).toThrow(
          Receipt.InvalidError,
        );
      const { [name]: _, ...less } = text;
      expect(() => Receipt.parse(JSON.stringify(less))).toThrow(Receipt.InvalidError);
    },
  );

  it('refuses a field more, and proofs that are none', () => {
    expect(() => Receipt.parse(JSON.stringify({ ...text, note: 'x' }))).toThrow(Receipt.InvalidError);
    const { signature } = file.batchOfOne;
    const wrong = [{ path: [], signature: signature.slice(2) }, { path: ['0x1'], signature }, { signature }];
    const long = { path: Array.from({ length: 7 }, () => text.account), signature };
    for (const proof of [...wrong, long, { path: [], signature: `${signature}00` }])
      expect(() => Receipt.parseProof(Json.stringify(proof))).toThrow(Receipt.InvalidError);
  });
});
