import type { Address, Hex } from 'viem';
import { encodeFunctionData } from 'viem/utils';
import { describe, expect, test } from 'vitest';
import { assetsAbi, channelsAbi, testDollarAbi, vaultsAbi } from '../../chain/abi/index.ts';
import * as Channel from '../../pay/Channel.ts';
import * as Call from './Call.ts';

const at = (n: number): Address => `0x${n.toString(16).padStart(40, '0')}`;
const word: Hex = `0x${'1'.repeat(64)}`;

const addresses = {
  chainId: 31_337,
  genesisHash: word,
  deployedAtBlock: 0n,
  token: at(1),
  settlement: at(2),
  erc3009Collector: at(3),
  allowanceCollector: at(4),
  authorizers: at(5),
  authorizerImplementation: at(6),
  policy: at(7),
  assets: at(8),
  licenses: at(9),
  escrows: at(14),
  resales: at(15),
  allowList: at(16),
  vaults: at(10),
  vaultImplementation: at(11),
  logs: at(12),
  multicall3: at(13),
};
const limits: Call.Limits = { addresses, tokens: [addresses.token], receivers: [at(20)], authorizer: at(21) };

const config: Channel.Config = {
  payer: at(30),
  payerAuthorizer: at(30),
  receiver: at(20),
  receiverAuthorizer: at(21),
  token: addresses.token,
  withdrawDelay: 900,
  salt: word,
};
const place = { chainId: addresses.chainId, settlement: addresses.settlement };
const refund = encodeFunctionData({
  abi: channelsAbi,
  functionName: 'refundWithSignature',
  args: [config, 1n, 0n, '0x'],
});
const withdraw = encodeFunctionData({ abi: channelsAbi, functionName: 'initiateWithdraw', args: [config, 1n] });
const harvest = encodeFunctionData({ abi: vaultsAbi, functionName: 'harvest', args: [1n, addresses.token] });
const transfer = encodeFunctionData({ abi: testDollarAbi, functionName: 'transfer', args: [at(40), 1n] });
const approve = encodeFunctionData({ abi: assetsAbi, functionName: 'setApprovalForAll', args: [at(40), true] });

describe('assertMethod', () => {
  test('lets pass what a settler needs', () => {
    Call.assertMethod(Call.multicall(addresses.settlement, [refund], 1n), limits);
    Call.assertMethod({ to: addresses.vaults, data: harvest, atoms: 0n }, limits);
  });

  test.each<[string, Address, Hex]>([
    ['a transfer of a token', addresses.token, transfer],
    ['a refund outside of a claim', addresses.settlement, refund],
    ['a withdrawal', addresses.settlement, withdraw],
    ['a harvest at another contract', at(50), harvest],
    ['an approval of assets', addresses.assets, approve],
    ['a method nobody knows', addresses.vaults, '0xdeadbeef'],
    ['nothing', addresses.vaults, '0x'],
  ])('refuses %s', (_, to, data) => {
    expect(() => Call.assertMethod({ to, data, atoms: 0n }, limits)).toThrow(Call.NotAllowedError);
  });

  test('looks inside a multicall, also inside one that is inside another', () => {
    const inner = Call.multicall(addresses.settlement, [refund], 1n).data;
    for (const parts of [[withdraw], [refund, withdraw], [inner]])
      expect(() => Call.assertMethod(Call.multicall(addresses.settlement, parts, 0n), limits)).toThrow(
        Call.NotAllowedError,
      );
  });
});

describe('assertChannel', () => {
  test('lets pass a channel of the seller', () => {
    Call.assertChannel(config, Channel.idOf(config, place), limits);
  });

  test.each<[string, Partial<Channel.Config>]>([
    ['receiver', { receiver: at(60) }],
    ['token', { token: at(61) }],
    ['authorizer', { receiverAuthorizer: at(62) }],
  ])('refuses another %s', (what, change) => {
    const other = { ...config, ...change };
    expect(() => Call.assertChannel(other, Channel.idOf(other, place), limits)).toThrow(`the ${what}`);
  });

  test('refuses an id of another channel', () => {
    expect(() => Call.assertChannel(config, word, limits)).toThrow(Call.NotAllowedError);
  });
});

describe('assertCollector', () => {
  test('knows two collectors', () => {
    Call.assertCollector(addresses.erc3009Collector, limits);
    Call.assertCollector(addresses.allowanceCollector, limits);
    expect(() => Call.assertCollector(at(70), limits)).toThrow(Call.NotAllowedError);
  });
});
