import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, parseAbi } from 'viem';
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import vectors from '../../test/vectors/x402-batch-settlement.json' with { type: 'json' };
import * as Addresses from './Addresses.ts';
import { channelsAbi, policyAbi, vaultsAbi } from './abi/index.ts';
import { dollarOf } from './Chain.ts';
import { type Client, createClient } from './client.ts';
import * as Deployment from './Deployment.ts';
import { deploy } from './deploy.ts';
import { anvilPath, startDevchain } from './devchain.ts';

const phrase = 'test test test test test test test test test test test junk';
const account = mnemonicToAccount(phrase);
const { steps } = Deployment.from({ chainId: 31337, owner: account.address });

let folder: string;
let bookFile: string;
let chain: startDevchain.ReturnType;
let client: Client<Account>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deploy-'));
  bookFile = join(folder, 'addresses.json');
  chain = await startDevchain({ port: 0 });
  client = await createClient({ rpcUrl: chain.url, account });
});

afterEach(async () => {
  await chain.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('deploy', () => {
  test('makes every contract and writes the address book', async () => {
    const sentences: string[] = [];
    const { addresses, sent } = await deploy(client, {
      bookFile,
      onProgress: ({ status, sentence }) => void (status === 'done' && sentences.push(sentence)),
    });
    expect(sent).toBe(16);
    expect(sentences[0]).toBe(`Put Multicall3 at ${addresses.multicall3}, its address on public chains.`);
    expect(Addresses.parse(await readFile(bookFile, 'utf8'))).toEqual(addresses);
    expect(await readdir(folder)).toEqual(['addresses.json']);
    for (const [name, value] of Object.entries(addresses)) {
      if (['chainId', 'genesisHash', 'deployedAtBlock'].includes(name)) continue;
      expect(await client.getCode({ address: value as `0x${string}` }), name).toBeDefined();
    }
    await createClient({ rpcUrl: chain.url, addresses });
  });

  test('sends nothing when everything is there', async () => {
    const first = await deploy(client, { bookFile });
    const nonce = await client.getTransactionCount({ address: account.address });
    const block = await client.getBlockNumber({ cacheTime: 0 });
    const second = await deploy(client, { bookFile });
    expect(second).toEqual({ addresses: first.addresses, sent: 0 });
    expect(await client.getTransactionCount({ address: account.address })).toBe(nonce);
    expect(await client.getBlockNumber({ cacheTime: 0 })).toBe(block);
  });

  test('is finished by the next run when it is cut off at any step, before and after it', async () => {
    const sent: number[] = [];
    for (const [index, step] of steps.entries()) {
      if (step.kind === 'expect') continue;
      for (const status of ['sending', 'done'] as const) {
        const cut = new CutError();
        const run = deploy(client, {
          bookFile,
          onProgress: (progress) => {
            if (progress.status === 'done' && progress.hash) sent.push(progress.index);
            if (progress.index === index && progress.status === status) throw cut;
          },
        });
        await expect(run).rejects.toBe(cut);
      }
    }
    const { addresses } = await deploy(client, { bookFile });
    expect(sent).toEqual([...new Set(sent)]);
    expect(sent).toHaveLength(16);
    expect(await client.getTransactionCount({ address: account.address })).toBe(16);
    expect(addresses).toMatchObject(Deployment.from({ chainId: 31337, owner: account.address }).contracts);
    expect(addresses.deployedAtBlock).toBe(0n);
  });

  test.each([2, 9, 16, 23, 29])(
    'is finished by the next run when its process is killed after %i reports',
    async (reports) => {
      const program = `import { mnemonicToAccount } from 'viem/accounts';
      import { createClient } from ${JSON.stringify(new URL('./client.ts', import.meta.url).href)};
      import { deploy } from ${JSON.stringify(new URL('./deploy.ts', import.meta.url).href)};
      const account = mnemonicToAccount(${JSON.stringify(phrase)});
      const client = await createClient({ rpcUrl: ${JSON.stringify(chain.url)}, account });
      await deploy(client, { bookFile: ${JSON.stringify(bookFile)}, onProgress: ({ index }) => console.log(index) });`;
      const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let lines = 0;
      child.stdout.on('data', (data) => {
        lines += String(data).trim().split('\n').length;
        if (lines >= reports) child.kill('SIGKILL');
      });
      await once(child, 'exit');
      const { addresses } = await deploy(client, { bookFile });
      expect(addresses).toMatchObject(Deployment.from({ chainId: 31337, owner: account.address }).contracts);
      expect(await client.getTransactionCount({ address: account.address })).toBe(16);
    },
  );

  test('remembers the block before the first contract over a cut', async () => {
    await client.request<{ Method: 'anvil_mine'; Parameters: [string]; ReturnType: null }>({
      method: 'anvil_mine',
      params: ['0x5'],
    });
    const run = deploy(client, {
      bookFile,
      onProgress: ({ step, status }) => {
        if (step.name === 'Vaults' && status === 'done') throw new CutError();
      },
    });
    await expect(run).rejects.toBeInstanceOf(CutError);
    expect(existsSync(bookFile)).toBe(false);
    const { addresses } = await deploy(client, { bookFile });
    expect(addresses.deployedAtBlock).toBe(5n);
  });

  test('finds a deployment whose book was lost', async () => {
    const first = await deploy(client, { bookFile });
    await rm(bookFile);
    const second = await deploy(client, { bookFile });
    expect(second).toEqual({ addresses: { ...first.addresses, deployedAtBlock: 0n }, sent: 0 });
  });

  test('refuses a book of another chain with the same id', async () => {
    await deploy(client, { bookFile });
    const before = await readFile(bookFile, 'utf8');
    await chain.stop();
    await new Promise((done) => setTimeout(done, 1100));
    chain = await startDevchain({ port: 0 });
    client = await createClient({ rpcUrl: chain.url, account });
    await expect(deploy(client, { bookFile })).rejects.toMatchObject({ code: 'addresses.foreign_chain' });
    await expect(createClient({ rpcUrl: chain.url, addresses: Addresses.parse(before) })).rejects.toMatchObject({
      code: 'addresses.foreign_chain',
    });
    expect(await readFile(bookFile, 'utf8')).toBe(before);
    expect(await client.getTransactionCount({ address: account.address })).toBe(0);
  });

  test('refuses a book of other contracts, and one that is damaged', async () => {
    const { addresses } = await deploy(client, { bookFile });
    await writeFile(bookFile, Addresses.serialize({ ...addresses, vaults: addresses.logs }));
    await expect(deploy(client, { bookFile })).rejects.toMatchObject({ code: 'deploy.outdated_book' });
    await writeFile(bookFile, '{');
    await expect(deploy(client, { bookFile })).rejects.toMatchObject({ code: 'files.invalid' });
  });

  test('refuses other code at the address of the settlement', async () => {
    await client.request<{ Method: 'anvil_setCode'; Parameters: [string, string]; ReturnType: null }>({
      method: 'anvil_setCode',
      params: [Addresses.x402.settlement, '0x00'],
    });
    await expect(deploy(client, { bookFile })).rejects.toMatchObject({ code: 'deploy.other_code' });
  });

  test('A-097 leaves no owner but that of the policy and of the test dollar, and nothing to initialise', async () => {
    const owner = '0x000000000000000000000000000000000000bEEF';
    const { addresses } = await deploy(client, { bookFile, owner });
    for (const [name, value] of Object.entries(addresses)) {
      if (typeof value !== 'string' || name === 'genesisHash') continue;
      const call = client.readContract({
        address: value as `0x${string}`,
        abi: parseAbi(['function owner() view returns (address)']),
        functionName: 'owner',
      });
      if (name === 'policy' || name === 'token') expect(await call, name).toBe(owner);
      else await expect(call, name).rejects.toThrow();
    }
  });
});

describe('Deployment.from', () => {
  test('asks nothing of a contract that no step has made', () => {
    for (const chainId of [31337, 84532]) {
      const plan = Deployment.from({ chainId, owner: account.address });
      const made = new Set(plan.steps.map(({ address }) => address));
      expect(plan.facts.filter(({ address }) => !made.has(address))).toEqual([]);
      expect(Object.values(plan.contracts).filter((address) => !made.has(address))).toEqual([]);
    }
  });
});

describe('the deployed contracts', () => {
  let addresses: Addresses.Addresses;
  beforeEach(async () => {
    ({ addresses } = await deploy(client, { bookFile }));
  });

  test('agree with the vectors of batch settlement', async () => {
    const { channelId, voucher, refund, config } = vectors.vectors;
    expect(Deployment.sampleChannel).toEqual(config);
    expect(Deployment.vectorsOf(31337)).toEqual({ channelId, voucherDigest: voucher.digest });
    expect(Deployment.localVectors).toEqual({ channelId, voucherDigest: voucher.digest });
    const address = addresses.settlement;
    const digest = await client.readContract({
      address,
      abi: channelsAbi,
      functionName: 'getRefundDigest',
      args: [channelId as `0x${string}`, BigInt(refund.message.nonce), BigInt(refund.message.amount)],
    });
    expect(digest).toBe(refund.digest);
    const [, name, version, chainId, verifyingContract] = await client.readContract({
      address,
      abi: channelsAbi,
      functionName: 'eip712Domain',
    });
    expect({ name, version, chainId, verifyingContract }).toEqual({
      name: 'x402 Batch Settlement',
      version: '1',
      chainId: 31337n,
      verifyingContract: vectors.address.settlement,
    });
  });

  test('answer many calls in one through Multicall3', async () => {
    const [floor, bounds] = await client.multicall({
      allowFailure: false,
      contracts: [
        { address: addresses.vaults, abi: vaultsAbi, functionName: 'WINDOW_FLOOR' },
        { address: addresses.policy, abi: policyAbi, functionName: 'boundsOf', args: [Deployment.parameters[0].name] },
      ],
    });
    expect(floor).toBe(30);
    expect(bounds).toEqual([0n, 500n]);
  });
});

describe('deploy on a public chain', () => {
  let publicNode: ChildProcess;
  let publicClient: Client<Account>;

  beforeEach(async () => {
    const port = await freePort();
    publicNode = spawn(anvilPath(), ['--host', '127.0.0.1', '--port', String(port), '--chain-id', '84532', '--silent']);
    const rpcUrl = `http://127.0.0.1:${port}`;
    const owner = privateKeyToAccount(generatePrivateKey());
    await expect
      .poll(
        () =>
          createClient({ rpcUrl }).then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      )
      .toBe(true);
    publicClient = await createClient({ rpcUrl, account: owner });
    await request(publicClient, 'anvil_setBalance', owner.address, '0xde0b6b3a7640000');
  });

  afterEach(async () => {
    publicNode.kill('SIGTERM');
    await once(publicNode, 'exit');
  });

  /** Puts what others have deployed on public chains, copied from a local deployment. */
  async function putForeign(settlement: 'right' | 'wrong') {
    const { addresses } = await deploy(client, { bookFile: join(folder, 'local.json') });
    const pairs = [
      [addresses.multicall3, addresses.multicall3],
      [addresses.erc3009Collector, addresses.erc3009Collector],
      [addresses.settlement, settlement === 'right' ? addresses.settlement : addresses.logs],
      [dollarOf(84532), addresses.token],
    ] as const;
    for (const [to, from] of pairs)
      await request(publicClient, 'anvil_setCode', to as string, (await client.getCode({ address: from })) as string);
  }

  test('uses what others have deployed and makes the rest', async () => {
    await putForeign('right');
    const { addresses, sent } = await deploy(publicClient, { bookFile });
    expect(sent).toBe(13);
    expect(addresses).toMatchObject({ chainId: 84532, token: dollarOf(84532), ...Addresses.x402 });
    const read = { address: addresses.vaults, abi: vaultsAbi, functionName: 'WINDOW_FLOOR' } as const;
    expect(await publicClient.readContract(read)).toBe(3 * 24 * 60 * 60);
    expect((await deploy(publicClient, { bookFile })).sent).toBe(0);
  });

  test('refuses a chain without them before it sends anything', async () => {
    await expect(deploy(publicClient, { bookFile })).rejects.toMatchObject({
      code: 'deploy.missing_contract',
      shortMessage: expect.stringContaining('Multicall3'),
    });
    expect(await publicClient.getTransactionCount({ address: publicClient.account.address })).toBe(0);
  });

  test('refuses a settlement contract that does not answer as it must before it sends anything', async () => {
    await putForeign('wrong');
    await expect(deploy(publicClient, { bookFile })).rejects.toMatchObject({ code: 'deploy.wrong_fact' });
    expect(await publicClient.getTransactionCount({ address: publicClient.account.address })).toBe(0);
    expect(existsSync(bookFile)).toBe(false);
  });
});

async function request(to: Client, method: string, ...params: readonly string[]): Promise<void> {
  await to.request<{ Method: string; Parameters: readonly string[]; ReturnType: unknown }>({ method, params });
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

class CutError extends Error {}
