/**
 * A chain that is used, reorganised and badly answered for, as a seed has it, and an index that follows it. In the end
 * the index must be what one would be that is read anew.
 */
import { type Address, createClient, custom, type Hex, keccak256, stringToHex } from 'viem';
import { encodeFunctionData } from 'viem/utils';
import type { Index } from '../../src/audit/indexer/openIndex.ts';
import { syncIndex } from '../../src/audit/indexer/syncIndex.ts';
import * as Tables from '../../src/audit/indexer/Tables.ts';
import type { Addresses } from '../../src/chain/Addresses.ts';
import { assetsAbi, testDollarAbi } from '../../src/chain/abi/index.ts';
import * as Random from '../../src/internal/kernel/Random.ts';

/** Asks the node itself. */
export type Rpc = (method: string, params?: readonly unknown[]) => Promise<unknown>;

const people = ['ada', 'bob', 'cyd'].map((name) => keccak256(stringToHex(name)).slice(0, 42) as Address);
/** Deepest reorganisation. */
const deepest = 64;

export async function simulate(options: simulate.Options): Promise<simulate.ReturnType> {
  const { rpc, addresses, seed, rounds } = options;
  const random = Random.from(seed);
  const story: string[] = [];
  await rpc('anvil_setBalance', [people[0], '0x56bc75e2d63100000']);
  await rpc('evm_mine');
  const start = await heightOf(rpc);
  let time = Number(((await rpc('eth_getBlockByNumber', ['latest', false])) as { timestamp: Hex }).timestamp);
  // No two blocks are alike, also of those that the chain gave up: the node would take one for the other.
  const tick = async () => {
    time += 1 + Random.below(random, 30);
    await rpc('evm_setNextBlockTimestamp', [time]);
  };
  let { index } = options;
  await wipe(index, addresses);
  const client = createClient({ transport: custom({ request: faulty(rpc, random, story) }, { retryCount: 0 }) });
  let sent: Hex[] = [];
  for (let round = 0; round < rounds; round++) {
    const height = await heightOf(rpc);
    if (height > start && Random.below(random, 4) === 0) {
      const depth = 1 + Random.below(random, Math.min(deepest, height - start));
      await rpc('anvil_rollback', [depth]);
      story.push(`the chain gives up blocks ${height - depth + 1} to ${height}`);
      // The same calls again, in another order and at other times.
      if (Random.below(random, 2) === 0)
        for (const data of shuffled(random, sent)) {
          await tick();
          await send(rpc, addresses, data);
        }
    }
    sent = [];
    for (let blocks = 1 + Random.below(random, 12); blocks > 0; blocks--) {
      await tick();
      if (Random.below(random, 3) === 0) await rpc('evm_mine');
      else sent.push(await send(rpc, addresses, callData(random)));
    }
    if (options.restart && Random.below(random, 8) === 0) {
      story.push('the program starts again');
      index = await options.restart();
    }
    for (let steps = Random.below(random, 3); steps > 0; steps--) {
      await syncIndex(client, index, { addresses }).catch((error: unknown) => story.push(`failed: ${error}`));
    }
  }
  const honest = createClient({ transport: custom({ request: ({ method, params }) => rpc(method, params as never) }) });
  // A chain that gave up blocks and is still shorter looks like a node that is behind.
  const longest = Number((await index.tip())?.number ?? 0n);
  while ((await heightOf(rpc)) <= longest) {
    await tick();
    await rpc('evm_mine');
  }
  while ((await syncIndex(honest, index, { addresses })).more);
  const expected = options.rebuilt;
  await wipe(expected, addresses);
  while ((await syncIndex(honest, expected, { addresses })).more);
  const differences = await compare(index, expected);
  await rpc('anvil_rollback', [(await heightOf(rpc)) - start]);
  return { story, differences, index };
}

export declare namespace simulate {
  type Options = {
    readonly rpc: Rpc;
    readonly addresses: Addresses;
    readonly seed: number;
    readonly rounds: number;
    /** The index that follows; it is emptied first. */
    readonly index: Index;
    /** One that is read anew in the end. */
    readonly rebuilt: Index;
    /** Closes the index and opens it again. */
    restart?(): Promise<Index>;
  };
  type ReturnType = {
    readonly story: readonly string[];
    readonly differences: readonly string[];
    readonly index: Index;
  };
}

async function heightOf(rpc: Rpc): Promise<number> {
  return Number(await rpc('eth_blockNumber'));
}

async function wipe(index: Index, { deployedAtBlock }: Addresses): Promise<void> {
  await index.replace(deployedAtBlock - 1n, { blocks: [], rows: new Map() });
}

/** Tables that differ, with the number of their rows. */
async function compare(index: Index, expected: Index): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name } of Tables.tables) {
    const question = `select * from ${name} order by block, position`;
    const [a, b] = await Promise.all([index.query(question), expected.query(question)]);
    if (JSON.stringify(a) !== JSON.stringify(b))
      found.push(`${name}: ${a.length} rows, a rebuilt index has ${b.length}`);
  }
  const [tip, other] = [await index.tip(), await expected.tip()];
  return tip?.hash === other?.hash ? found : [...found, `the tip is ${tip?.number}, not ${other?.number}`];
}

function callData(random: Random.Random): Hex {
  const someone = people[Random.below(random, people.length)] as Address;
  const number = BigInt(1 + Random.below(random, 1_000_000));
  if (Random.below(random, 2) === 0) {
    return encodeFunctionData({ abi: testDollarAbi, functionName: 'mint', args: [someone, number] });
  }
  const manifestRoot: Hex = `0x${number.toString(16).padStart(64, '0')}`;
  const uri = ['ipfs://x', "'; drop table blocks; --\0\uFFFF", '{"query":"{__schema}"}', '\u202e<script>'][
    Random.below(random, 4)
  ] as string;
  const publication = { kind: 0, manifestRoot, salt: manifestRoot, uri };
  return encodeFunctionData({ abi: assetsAbi, functionName: 'publish', args: [publication, []] });
}

/** Sends a call in a block of its own; one that is no longer possible stays away. */
async function send(rpc: Rpc, { token, assets }: Addresses, data: Hex): Promise<Hex> {
  const to = data.startsWith(mintSelector) ? token : assets;
  await rpc('eth_sendTransaction', [{ from: people[0], to, data, gas: '0x7a120' }]).catch(() => undefined);
  return data;
}

const mintSelector = '0x40c10f19';

function shuffled<item>(random: Random.Random, items: readonly item[]): readonly item[] {
  const left = [...items];
  return items.map(() => left.splice(Random.below(random, left.length), 1)[0] as item);
}

type Request = { readonly method: string; readonly params?: unknown };

/** A node that now and then fails, is slow, lags behind, or leaves out, cuts off or repeats events. */
function faulty(rpc: Rpc, random: Random.Random, story: string[]) {
  return async ({ method, params }: Request): Promise<unknown> => {
    const fault = Random.below(random, 40);
    if (fault === 0) {
      story.push(`${method} fails`);
      throw new TypeError('the node failed');
    }
    if (fault === 1) await new Promise((resolve) => setTimeout(resolve, Random.below(random, 10)));
    const answer = await rpc(method, params as readonly unknown[]);
    if (method === 'eth_getBlockByNumber' && fault < 6 && (params as unknown[])[0] === 'latest') {
      const height = Number((answer as { number: Hex }).number);
      const stale = Math.max(1, height - Random.below(random, 5));
      story.push(`the node says that block ${stale} of ${height} is the newest`);
      return rpc(method, [`0x${stale.toString(16)}`, false]);
    }
    if (method !== 'eth_getLogs' || !Array.isArray(answer) || !('fromBlock' in ((params as object[])[0] ?? {})))
      return answer;
    if (fault < 8) {
      story.push(`${answer.length} events are left out`);
      return [];
    }
    if (fault < 12) return [...answer].reverse();
    return fault < 16 ? [...answer, ...answer] : answer;
  };
}
