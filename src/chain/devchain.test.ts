import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestClient, http, publicActions } from 'viem';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generationsOf, recoverGenerations, rotateGenerations } from '../internal/node/generations.ts';
import { local } from './Chain.ts';
import { startDevchain } from './devchain.ts';

let folder: string;
const running: startDevchain.ReturnType[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devchain-'));
});

afterEach(async () => {
  for (const chain of running.splice(0)) await chain.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: startDevchain.Options = {}) {
  const chain = await startDevchain({ port: 0, ...options });
  running.push(chain);
  return { ...chain, client: clientOf(chain.url) };
}

function clientOf(url: string) {
  return createTestClient({ mode: 'anvil', chain: local, transport: http(url, { retryCount: 0 }) }).extend(
    publicActions,
  );
}

async function killed(pid: number) {
  process.kill(pid, 'SIGKILL');
  for (;;) {
    try {
      process.kill(pid, 0);
      await sleep(5);
    } catch {
      return;
    }
  }
}

describe('startDevchain', () => {
  test('listens on loopback with chain id 31337 under the rules of prague', async () => {
    const { client, url, port } = await start();
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect(await client.getChainId()).toBe(31337);
    // BLS12-381 addition exists since prague.
    const { data } = await client.call({
      to: '0x000000000000000000000000000000000000000b',
      data: `0x${'00'.repeat(256)}`,
    });
    expect(data).toBe(`0x${'00'.repeat(128)}`);
  });

  test('mines transactions at once and empty blocks on a timer', async () => {
    const { client } = await start({ blockTime: 1 });
    const before = await client.getBlockNumber();
    await expect.poll(() => client.getBlockNumber({ cacheTime: 0 }), { timeout: 5000 }).toBeGreaterThan(before + 1n);
  });

  test('names a taken port and how to choose another', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(startDevchain({ port })).rejects.toMatchObject({
      code: 'devchain.port_taken',
      message: expect.stringMatching(new RegExp(`Port ${port} .*\n.*option \`port\``)),
    });
    server.close();
  });

  test('goes on after a stop with its genesis, logs, nonces and clock', async () => {
    const stateFile = join(folder, 'chain.json');
    const first = await start({ stateFile });
    await first.client.setCode({ address: '0x00000000000000000000000000000000000000aa', bytecode: '0x60006000a0' });
    const from = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
    const to = '0x00000000000000000000000000000000000000aa';
    // The node answers before it has mined.
    await first.client.waitForTransactionReceipt({ hash: await first.client.sendUnsignedTransaction({ from, to }) });
    const genesis = await first.client.getBlock({ blockNumber: 0n });
    await first.stop();
    expect(existsSync(`${stateFile}.lock`)).toBe(false);
    await sleep(1500);

    const { client } = await start({ stateFile });
    expect((await client.getBlock({ blockNumber: 0n })).hash).toBe(genesis.hash);
    expect(await client.getLogs({ fromBlock: 0n })).toHaveLength(1);
    expect(await client.getTransactionCount({ address: from })).toBe(1);
    await client.mine({ blocks: 1 });
    expect(Math.abs(Number((await client.getBlock()).timestamp) - Date.now() / 1000)).toBeLessThan(2);
  });

  test('survives kill -9 at any moment, as of one of the last saves', async () => {
    const stateFile = join(folder, 'chain.json');
    let acknowledged = 0n;
    let genesis: string | undefined;
    for (let round = 0; round < 6; round++) {
      const { client, pid } = await start({ stateFile });
      const found = await client.getBlockNumber();
      expect(found).toBeGreaterThanOrEqual(acknowledged);
      const { hash } = await client.getBlock({ blockNumber: 0n });
      expect(hash).toBe(genesis ?? hash);
      genesis = hash;
      // Large code makes a save long, so that kills land in the middle of one.
      for (let index = 0; index < 40; index++)
        await client.setCode({ address: addressOf(round * 40 + index), bytecode: `0x${'60'.repeat(24_000)}` });
      await client.mine({ blocks: 5 });
      acknowledged = found;
      await sleep(2000 + round * 7);
      await killed(pid);
    }
  });

  test('goes on from the last complete save when the newest one is torn', async () => {
    const stateFile = join(folder, 'chain.json');
    const { client, pid } = await start({ stateFile });
    await client.mine({ blocks: 3 });
    await expect.poll(() => existsSync(`${stateFile}.prev`), { timeout: 10_000 }).toBe(true);
    await killed(pid);
    // What a node leaves that is killed while it saves: the beginning of a state.
    await writeFile(`${stateFile}.live`, (await readFile(stateFile)).subarray(0, 1000));
    const again = await start({ stateFile });
    expect(await again.client.getBlockNumber()).toBe(3n);
  });

  test.each([
    ['a foreign file', '{"name":"my notes"}'],
    ['a torn file', '{"block":{"number":"0x0"},"acc'],
    ['an empty file', ''],
  ])('refuses %s and leaves it as it is', async (_, content) => {
    const stateFile = join(folder, 'chain.json');
    await writeFile(stateFile, content);
    await expect(startDevchain({ port: 0, stateFile })).rejects.toMatchObject({
      code: 'devchain.invalid_state',
      hint: expect.stringContaining('Restore it from a copy'),
    });
    expect(await readFile(stateFile, 'utf8')).toBe(content);
    expect(existsSync(`${stateFile}.lock`)).toBe(false);
  });

  test('refuses a state file that a running chain writes to', async () => {
    const stateFile = join(folder, 'chain.json');
    const { pid } = await start({ stateFile });
    await expect(startDevchain({ port: 0, stateFile })).rejects.toMatchObject({
      code: 'devchain.state_in_use',
      message: expect.stringContaining(`process ${pid}`),
    });
  });

  test('takes over from a node whose starter was killed', async () => {
    const stateFile = join(folder, 'chain.json');
    const program = `import { startDevchain } from ${JSON.stringify(new URL('./devchain.ts', import.meta.url).href)};
      const chain = await startDevchain({ port: 0, stateFile: ${JSON.stringify(stateFile)} });
      console.log(JSON.stringify(chain));`;
    const starter = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await new Promise<Buffer[]>((done) => starter.stdout.once('data', (...data) => done(data)));
    const orphan = JSON.parse(String(line)) as { url: string; pid: number };
    await killed(starter.pid as number);
    await clientOf(orphan.url).mine({ blocks: 9 });
    const { client, pid } = await start({ stateFile });
    expect(pid).not.toBe(orphan.pid);
    expect(await client.getBlockNumber()).toBe(9n);
  });

  test('appends the output of the node to a log file', async () => {
    const logFile = join(folder, 'chain.log');
    await appendFile(logFile, 'before\n');
    const { client } = await start({ logFile });
    await client.getBlockNumber();
    const text = await readFile(logFile, 'utf8');
    expect(text).toMatch(/^before\n/);
    expect(text).toContain('Listening on 127.0.0.1');
  });
});

describe('recoverGenerations', () => {
  const complete = async (path: string) => (await readFile(path, 'utf8')).endsWith('}');

  test('keeps a complete file at every step of a rotation', async () => {
    const generations = generationsOf(join(folder, 'state'));
    await writeFile(generations.file, '{0}');
    for (let write = 1; write < 5; write++) {
      await writeFile(generations.live, `{${write}`);
      expect(await complete(generations.file)).toBe(true);
      await writeFile(generations.live, `{${write}}`);
      await rotateGenerations(generations);
    }
    expect(await readFile(generations.file, 'utf8')).toBe('{3}');
    expect(await recoverGenerations(generations, complete)).toBe(true);
    expect(await readFile(generations.file, 'utf8')).toBe('{4}');
  });

  test('does not take a torn generation for one of the next writer', async () => {
    const generations = generationsOf(join(folder, 'state'));
    await writeFile(generations.previous, '{1}');
    await writeFile(generations.live, '{2');
    await recoverGenerations(generations, complete);
    expect(await readdir(folder)).toEqual(['state']);
    await rotateGenerations(generations);
    await writeFile(generations.live, '{3}');
    await rotateGenerations(generations);
    expect(await readFile(generations.file, 'utf8')).toBe('{1}');
  });

  test('lets a restored copy win over older generations', async () => {
    const generations = generationsOf(join(folder, 'state'));
    await writeFile(generations.live, '{old}');
    await sleep(20);
    await writeFile(generations.file, '{restored}');
    await recoverGenerations(generations, complete);
    expect(await readFile(generations.file, 'utf8')).toBe('{restored}');
  });
});

function addressOf(index: number): `0x${string}` {
  return `0x${(0x10000 + index).toString(16).padStart(40, '0')}`;
}
