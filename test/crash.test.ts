/** A market whose processes are killed with SIGKILL at named points, one after the other, on one chain and one ledger. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyBooks } from '../src/audit/verify.ts';
import { startDevchain } from '../src/chain/devchain.ts';
import * as Receipt from '../src/infer/Receipt.ts';
import type { Payer } from '../src/pay/createPayer.ts';
import type * as Ledger from '../src/pay/Ledger.ts';
import { openChannelStore } from '../src/pay/openChannelStore.ts';
import { openLedger } from '../src/pay/openLedger.ts';
import { createBuyer } from './actors/createBuyer.ts';
import { digit } from './actors/createSigner.ts';
import { writeConfig } from './actors/processConfig.ts';
import { publishModel } from './actors/publishModel.ts';
import { prepareSeller } from './actors/startSeller.ts';
import { startWorld, type World } from './actors/startWorld.ts';

const price = 200n;
const policy = { maxPerCall: 1_000n, maxDeposit: 10_000n };
const folder = mkdtempSync(join(tmpdir(), 'crash-'));
const armed = join(folder, 'armed');
const port = 20_000 + Math.floor(Math.random() * 20_000);
const url = `http://127.0.0.1:${port}/v1/classify`;

let world: World;
let chain: Awaited<ReturnType<typeof startDevchain>>;
let prepared: Awaited<ReturnType<typeof prepareSeller>>;
let ledger: Ledger.Ledger;
let gateway: ChildProcess;
let settler: ChildProcess;
let ending = false;
/** Every receipt that a client has been given. */
const acknowledged: { hash: Hex; logIndex: number }[] = [];

beforeAll(async () => {
  const stateFile = join(folder, 'chain.json');
  world = await startWorld({ stateFile });
  chain = world.chain;
  const { listing } = await publishModel(world, 'digits');
  prepared = await prepareSeller(world, [listing]);
  const { engine: _, ...sold } = listing;
  const options = { ...prepared.gatewayOptions, port, limits: { anchorMs: 3_600_000 } };
  await writeConfig(join(folder, 'gateway.json'), {
    options,
    listing: sold,
    settlerFile: prepared.files.settler,
    armed,
  });
  await writeConfig(join(folder, 'settler.json'), prepared.settlerConfig);
  await startGateway();
  await startSettler();
  ledger = openLedger(prepared.files.ledger, { readOnly: true });
});

afterAll(async () => {
  ending = true;
  for (const child of [gateway, settler]) if (child && child.exitCode === null) child.kill('SIGKILL');
  await ledger?.close();
  await chain?.stop();
  rmSync(world.home, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a program again whenever it was killed, as a supervisor does. */
async function start(name: string, args: readonly string[], again: () => Promise<void>): Promise<ChildProcess> {
  const program = join(import.meta.dirname, 'actors', `${name}Process.ts`);
  const child = spawn(process.execPath, [program, join(folder, `${name}.json`), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, AGORAI_LOG: 'silent' },
  });
  child.once('exit', (_, signal) => {
    if (signal === 'SIGKILL' && !ending) void again();
  });
  await Promise.race([once(child.stdout as Readable, 'data'), once(child, 'exit')]);
  return child;
}

async function startGateway(): Promise<void> {
  gateway = await start('gateway', [], startGateway);
}

async function startSettler(...args: readonly string[]): Promise<void> {
  settler = await start('settler', args, () => startSettler());
}

let buyers = 0;

/** A buyer with channels on disk. Its first call deposits. */
async function buyer(): Promise<Payer> {
  return createBuyer(world, { policy, store: await openChannelStore(join(folder, `buyer ${++buyers}`)) });
}

async function call(payer: Payer, key: string = crypto.randomUUID(), scheme?: 'exact') {
  const init = { method: 'POST', body: digit(), headers: { 'idempotency-key': key } };
  const { response, cost } = await payer.fetch(url, init, scheme ? { scheme } : {});
  const envelope = JSON.parse(atob(response.headers.get('agorai-receipt') ?? '')) as (typeof acknowledged)[0];
  acknowledged.push(envelope);
  return { status: response.status, cost, hash: envelope.hash };
}

const accountOf = async (payer: Payer) => {
  const [account] = await payer.setup.store.all();
  return account as NonNullable<typeof account>;
};
const onChain = async (payer: Payer) => payer.setup.readChannel?.((await accountOf(payer)).channelId);

/** What a buyer was told that it paid is what the ledger says, and the channel serves on. */
async function expectExact(payer: Payer, paid: bigint): Promise<void> {
  const { channelId } = await accountOf(payer);
  expect(ledger.channel(channelId)).toMatchObject({ charged: paid, state: 'open' });
  expect(await call(payer)).toMatchObject({ status: 200, cost: price });
  expect(ledger.channel(channelId)).toMatchObject({ charged: paid + price });
  expect(ledger.counts().reserved).toBe(0);
}

describe.each([1, 2, 3])('round %i', (round) => {
  describe('a gateway that is killed (A-040, A-044)', () => {
    it.each([
      ['verified', 200],
      ['admitted', 502],
      ['served', 502],
      ['committed', 200],
    ] as const)('when a voucher is %s answers the same request once, with status %i', async (point, status) => {
      const payer = await buyer();
      await call(payer);
      writeFileSync(armed, point);
      const first = await call(payer, `${round}-${point}`);
      expect(first).toMatchObject({ status, cost: status === 200 ? price : 0n });
      expect(await call(payer, `${round}-${point}`)).toEqual(first);
      await expectExact(payer, status === 200 ? 2n * price : price);
    });

    it('while a deposit waits for the settler takes it once', async () => {
      const payer = await buyer();
      writeFileSync(armed, 'enqueued');
      expect(await call(payer)).toMatchObject({ status: 200, cost: price });
      expect(await onChain(payer)).toMatchObject({ balance: policy.maxDeposit });
      await expectExact(payer, price);
    });

    it.each([
      ['verified', 200],
      ['admitted', 502],
      ['served', 502],
      ['committed', 200],
    ] as const)(
      'when an exact payment is %s moves the money once, with status %i, and gives it back when it serves nothing',
      async (point, status) => {
        const payer = await buyer();
        const holder = world.people.buyer.address;
        const before = await world.dollarsOf(holder);
        writeFileSync(armed, point);
        const { hash, ...told } = await call(payer, `${round}-exact-${point}`, 'exact');
        expect(told).toEqual({ status, cost: price });
        const credits = ledger.outbox(0, 10_000).filter(({ key }) => key === `credit:${hash}:${price}`);
        expect(credits).toHaveLength(status === 200 ? 0 : 1);
        // What was paid for nothing comes back without being asked for.
        const spent = async () => before - (await world.dollarsOf(holder));
        await expect.poll(spent, { timeout: 20_000 }).toBe(status === 200 ? price : 0n);
      },
    );
  });

  describe('a settler that is killed (A-044, A-045)', () => {
    it.each(['stored', 'sent', 'mined', 'recorded'])('when a deposit is %s makes it once', async (point) => {
      const ended = once(settler, 'exit');
      settler.kill('SIGTERM');
      await ended;
      await startSettler(point);
      const payer = await buyer();
      expect(await call(payer)).toMatchObject({ status: 200, cost: price });
      expect(await onChain(payer)).toMatchObject({ balance: policy.maxDeposit });
      await expectExact(payer, price);
    });
  });

  describe('a chain that is killed', () => {
    it('and lost its last seconds gets them back, while funded channels are served on (A-036, A-047)', async () => {
      const old = await buyer();
      await call(old);
      const young = await buyer();
      await call(young);
      const { channelId } = await accountOf(young);
      const gone = new Promise((resolve) => setTimeout(resolve, 50));
      process.kill(chain.pid, 'SIGKILL');
      await gone;
      expect(await call(old)).toMatchObject({ status: 200, cost: price });
      expect(await call(young)).toMatchObject({ status: 200, cost: price });
      chain = await startDevchain({ port: chain.port, stateFile: join(folder, 'chain.json') });
      await expect.poll(async () => (await onChain(young))?.balance, { timeout: 20_000 }).toBe(policy.maxDeposit);
      await expect
        .poll(() => ledger.channel(channelId), { timeout: 10_000 })
        .toMatchObject({ balance: policy.maxDeposit, state: 'open', charged: 2n * price });
      await expectExact(young, 2n * price);
      await expectExact(old, 2n * price);
    });
  });
});

describe('X14', () => {
  it('after all of it every acknowledged receipt stands, all that was charged is claimed, and the books are exact (X1, X2, X3, X5, X6, X13, X14)', async () => {
    for (const { hash, logIndex } of acknowledged) expect(ledger.receipts(logIndex, 1)[0]?.hash).toBe(hash);
    expect(ledger.counts().reserved).toBe(0);
    settler.kill('SIGUSR2');
    const open = () => ledger.channels().filter(({ charged, claimed }) => charged !== claimed);
    await expect.poll(open, { timeout: 20_000 }).toEqual([]);
    const { client, addresses, people } = world;
    const books = await verifyBooks({ client, addresses, ledger, seller: people.seller.address });
    expect(books.residuals).toEqual([]);
    expect(books.proofs.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['X1', 'X2', 'X3', 'X6', 'X8', 'X13']));
    const receipts = ledger.receipts(0, 10_000).map(({ body }) => Receipt.parse(body));
    const numbers = Map.groupBy(receipts, ({ account }) => account);
    for (const [, of] of numbers) expect(of.map(({ seq }) => seq)).toEqual(of.map((_, i) => BigInt(i + 1)));
  });
});

it('a gateway that is told to end does so with code 0 (A-053)', async () => {
  ending = true;
  const exit = once(gateway, 'exit');
  gateway.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});
