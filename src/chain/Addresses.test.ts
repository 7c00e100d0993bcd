import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import * as Addresses from './Addresses.ts';
import * as Deployment from './Deployment.ts';

const addresses: Addresses.Addresses = {
  chainId: 31337,
  genesisHash: `0x${'ab'.repeat(32)}`,
  deployedAtBlock: 12n,
  ...Deployment.from({ chainId: 31337, owner: '0x00000000000000000000000000000000000000aa' }).contracts,
};

describe('x402', () => {
  test('agrees with the client of x402', () => {
    const client = createRequire(import.meta.url)('@x402/evm');
    expect(Addresses.x402).toEqual({
      settlement: client.BATCH_SETTLEMENT_ADDRESS,
      erc3009Collector: client.ERC3009_DEPOSIT_COLLECTOR_ADDRESS,
    });
  });
});

describe('parse', () => {
  test('reads what serialize writes, which is the same text for the same book', () => {
    const text = Addresses.serialize(addresses);
    expect(Addresses.parse(text)).toEqual(addresses);
    const reversed = Object.fromEntries(Object.entries(addresses).reverse()) as Addresses.Addresses;
    expect(Addresses.serialize(reversed)).toBe(text);
  });

  const json = JSON.parse(Addresses.serialize(addresses));
  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['a missing address', JSON.stringify({ ...json, vaults: undefined })],
    ['an unknown field', JSON.stringify({ ...json, bank: json.vaults })],
    ['a short address', JSON.stringify({ ...json, vaults: '0x00' })],
    ['a mistyped address', JSON.stringify({ ...json, settlement: json.settlement.replace('dF2ce', 'Df2ce') })],
    ['a block that is a number', JSON.stringify({ ...json, deployedAtBlock: 12 })],
    ['a negative block', JSON.stringify({ ...json, deployedAtBlock: '-1' })],
    ['a block in hex', JSON.stringify({ ...json, deployedAtBlock: '0x1' })],
    ['a chain id that is text', JSON.stringify({ ...json, chainId: '31337' })],
    ['a short hash', JSON.stringify({ ...json, genesisHash: '0x12' })],
  ])('A-143 refuses %s', (_, text) => {
    expect(() => Addresses.parse(text)).toThrow(expect.objectContaining({ code: 'addresses.invalid' }));
  });
});

describe('assertChain', () => {
  test('A-143 tells chains apart by id and by first block', () => {
    const { chainId, genesisHash } = addresses;
    Addresses.assertChain(addresses, { chainId, genesisHash });
    for (const other of [
      { chainId: 1, genesisHash },
      { chainId, genesisHash: `0x${'cd'.repeat(32)}` as const },
    ])
      expect(() => Addresses.assertChain(addresses, other)).toThrow(Addresses.ForeignChainError);
  });
});

describe('isSame', () => {
  test('looks at everything but the block', () => {
    expect(Addresses.isSame(addresses, { ...addresses, deployedAtBlock: 0n })).toBe(true);
    expect(Addresses.isSame(addresses, { ...addresses, logs: addresses.vaults })).toBe(false);
  });
});
