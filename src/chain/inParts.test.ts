import { createClient, custom, HttpRequestError, LimitExceededRpcError, ResponseBodyTooLargeError } from 'viem';
import { getLogs } from 'viem/actions';
import { describe, expect, test } from 'vitest';
import { inParts } from './inParts.ts';

/** A node with one log in each block that refuses, or cuts, what is above a limit. */
function node(limit: number, refuse: (asked: number) => Error | undefined) {
  const asked: number[] = [];
  return {
    asked,
    read: async (from: bigint, to: bigint) => {
      const blocks = Array.from({ length: Number(to - from) + 1 }, (_, at) => from + BigInt(at));
      asked.push(blocks.length);
      const error = blocks.length > limit ? refuse(blocks.length) : undefined;
      if (error) throw error;
      return blocks.slice(0, limit);
    },
  };
}

const all = (count: number) => Array.from({ length: count }, (_, at) => BigInt(at));
const refusals: readonly (readonly [string, Error])[] = [
  ['the code of limits', new LimitExceededRpcError(new Error('query returned more than 10000 results'))],
  ['words', new HttpRequestError({ url: 'http://node', details: 'query exceeds max block range 500' })],
  ['a body that is too large', new ResponseBodyTooLargeError({ maxSize: 1, size: 2 })],
];

describe('a range', () => {
  test.each(refusals)('that a node refuses with %s is read in halves, and complete', async (_, error) => {
    const { read, asked } = node(300, () => error);
    expect(await inParts(0n, 999n, read)).toEqual(all(1_000));
    expect(Math.max(...asked.slice(1))).toBe(500);
  });

  test('that a node cuts off at ten thousand without a word is read in halves (A-114)', async () => {
    const { read } = node(10_000, () => undefined);
    expect(await inParts(0n, 24_999n, read)).toEqual(all(25_000));
  });

  test('of one block, and any other failure, is not asked for again and again', async () => {
    const { read, asked } = node(0, () => new LimitExceededRpcError(new Error('no')));
    await expect(inParts(0n, 3n, read)).rejects.toThrow(LimitExceededRpcError);
    expect(asked).toEqual([4, 2, 1]);
    const broken = createClient({
      transport: custom({ request: () => Promise.reject(new TypeError('gone')) }, { retryCount: 0 }),
    });
    let tries = 0;
    const ask = (fromBlock: bigint, toBlock: bigint) => {
      tries++;
      return getLogs(broken, { fromBlock, toBlock });
    };
    await expect(inParts(0n, 3n, ask)).rejects.toThrow();
    expect(tries).toBe(1);
  });
});
