import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Address, type Client, encodeFunctionData, type Hash, keccak256, numberToHex, stringToHex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isInstalled, startPostgres } from '../../../test/actors/startPostgres.ts';
import { simulate } from '../../../test/support/simulateIndex.ts';
import { type Market, startMarket } from '../../../test/support/startMarket.ts';
import { assetsAbi } from '../../chain/abi/index.ts';
import { type Index, openIndex } from './openIndex.ts';
import { syncIndex } from './syncIndex.ts';
import * as Tables from './Tables.ts';

const program = join(import.meta.dirname, '../../../test/actors/indexProcess.ts');
let market: Market;
let folder: string;
let index: Index;
let rebuilt: Index;

async function begin(): Promise<void> {
  market = await startMarket();
  folder = await mkdtemp(join(tmpdir(), 'index-'));
  index = await open('followed');
  rebuilt = await open('rebuilt');
  await rpc('anvil_autoImpersonateAccount', [true]);
}
async function end(): Promise<void> {
  await index?.close();
  await rebuilt?.close();
  await market?.stop();
  await rm(folder, { recursive: true, force: true });
}

const open = (name: string) => openIndex({ folder: join(folder, name), addresses: market.addresses });
const rpc = (method: string, params: readonly unknown[] = []) =>
  market.operator.request({ method, params } as never) as Promise<unknown>;

async function restart(): Promise<Index> {
  await index.close();
  index = await open('followed');
  return index;
}

// A node that has rolled back many times loses blocks that it has said it has, so that none is used for long.
describe.each([1, 5, 9])('an index that follows a chain with faults and reorganisations', (first) => {
  beforeAll(begin);
  afterAll(end);

  it.each([first, first + 1, first + 2, first + 3])(
    'is what a rebuilt one is, seed %i (A-112, A-114, A-168)',
    async (seed) => {
      const { addresses } = market;
      const { story, differences } = await simulate({ rpc, addresses, seed, rounds: 12, index, rebuilt, restart });
      expect(differences, story.join('\n')).toEqual([]);
    },
  );
});

describe('an index on a PostgreSQL server', () => {
  beforeAll(begin);
  afterAll(end);

  it.runIf(isInstalled())(
    'is what one in a folder is, goes on, and is written by one process (A-112, A-115)',
    async () => {
      const postgres = await startPostgres();
      const { addresses } = market;
      const openServer = () => openIndex({ url: postgres.url, addresses });
      let server = await openServer();
      await expect(openServer()).rejects.toMatchObject({ code: 'index.in_use' });
      const again = async () => {
        await server.close();
        server = await openServer();
        return server;
      };
      for (const seed of [101, 102, 103]) {
        const options = { rpc, addresses, seed, rounds: 12, index: server, rebuilt, restart: again };
        const { story, differences } = await simulate(options);
        expect(differences, story.join('\n')).toEqual([]);
      }
      await server.close();
      await postgres.stop();
    },
  );
});

describe('an index', () => {
  beforeAll(begin);
  afterAll(end);

  it('never hears a contract that is not of the deployment, whatever it emits (A-170)', async () => {
    await empty(index);
    const before = await catchUp();
    const code = await rpc('eth_getCode', [market.addresses.assets, 'latest']);
    const twin = '0x00000000000000000000000000000000000000aa';
    await rpc('anvil_setCode', [twin, code]);
    await publish('look-alike', twin);
    await publish('real');
    const after = await catchUp();
    expect(after.assets_publish).toBe((before.assets_publish ?? 0) + 1);
    expect(
      (await index.query<{ uri: string }>('select uri from assets_publish order by block desc limit 1'))[0]?.uri,
    ).toBe('real');
  });

  it('takes no blocks that do not follow each other: the node changed its mind between two answers', async () => {
    await empty(index);
    await mine(4);
    await publish('before the gap');
    await catchUp();
    const before = await index.tip();
    await mine(4);
    const gap = (before?.number ?? 0n) + 2n;
    const torn = asking(async (block: { hash: Hash }, tag) =>
      tag === numberToHex(gap) ? { ...block, hash: `0x${'7'.repeat(64)}` } : block,
    );
    await expect(syncIndex(torn, index, { addresses: market.addresses })).rejects.toMatchObject({
      code: 'index.inconsistent',
    });
    expect(await index.tip()).toEqual(before);
    await catchUp();
    expect((await index.tip())?.number).toBe((before?.number ?? 0n) + 4n);
  });

  it('keeps what it has when a node is behind', async () => {
    await publish('the newest');
    const rows = await catchUp();
    const tip = (await index.tip())?.number ?? 0n;
    const behind = asking((block, tag) => (tag === 'latest' ? blockAt(tip - 3n) : block));
    expect(await syncIndex(behind, index, { addresses: market.addresses })).toEqual({
      tip,
      head: tip - 3n,
      more: false,
    });
    expect([(await index.tip())?.number, await counts(index)]).toEqual([tip, rows]);
  });

  it('is written by one process at a time (A-115)', async () => {
    await expect(open('followed')).rejects.toMatchObject({ code: 'index.in_use' });
  });

  it('is of one deployment', async () => {
    const addresses = { ...market.addresses, genesisHash: `0x${'1'.repeat(64)}` as const };
    const other = await open('other');
    await other.close();
    await expect(openIndex({ folder: join(folder, 'other'), addresses })).rejects.toMatchObject({
      code: 'index.other',
    });
  });

  it('of a process that was killed anywhere goes on where it was (A-115)', async () => {
    const path = join(folder, 'killed');
    for (let round = 0; round < 4; round++) {
      for (let at = 0; at < 15; at++) await publish(`round ${round} ${at}`);
      const child = spawn(process.execPath, [program, path, join(market.folder, 'addresses.json'), market.rpcUrl], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      // In the middle of opening and reading at first, and once when it has caught up.
      const ready = once(child.stdout, 'data');
      await Promise.race([ready, sleep(round === 3 ? 30_000 : 300 + 250 * round)]);
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const killed = await open('killed');
    await empty(index);
    await catchUp();
    while ((await syncIndex(market.operator, killed, { addresses: market.addresses })).more);
    expect(await counts(killed)).toEqual(await counts(index));
    expect(await killed.tip()).toEqual(await index.tip());
    await killed.close();
  });

  it('halts when the chain gives up what was final, and keeps what it has (A-113)', async () => {
    const before = await rpc('evm_snapshot');
    await empty(index);
    await mine(40);
    await catchUp();
    const [tip, kept] = [await index.tip(), await counts(index)];
    await rpc('evm_revert', [before]);
    const lower = await rpc('evm_snapshot');
    await publish('elsewhere');
    await mine(60);
    await expect(syncIndex(market.operator, index, { addresses: market.addresses, final: 16n })).rejects.toMatchObject({
      code: 'index.beyond_finality',
    });
    expect([await index.tip(), await counts(index)]).toEqual([tip, kept]);
    await rpc('evm_revert', [lower]);
  });
});

const blockAt = (number: bigint) => rpc('eth_getBlockByNumber', [numberToHex(number), false]);

/** A node that answers a question for a block with another one. */
function asking<block>(answer: (block: block, tag: string) => unknown): Client {
  const request = async ({ method, params }: { method: string; params: readonly unknown[] }) => {
    const found = await rpc(method, params);
    return method === 'eth_getBlockByNumber' ? answer(found as block, params[0] as string) : found;
  };
  return { ...market.operator, request } as never;
}

const empty = (some: Index) => some.replace(market.addresses.deployedAtBlock - 1n, { blocks: [], rows: new Map() });
const mine = (blocks: number) => rpc('anvil_mine', [`0x${blocks.toString(16)}`]);

async function publish(uri: string, to: Address = market.addresses.assets): Promise<void> {
  const root = keccak256(stringToHex(uri));
  const args = [{ kind: 0, manifestRoot: root, salt: root, uri }, []] as const;
  const data = encodeFunctionData({ abi: assetsAbi, functionName: 'publish', args });
  const hash = await rpc('eth_sendTransaction', [{ from: market.operator.account.address, to, data }]);
  await market.operator.waitForTransactionReceipt({ hash: hash as Hash, pollingInterval: 20 });
}

/** Rows by table, once everything is read. */
async function catchUp(): Promise<Readonly<Record<string, number>>> {
  while ((await syncIndex(market.operator, index, { addresses: market.addresses })).more);
  return counts(index);
}

async function counts(some: Index): Promise<Readonly<Record<string, number>>> {
  const rows = await Promise.all(
    Tables.tables.map(async ({ name }) => [name, (await some.query(`select 1 from ${name}`)).length] as const),
  );
  return Object.fromEntries(rows.filter(([, count]) => count > 0));
}
