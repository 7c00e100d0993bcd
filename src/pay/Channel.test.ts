import { computeChannelId } from '@x402/evm/batch-settlement/client';
import fc from 'fast-check';
import type { Address, Hex } from 'viem';
import { hashTypedData } from 'viem';
import { expect, it } from 'vitest';
import vectors from '../../test/vectors/x402-batch-settlement.json' with { type: 'json' };
import * as Channel from './Channel.ts';

const config = vectors.vectors.config as Channel.Config;
const place: Channel.Place = {
  chainId: vectors.vectors.chainId,
  settlement: vectors.address.settlement as Address,
};
const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((b) => `0x${Buffer.from(b).toString('hex')}` as Hex);
const configs: fc.Arbitrary<Channel.Config> = fc.record({
  payer: hex(20),
  payerAuthorizer: hex(20),
  receiver: hex(20),
  receiverAuthorizer: hex(20),
  token: hex(20),
  withdrawDelay: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
  salt: hex(32),
});

it('has the id of the deployed contract', () => {
  expect(Channel.idOf(config, place)).toBe(vectors.vectors.channelId);
});

it('has the id that typed data and the stock client give, for any configuration', () => {
  fc.assert(
    fc.property(configs, (any) => {
      const id = Channel.idOf(any, place);
      const message = { ...any };
      const domain = { ...Channel.domainOf(place) };
      const { ChannelConfig } = vectors.types;
      expect(id).toBe(hashTypedData({ domain, types: { ChannelConfig }, primaryType: 'ChannelConfig', message }));
      expect(id).toBe(computeChannelId(any, `eip155:${place.chainId}`));
    }),
    { numRuns: 50 },
  );
});

it('is another channel on another chain, at another contract and with any other field (A-001, A-002, A-155)', () => {
  const id = Channel.idOf(config, place);
  const others = [
    Channel.idOf(config, { ...place, chainId: 8453 }),
    Channel.idOf(config, { ...place, settlement: config.token }),
    Channel.idOf({ ...config, payer: config.receiver, receiver: config.payer }, place),
    Channel.idOf({ ...config, withdrawDelay: config.withdrawDelay + 1 }, place),
    ...(['payer', 'payerAuthorizer', 'receiver', 'receiverAuthorizer', 'token'] as const).map((field) =>
      Channel.idOf({ ...config, [field]: `0x${'77'.repeat(20)}` }, place),
    ),
  ];
  expect(new Set([id, ...others]).size).toBe(others.length + 1);
});

it('compares every field and no letter case', () => {
  fc.assert(
    fc.property(configs, configs, (a, b) => {
      const loud = Object.fromEntries(
        Object.entries(a).map(([key, value]) => [
          key,
          typeof value === 'string' ? `0x${value.slice(2).toUpperCase()}` : value,
        ]),
      ) as Channel.Config;
      expect(Channel.equals(a, loud)).toBe(true);
      for (const field of Object.keys(a) as (keyof Channel.Config)[]) {
        const mixed = { ...a, [field]: b[field] } as Channel.Config;
        expect(Channel.equals(a, mixed)).toBe(a[field] === b[field]);
      }
    }),
  );
});

it('is signed for by the authorizer, or by the payer where there is none', () => {
  expect(Channel.signerOf(config)).toBe(config.payerAuthorizer);
  expect(Channel.signerOf({ ...config, payerAuthorizer: `0x${'0'.repeat(40)}` })).toBe(config.payer);
});
