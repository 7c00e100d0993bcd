/**
 * Everybody leaves with their money when the seller's gateway and settler are gone, their folders deleted and their keys
 * revoked: each with one file, a wallet and the address of a node.
 */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Hex } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readExportedLog } from '../src/audit/readExportedLog.ts';
import { verifyPublic } from '../src/audit/verify.ts';
import { authorizersAbi, channelsAbi, logsAbi } from '../src/chain/abi/index.ts';
import { createClient } from '../src/chain/client.ts';
import { send } from '../src/chain/send.ts';
import { callModel } from '../src/infer/callModel.ts';
import { createKeystore, passwordVariable } from '../src/internal/node/keystore.ts';
import * as ChannelStore from '../src/pay/ChannelStore.ts';
import type { Payer } from '../src/pay/createPayer.ts';
import { exitMarket } from '../src/settle/exit/exitMarket.ts';
import { openExport, type Writer } from '../src/settle/exit/openExport.ts';
import { readExport } from '../src/settle/exit/readExport.ts';
import { recordChannels, toReceived } from '../src/settle/exit/recordBuyer.ts';
import { createBuyer, receiptCheck } from './actors/createBuyer.ts';
import { publishModel } from './actors/publishModel.ts';
import { type Seller, startSeller } from './actors/startSeller.ts';
import { startWorld, type World } from './actors/startWorld.ts';

let market: World & Seller;
let payer: Payer;
let writer: Writer;
const calls = 6;
const price = 200n;
const revenue = BigInt(calls) * price;

const fileOf = (role: string) => join(market.home, 'exports', `${role}.ndjson`);
const channelOf = async () => (await payer.setup.store.all())[0]?.channelId as Hex;
const onChain = async () => {
  const { client, addresses } = market;
  const contract = { address: addresses.settlement, abi: channelsAbi } as const;
  return await client.readContract({ ...contract, functionName: 'channels', args: [await channelOf()] });
};

async function leave(role: 'seller' | 'contributor' | 'evaluator' | 'buyer', wait = false) {
  // A new client, as a new process would make it: from the file, a key and the address of a node.
  const holdings = await readExport(fileOf(role));
  const { addresses } = holdings.header;
  const client = await createClient({ rpcUrl: market.chain.url, account: market.people[role], addresses });
  return await exitMarket(client, { holdings, wait });
}

async function call(times: number) {
  const before = (await payer.setup.store.all())[0]?.charged ?? 0n;
  for (let i = 0; i < times; i++) {
    const answer = await callModel({
      payer,
      gateway: market.gateway.url,
      route: '/v1/classify',
      input: { model: 'digits', pixels: Array(784).fill(i) },
      check: receiptCheck(market),
    });
    await writer.append([toReceived(answer)]);
  }
  expect((await payer.setup.store.all())[0]?.charged).toBe(before + BigInt(times) * price);
}

beforeAll(async () => {
  const world = await startWorld();
  const { listing } = await publishModel(world, 'digits');
  market = { ...world, ...(await startSeller(world, [listing])), stop: world.stop };
  const { addresses, people } = market;
  for (const role of ['contributor', 'evaluator'] as const)
    await openExport(fileOf(role), { person: people[role].address, addresses });
  writer = await openExport(fileOf('buyer'), { person: people.buyer.address, addresses });
  payer = createBuyer(market, { store: recordChannels(ChannelStore.inMemory(), writer) });
});
afterAll(async () => {
  await market?.stop();
});

it('the gateway keeps the seller’s export current while it serves', async () => {
  await call(calls / 2);
  market.settler.settleNow();
  await expect.poll(async () => (await onChain())[1], { timeout: 20_000 }).toBe(revenue / 2n);
  const { client, addresses, people, dollarsOf } = market;
  await expect.poll(() => dollarsOf(addresses.vaults), { timeout: 20_000 }).toBe(revenue / 2n);
  const logs = { address: addresses.logs, abi: logsAbi } as const;
  const latest = () => client.readContract({ ...logs, functionName: 'latestOf', args: [people.seller.address, 0] });
  await expect.poll(async () => (await latest())[1], { timeout: 20_000 }).toBe(BigInt(calls / 2));
  // The other half is neither claimed nor anchored when the operator goes.
  await market.settler.stop();
  await call(calls / 2);
  const exported = async () => (await readExport(fileOf('seller'))).leaves.length;
  await expect.poll(exported, { timeout: 5_000 }).toBe(calls);
  for (const role of ['seller', 'buyer']) expect((await stat(fileOf(role))).mode & 0o777).toBe(0o600);
});

it('the operator is gone: processes stopped, files deleted, keys revoked', async () => {
  await market.gateway.stop();
  for (const file of [market.files.ledger, market.files.settler])
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
  const seller = await market.connect('seller');
  const { addresses, people } = market;
  await send(seller, {
    ...({ address: addresses.logs, abi: logsAbi } as const),
    functionName: 'revoke',
    args: [people.receipts.address],
  });
  await send(seller, {
    ...({ address: addresses.authorizers, abi: authorizersAbi } as const),
    functionName: 'register',
    args: [`0x${'0'.repeat(40)}`],
  });
});

it('the log in the export stands for the gateway’s in the public audit', async () => {
  const { client, addresses } = market;
  const report = await verifyPublic({ client, addresses, logs: [await readExportedLog(fileOf('seller'))] });
  expect(report.residuals).toEqual([]);
  const sentence = expect.stringContaining(`has ${calls} receipts, ${calls / 2} under`);
  expect(report.proofs).toContainEqual({ rule: 'X6', sentence });
});

/** Runs the command line with a home in which nothing is. */
async function agorai(...args: readonly string[]): Promise<Record<string, unknown>> {
  const all = ['src/cli/main.ts', ...args, '--json', '--home', join(market.home, 'nowhere'), '--rpc', market.chain.url];
  const environment = { ...process.env, [passwordVariable]: password };
  const { stdout } = await promisify(execFile)(process.execPath, all, { env: environment });
  return JSON.parse(stdout) as Record<string, unknown>;
}

const password = 'a password of a test';

it('everybody leaves with their money, to the atom', async () => {
  const { people, addresses, dollarsOf, passTime } = market;
  const funded = await dollarsOf(people.buyer.address);
  const [deposited] = await onChain();

  const claimed = await leave('seller');
  expect(claimed.done.map(({ kind }) => kind)).toEqual(['claim', 'harvest']);
  expect((await onChain())[1]).toBe(revenue);
  expect((await leave('seller')).done).toEqual([]);

  const started = await leave('buyer');
  expect(started.done.map(({ kind }) => kind)).toEqual(['start']);
  expect(started.waiting).toEqual([{ kind: 'delay', amount: deposited - revenue, until: expect.any(BigInt) }]);
  await passTime(900);
  expect((await leave('buyer')).done.map(({ kind }) => kind)).toEqual(['finish']);
  expect(await dollarsOf(people.buyer.address)).toBe(funded + deposited - revenue);

  for (const [role, bps] of [
    ['seller', 7_000n],
    ['contributor', 2_000n],
    ['evaluator', 1_000n],
  ] as const) {
    if (role === 'evaluator') await leaveByCommand(role);
    else await leave(role);
    expect(await dollarsOf(people[role].address)).toBe((revenue * bps) / 10_000n);
    const again = await leave(role);
    expect(again).toEqual({ done: [], waiting: [], refused: [] });
  }
  expect(await dollarsOf(addresses.settlement)).toBe(0n);
  expect(await dollarsOf(addresses.vaults)).toBe(0n);
});

/** The same by the command line. */
async function leaveByCommand(role: 'evaluator'): Promise<void> {
  const path = join(market.home, 'wallet', `${role}.json`);
  await createKeystore({ path, password, privateKey: market.people[role].key });
  const told = await agorai('exit', '--file', fileOf(role), '--key', path, '--yes');
  expect(told).toMatchObject({ paid: '120', waiting: [], refused: [] });
}
