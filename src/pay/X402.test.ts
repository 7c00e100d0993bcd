import { parsePaymentPayload, parsePaymentRequired } from '@x402/core/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import file from '../../test/vectors/x402-batch-settlement.json' with { type: 'json' };
import * as Json from '../internal/Json.ts';
import * as X402 from './X402.ts';

const { config, voucher: signed, channelId } = file.vectors;
const accepted = {
  scheme: 'batch-settlement',
  network: 'eip155:31337',
  amount: '200',
  asset: config.token,
  payTo: config.receiver,
  maxTimeoutSeconds: 300,
  extra: {},
};
const voucher = { channelId, maxClaimableAmount: '200', signature: signed.signature };
const erc3009Authorization = {
  validAfter: '0',
  validBefore: '1800000000',
  salt: config.salt,
  signature: signed.signature,
};
const payloads = {
  voucher: { type: 'voucher', channelConfig: config, voucher },
  deposit: {
    type: 'deposit',
    channelConfig: config,
    voucher,
    deposit: { amount: '10000', authorization: { erc3009Authorization } },
  },
  refund: { type: 'refund', channelConfig: config, voucher },
  exact: {
    signature: signed.signature,
    authorization: {
      from: config.payer,
      to: config.receiver,
      value: '200',
      validAfter: '0',
      validBefore: '1800000000',
      nonce: config.salt,
    },
  },
};
type Kind = keyof typeof payloads;
const kinds = Object.keys(payloads) as Kind[];
const payment = (kind: Kind) => ({ x402Version: 2, accepted, payload: payloads[kind] });
const parse = (value: object) => X402.parsePayment(X402.encode(value));

/** Every place of a value: the path, and the value with something else there. */
function places(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, item]) => places(item, [...path, key]));
}
function put(value: unknown, [key, ...rest]: readonly string[], item: unknown): object {
  const copy: Record<string, unknown> = { ...(value as object) };
  if (key === undefined) return copy;
  if (rest.length === 0 && item === undefined) delete copy[key];
  else copy[key] = rest.length === 0 ? item : put(copy[key], rest, item);
  return copy;
}

describe('parsePayment', () => {
  it.each(kinds)('reads a payment of the kind %s, which the stock schema takes too', (kind) => {
    const value = payment(kind);
    expect(parsePaymentPayload(value).success).toBe(true);
    expect(parse(value).payload).toMatchObject({ type: kind });
    expect(parse({ ...value, resource: { url: 'http://a/' }, extensions: {} }).accepted).toEqual(accepted);
  });

  it('reads amounts as numbers and identities in lower case', () => {
    const loud = put(payment('deposit'), ['payload', 'voucher', 'channelId'], `0x${channelId.slice(2).toUpperCase()}`);
    expect(parse(loud).payload).toMatchObject({
      voucher: { channelId, maxClaimableAmount: 200n },
      deposit: { amount: 10_000n, authorization: { erc3009Authorization: { validBefore: 1_800_000_000n } } },
    });
  });

  const wrong = [null, true, 1, 1.5, -1, '', 'x', '0x', [], {}, '1e3', '0x10', ' 1', '-1', '1.0', '9'.repeat(40)];
  it.each(kinds)(
    'refuses a %s payment with anything of another type, missing or more than it knows (A-142)',
    (kind) => {
      const value = payment(kind);
      for (const path of places(value.payload).map((inner) => ['payload', ...inner])) {
        for (const item of wrong) {
          // The one other value that is the same kind of thing.
          if (item === 1 && path.at(-1) === 'withdrawDelay') continue;
          if (/^0x(10)?$/.test(`${item}`) && path.at(-1) === 'signature') continue;
          if (item === '9'.repeat(40) && /validAfter|validBefore|value/.test(path.at(-1) as string)) continue;
          expect(() => parse(put(value, path, item)), `${path.join('.')} = ${JSON.stringify(item)}`).toThrow(
            X402.InvalidError,
          );
        }
        const optional = kind === 'refund' && path.at(-1) === 'amount';
        if (!optional) expect(() => parse(put(value, path, undefined)), path.join('.')).toThrow(X402.InvalidError);
        expect(() => parse(put(value, [...path.slice(0, -1), 'more'], 'x')), path.join('.')).toThrow(X402.InvalidError);
      }
    },
  );

  it.each(['1', 1, 3, '2', null])('refuses version %j (A-142)', (x402Version) => {
    expect(() => parse({ ...payment('voucher'), x402Version })).toThrow(X402.InvalidError);
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['other letters', '{"a":1}'],
    ['base64 for addresses', 'e30_'],
    ['white space', ` ${X402.encode(payment('voucher'))}`],
    ['no JSON', btoa('{')],
    ['a key twice over, of which the last counts', btoa('{"x402Version":2,"x402Version":1}')],
    ['a prototype', btoa('{"__proto__":{"x402Version":2}}')],
    ['broken UTF-8', btoa('"\xc3\x28"')],
    ['100,000 brackets', btoa('['.repeat(9_000))],
    ['a header that is too long', 'A'.repeat(X402.maxHeaderLength + 4)],
  ])('refuses %s (A-017)', (_, header) => {
    expect(() => X402.parsePayment(header)).toThrow(X402.InvalidError);
  });

  it('never throws anything but its own error', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String(),
          fc.json().map((json) => btoa(encodeURI(json))),
        ),
        (header) => {
          expect(() => X402.parsePayment(header)).toThrow(X402.InvalidError);
          expect(() => X402.parseRequired(header)).toThrow(X402.InvalidError);
          expect(() => X402.parseResponse(header)).toThrow(X402.InvalidError);
        },
      ),
    );
  });
});

describe('parseRequired', () => {
  const required = { x402Version: 2, resource: { url: 'http://a/v1' }, accepts: [accepted] };
  it('keeps schemes it does not know, and refuses a 402 without ways (A-142)', () => {
    const strange = { ...required, accepts: [{ ...accepted, scheme: 'stars', extra: { a: [1] } }] };
    expect(parsePaymentRequired(strange).success).toBe(true);
    expect(X402.parseRequired(X402.encode(strange)).accepts[0]).toMatchObject({ scheme: 'stars', extra: { a: [1] } });
    for (const accepts of [[], undefined, [1], [{}], Array.from({ length: 33 }, () => accepted)])
      expect(() => X402.parseRequired(X402.encode({ ...required, accepts }))).toThrow(X402.InvalidError);
    expect(() => X402.parseRequired(X402.encode({ ...required, x402Version: 1 }))).toThrow(X402.InvalidError);
  });
});

describe('parseResponse', () => {
  const response = { success: true, transaction: '', network: 'eip155:31337' };
  it('reads a charge, and refuses one that is no amount (A-158)', () => {
    const of = (chargedAmount: unknown) =>
      X402.parseResponse(X402.encode({ ...response, extra: { chargedAmount, other: 1 } })).extra?.chargedAmount;
    expect(of('200')).toBe(200n);
    for (const wrong of [200, '-1', '1e3', '0x10', (2n ** 128n).toString()])
      expect(() => of(wrong)).toThrow(X402.InvalidError);
  });
});

describe('chainIdOf', () => {
  it.each([
    ['eip155:1', 1],
    ['eip155:8453', 8453],
    ['eip155:01', undefined],
    ['eip155:0x1', undefined],
    ['EIP155:1', undefined],
    ['eip155:1 ', undefined],
    ['solana:1', undefined],
    ['eip155:', undefined],
    [`eip155:${'9'.repeat(16)}`, undefined],
  ] as const)('%s', (network, id) => {
    expect(X402.chainIdOf(network)).toBe(id);
  });
});

it('encodes text beyond ASCII and amounts so that they are read back', () => {
  const error = 'zu wenig, 足りない 🪙';
  const { error: read } = X402.parseRequired(
    X402.encode({ x402Version: 2, error, resource: { url: 'a' }, accepts: [{ ...accepted, amount: '1' }] }),
  );
  expect(read).toBe(error);
  expect(Json.parse(Buffer.from(X402.encode({ amount: 2n ** 100n }), 'base64').toString())).toEqual({
    amount: (2n ** 100n).toString(),
  });
});
