import { type Abi, type AbiParameter, maxUint256, toFunctionSignature } from 'viem';
import { describe, expect, test } from 'vitest';
import * as contracts from './abi/index.ts';
import { explain, type FunctionName, functionNames } from './explain.ts';
import { errorNames, explainError } from './explainError.ts';

const abis = Object.entries(contracts)
  .filter(([name]) => name.endsWith('Abi'))
  .map(([name, abi]) => ({ contract: name.charAt(0).toUpperCase() + name.slice(1, -3), abi: abi as Abi }));

const writing = abis.flatMap(({ contract, abi }) =>
  abi
    .filter((item) => item.type === 'function')
    .filter((item) => item.stateMutability === 'nonpayable' || item.stateMutability === 'payable')
    .map((item) => ({ name: `${contract}.${item.name}`, signature: toFunctionSignature(item), inputs: item.inputs })),
);
const errors = abis.flatMap(({ abi }) => abi.filter((item) => item.type === 'error'));

/** A value of any type, the same each time. */
function sample(parameter: AbiParameter): unknown {
  const { type } = parameter;
  if (type.endsWith('[]')) return [sample({ ...parameter, type: type.slice(0, -2) })];
  if (type === 'tuple')
    return Object.fromEntries(componentsOf(parameter).map((part) => [part.name ?? '', sample(part)]));
  if (type === 'address') return '0x1111111111111111111111111111111111111111';
  if (type === 'bool') return true;
  if (type === 'string') return 'text';
  if (type.startsWith('bytes')) return `0x${'61'.repeat(Number(type.slice(5)) || 4)}`;
  const bits = Number(type.slice(4)) || 256;
  return bits <= 48 ? 1 : 1_500_000n;
}

function componentsOf(parameter: AbiParameter): readonly AbiParameter[] {
  return 'components' in parameter ? parameter.components : [];
}

const sentence = /^[A-Z$0-9].*[^.]\.$/s;

describe('explain', () => {
  test.each(writing)('has a sentence for $name', ({ name, inputs }) => {
    const text = explain(name as FunctionName, inputs.map(sample));
    expect(text).toMatch(sentence);
    expect(text).not.toMatch(/undefined|NaN|\[object/);
  });

  test('has none for what does not exist', () => {
    expect([...functionNames].sort()).toEqual([...new Set(writing.map(({ name }) => name))].sort());
    for (const name of ['Channels.steal', 'Nothing.claim', 'Channels.toString', 'claim'])
      expect(() => explain(name as FunctionName, [])).toThrow(/no function/);
  });

  test('says who pays what, in dollars', () => {
    const config = {
      payer: '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf',
      payerAuthorizer: '0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF',
      receiver: '0x00000000000000000000000000000000000000aa',
      receiverAuthorizer: '0x6813Eb9362372EEF6200f3b1dbC3f819671cBA69',
      token: '0x00000000000000000000000000000000000000bb',
      withdrawDelay: 900,
      salt: `0x${'00'.repeat(32)}`,
    };
    expect(explain('Channels.deposit', [config, 12_500_000n, config.token, '0x'])).toMatchInlineSnapshot(
      `"Lock $12.50 of 0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf in a channel to 0x00000000000000000000000000000000000000AA. What is not spent can be taken back 15 minutes after asking."`,
    );
    expect(explain('TestDollar.approve', [config.receiver, maxUint256])).toMatchInlineSnapshot(
      `"Allow 0x00000000000000000000000000000000000000AA to spend any amount of your practice money."`,
    );
    expect(explain('Authorizers.register', [`0x${'00'.repeat(20)}`])).toMatchInlineSnapshot(
      `"Withdraw your settler: only you sign your claims and refunds from now on."`,
    );
    expect(explain('Assets.setDelegate', [1n << 200n, config.payer, 6])).toMatchInlineSnapshot(
      `"Let 0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf make offers and set shares for asset 0x00000000...00000000 until it is transferred."`,
    );
    expect(
      explain('Vaults.configure', [
        BigInt(config.payer),
        [
          { account: `0x${'00'.repeat(20)}`, bps: 9750 },
          { account: config.receiver, bps: 250 },
        ],
        259_200,
        [],
        { upstream: [], payees: [], owner: config.payer, treasury: config.payer, feeBps: 0, window: 0 },
      ]),
    ).toMatchInlineSnapshot(
      `"Divide what seller 0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf earns from now on: 97.5 % to the owner, 2.5 % to 0x00000000000000000000000000000000000000AA. Buyers can be refunded for 3 days."`,
    );
  });
});

describe('explainError', () => {
  test.each(errors)('has a sentence for $name', ({ name, inputs }) => {
    expect(errorNames).toContain(name);
    const text = explainError(name, inputs.map(sample));
    expect(text).toMatch(sentence);
    expect(text).not.toMatch(/undefined|NaN|\[object/);
  });

  test('has no row for an error that no contract has', () => {
    const known = new Set([...errors.map(({ name }) => name), 'Error', 'Panic', 'Unknown']);
    expect(errorNames.filter((name) => !known.has(name))).toEqual([]);
  });

  test('A-140 repeats text of others without control characters', () => {
    expect(explainError('Error', ['\u001b[31mred\u0007\n\u202e'])).toBe('The contract refused: [31mred.');
    expect(explainError('Strange', [])).toBe('The contract refused: Strange.');
    expect(explainError('Error', ['a'.repeat(5000)]).length).toBeLessThan(300);
  });
});
