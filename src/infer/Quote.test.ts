import type { Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import file from '../../test/vectors/receipts.json' with { type: 'json' };
import { recover } from '../internal/node/secp256k1.ts';
import * as Quote from './Quote.ts';
import * as Receipt from './Receipt.ts';

const { message, structHash, digest, signature } = file.quote;
const domain = Receipt.domainOf(file.domain.chainId, file.domain.verifyingContract as Hex);
const quote: Quote.Quote = {
  seller: message.seller as Hex,
  asset: BigInt(message.asset),
  version: message.version,
  termsId: message.termsId as Hex,
  manifestRoot: message.manifestRoot as Hex,
  token: message.token as Hex,
  payTo: message.payTo as Hex,
  perCall: BigInt(message.perCall),
  perInputToken: BigInt(message.perInputToken),
  perOutputToken: BigInt(message.perOutputToken),
  perSecond: BigInt(message.perSecond),
  perImage: BigInt(message.perImage),
  perByte: BigInt(message.perByte),
  validUntil: BigInt(message.validUntil),
  nonce: message.nonce as Hex,
};

describe('Quote', () => {
  it('has the hash, digest and signer of the vectors', () => {
    expect(Quote.hash(quote)).toBe(structHash);
    expect(Quote.digest(quote, domain)).toBe(digest);
    expect(recover(Quote.digest(quote, domain), signature as Hex)).toBe(file.signer.toLowerCase());
  });

  it('is another quote when anything in it changes (A-038)', () => {
    const changed = Object.entries(quote).map(([field, value]) => {
      const other =
        typeof value === 'string' ? value.replace(/.$/, (end) => (end === '0' ? '1' : '0')) : BigInt(value) + 1n;
      return Quote.hash({ ...quote, [field]: other });
    });
    expect(new Set([...changed, structHash]).size).toBe(Object.keys(quote).length + 1);
  });

  it('holds to the second in which it ends (A-038)', () => {
    Quote.assertValid(quote, quote.validUntil);
    expect(() => Quote.assertValid(quote, quote.validUntil + 1n)).toThrow(Quote.ExpiredError);
  });
});
