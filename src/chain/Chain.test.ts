import { createRequire } from 'node:module';
import { mnemonicToAccount } from 'viem/accounts';
import { describe, expect, test } from 'vitest';
import * as Chain from './Chain.ts';

describe('assertRpcUrl', () => {
  test.each([
    'https://mainnet.base.org',
    'https://10.0.0.1:8545/key',
    'http://127.0.0.1:8545',
    'http://127.1:8545',
    'http://localhost:8545',
    'http://[::1]:8545',
  ])('A-143 accepts %s', (rpcUrl) => Chain.assertRpcUrl(rpcUrl));

  test.each([
    ['http://mainnet.base.org', 'chain.plain_http'],
    ['http://127.0.0.1.example.com', 'chain.plain_http'],
    ['http://localhost.example.com', 'chain.plain_http'],
    ['http://0.0.0.0:8545', 'chain.plain_http'],
    ['http://192.168.1.7:8545', 'chain.plain_http'],
    ['http://127.0.0.1@example.com', 'chain.plain_http'],
    ['http://[::ffff:8.8.8.8]', 'chain.plain_http'],
    ['ws://127.0.0.1:8545', 'chain.rpc_url'],
    ['file:///etc/passwd', 'chain.rpc_url'],
    ['127.0.0.1:8545', 'chain.rpc_url'],
    ['', 'chain.rpc_url'],
  ])('A-143 refuses %s', (rpcUrl, code) => {
    expect(() => Chain.assertRpcUrl(rpcUrl)).toThrow(expect.objectContaining({ code }));
  });
});

describe('assertPlace', () => {
  test('A-143 finds the local chain on this machine only', () => {
    Chain.assertPlace(Chain.local.id, 'http://127.0.0.1:1');
    Chain.assertPlace(Chain.base.id, 'https://mainnet.base.org');
    expect(() => Chain.assertPlace(Chain.local.id, 'https://mainnet.base.org')).toThrow(Chain.RemoteLocalError);
    expect(() => Chain.assertPlace(Chain.local.id, '')).toThrow(Chain.RpcUrlError);
  });
});

describe('assertAccount', () => {
  test('A-143 refuses accounts whose keys everybody has, except on the local chain', () => {
    const phrase = 'test test test test test test test test test test test junk';
    const accounts = Chain.practiceAccounts.map(
      (_, addressIndex) => mnemonicToAccount(phrase, { addressIndex }).address,
    );
    expect(accounts).toEqual(Chain.practiceAccounts);
    for (const account of accounts) {
      Chain.assertAccount(Chain.local.id, account);
      expect(() => Chain.assertAccount(Chain.base.id, account.toLowerCase() as typeof account)).toThrow(
        Chain.PracticeAccountError,
      );
    }
    Chain.assertAccount(Chain.base.id, '0x00000000000000000000000000000000000000aa');
  });
});

describe('fromId', () => {
  test('knows the chains it lists and no other', () => {
    expect(Chain.fromId(84532)).toBe(Chain.baseSepolia);
    expect(() => Chain.fromId(1)).toThrow(/8453: Base/);
  });
});

describe('dollarOf', () => {
  test('agrees with the dollars of x402', async () => {
    const { ExactEvmScheme } = createRequire(import.meta.url)('@x402/evm/exact/server');
    for (const chain of [Chain.base, Chain.baseSepolia, Chain.arbitrum, Chain.arbitrumSepolia]) {
      const { asset } = await new ExactEvmScheme().parsePrice(1, `eip155:${chain.id}`);
      expect(Chain.dollarOf(chain.id)).toBe(asset);
    }
    expect(Chain.dollarOf(Chain.local.id)).toBeUndefined();
  });
});
