import { type AbiEvent, encodeAbiParameters, encodeEventTopics, getAddress, type Hex, zeroHash } from 'viem';
import { describe, expect, it } from 'vitest';
import * as Row from './Row.ts';
import * as Tables from './Tables.ts';

const someone = getAddress(`0x${'ab'.repeat(20)}`);
const hash: Hex = `0x${'CD'.repeat(32)}`;

/** The log of an event with some arguments. */
function logOf({ event }: Tables.Table, args: Record<string, unknown>): Row.Mined {
  const plain = event.inputs.filter(({ indexed }) => !indexed);
  const data = encodeAbiParameters(plain, plain.map(({ name }) => args[name ?? '']) as never);
  const topics = encodeEventTopics({ abi: [event as AbiEvent], args: args as never }) as [Hex];
  return { address: someone, data, topics, blockNumber: 7n, logIndex: 3, transactionHash: zeroHash } as never;
}

const table = (name: string) => Tables.tables.find((one) => one.name === name) as Tables.Table;

describe('a row', () => {
  it('has text as it is, whatever it looks like, but for what PostgreSQL cannot store (A-168)', () => {
    const publish = table('assets_publish');
    const args = {
      asset: 2n ** 255n,
      publisher: someone,
      manifestRoot: hash,
      kind: 1,
      salt: hash,
      uri: '0xABCdef\0\uD800',
    };
    expect(Row.from(publish, logOf(publish, args))).toEqual({
      block: '7',
      position: 3,
      transaction: zeroHash,
      asset: (2n ** 255n).toString(),
      publisher: someone.toLowerCase(),
      manifest_root: hash.toLowerCase(),
      kind: 1,
      salt: hash.toLowerCase(),
      uri: '0xABCdef\uFFFD\uFFFD',
    });
  });

  it('has structs and lists as JSON, with addresses in lower case', () => {
    const bind = table('vaults_announce');
    const args = { account: 1n, payees: [{ account: someone, bps: 9_000 }], usableFrom: 5 };
    expect(Row.from(bind, logOf(bind, args))).toMatchObject({
      account: '1',
      payees: [{ account: someone.toLowerCase(), bps: 9_000 }],
    });
  });

  it('is not made from a log of something else', () => {
    const [publish, update] = [table('assets_publish'), table('assets_update')];
    const args = { asset: 1n, version: 2, manifestRoot: hash, uri: 'x' };
    expect(() => Row.from(publish, logOf(update, args))).toThrow(Row.UndecodableError);
  });
});
