import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Hex } from 'viem';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeConfig } from '../../../test/actors/processConfig.ts';
import {
  actors,
  balanceOf,
  charge,
  control,
  exactRow,
  fund,
  mint,
  onChain,
  startWorld,
  until,
  type World,
} from '../../../test/actors/settlement.ts';
import { startProxy } from '../../../test/actors/startProxy.ts';
import { createLog } from '../../internal/node/log.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import type * as Outbox from '../../pay/Outbox.ts';
import type * as Config from './Config.ts';
import type { Point } from './Context.ts';
import { openProgress } from './openProgress.ts';
import { startSettler } from './startSettler.ts';

const program = fileURLToPath(new URL('../../../test/actors/settlerProcess.ts', import.meta.url));
const [payer] = actors.payers;

let world: World;
let progress: Outbox.ProgressReader;
let children: ChildProcess[];
let settlers: startSettler.ReturnType[];

beforeEach(async () => {
  world = await startWorld();
  progress = openProgress(world.config().file);
  children = [];
  settlers = [];
});

afterEach(async () => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) await end(child, 'SIGKILL');
  for (const settler of settlers) await settler.stop();
  await progress.close();
  await world.stop();
});

const stateOf = (key: string) => progress.progressOf(key)?.state;

async function start(changes: Partial<Config.Config> = {}): Promise<startSettler.ReturnType> {
  const settler = await startSettler(world.config(changes), { log: createLog('test') });
  settlers.push(settler);
  return settler;
}

async function run(point: Point | 'never' = 'never', count = 1): Promise<ChildProcess> {
  const file = join(world.folder, 'config.json');
  await writeConfig(file, world.config());
  const child = spawn(process.execPath, [program, file, point, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  await once(child, 'exit');
}

/** Puts exact payments into the outbox. */
async function enqueue(count: number, from = 0): Promise<readonly Ledger.OutboxRow[]> {
  await mint(world, payer, BigInt(count) * 10n);
  const rows = Array.from({ length: count }, (_, i) => exactRow(world, payer, 10n, BigInt(from + i + 1)));
  for (const row of rows) await world.ledger.enqueue(row, Date.now());
  return rows;
}

const allConfirmed = (rows: readonly Ledger.OutboxRow[]) => () => rows.every(({ key }) => stateOf(key) === 'confirmed');

/** Number of transactions of the settler's key in the chain. */
const sent = () => world.client.getTransactionCount({ address: actors.settler.address });

describe('kill -9', () => {
  test.each<Point>(['stored', 'sent', 'mined', 'recorded'])(
    'at the point %s leaves exactly one transaction for each job (A-045)',
    async (point) => {
      const rows = [];
      for (const count of [1, 2, 1]) {
        rows.push(...(await enqueue(2, rows.length)));
        await once(await run(point, count), 'exit');
      }
      await run();
      await until(allConfirmed(rows), 'six payments');
      expect(await sent()).toBe(6);
      expect(await balanceOf(world, world.payout)).toBe(60n);
    },
    120_000,
  );

  test('after sending and before mining leaves exactly one transaction (A-045)', async () => {
    await control(world, 'evm_setAutomine', false);
    const rows = await enqueueWithoutMint(2);
    for (let kills = 0; kills < 3; kills++) {
      const child = await run();
      await until(() => rows.every(({ key }) => stateOf(key) === 'sent'), 'both to be sent');
      await end(child, 'SIGKILL');
    }
    await run();
    await control(world, 'evm_setAutomine', true);
    await control(world, 'evm_mine');
    await until(allConfirmed(rows), 'two payments');
    expect(await sent()).toBe(2);
    expect(await balanceOf(world, world.payout)).toBe(20n);
  });

  async function enqueueWithoutMint(count: number) {
    await control(world, 'evm_setAutomine', true);
    const rows = await enqueue(count);
    await control(world, 'evm_setAutomine', false);
    return rows;
  }

  test('SIGTERM finishes the step and ends with code 0, SIGUSR2 settles now', async () => {
    const channel = await fund(world, payer, 1n, 5_000n);
    await charge(world, payer, channel, 7n);
    const child = await run();
    await once(child.stdout as Readable, 'data');
    expect((await onChain(world, channel.id)).claimed).toBe(0n);
    child.kill('SIGUSR2');
    await until(async () => (await onChain(world, channel.id)).claimed === 7n, 'the claim');
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect((await exit)[0]).toBe(0);
  });
});

describe('a node that fails', () => {
  test('loses the acknowledgement: exactly one claim, exactly one payment (A-046)', async () => {
    const channel = await fund(world, payer, 1n, 5_000n);
    await charge(world, payer, channel, 1_500n);
    const rows = await enqueue(2);
    let lost = 0;
    const proxy = await startProxy(world.chain.url, (body) => body.includes('eth_sendRawTransaction') && ++lost <= 3);
    await start({ rpcUrl: proxy.url, policy: { ...world.config().policy, harvestThreshold: 2n ** 100n } });
    await until(allConfirmed(rows), 'the payments');
    await until(async () => (await onChain(world, channel.id)).claimed === 1_500n, 'the claim');
    await sleep(2_500);
    expect(lost).toBe(3);
    expect(await sent()).toBe(3);
    expect(await balanceOf(world, world.payout)).toBe(20n);
    await settlers.pop()?.stop();
    await proxy.stop();
  });

  test('is down for a while: nothing is lost', async () => {
    let down = true;
    const proxy = await startProxy(world.chain.url, () => down);
    await start({ rpcUrl: proxy.url });
    const rows = await enqueue(3);
    await sleep(500);
    expect(rows.map(({ key }) => stateOf(key))).not.toContain('failed');
    down = false;
    await until(allConfirmed(rows), 'the payments');
    expect(await sent()).toBe(3);
    await settlers.pop()?.stop();
    await proxy.stop();
  });

  test('forgets its last blocks: the same transactions are sent again, exactly once', async () => {
    const first = await enqueue(2);
    await mint(world, payer, 30n);
    await start({ finality: 1 });
    await until(allConfirmed(first), 'the first payments');
    const snapshot = await control(world, 'evm_snapshot');
    const rows = Array.from({ length: 3 }, (_, i) => exactRow(world, payer, 10n, BigInt(i + 100)));
    for (const row of rows) await world.ledger.enqueue(row, Date.now());
    await until(allConfirmed(rows), 'the later payments');
    const hashes = rows.map(({ key }) => progress.progressOf(key)?.transaction);
    await control(world, 'anvil_mine', '0x4');
    await sleep(300);
    await control(world, 'evm_revert', snapshot);
    expect(await sent()).toBe(2);
    expect(await balanceOf(world, world.payout)).toBe(20n);
    await until(async () => (await sent()) === 5, 'the transactions to come back');
    await until(allConfirmed(rows), 'the later payments again');
    expect(rows.map(({ key }) => progress.progressOf(key)?.transaction)).toEqual(hashes);
    expect(await balanceOf(world, world.payout)).toBe(50n);
  });

  test('does not mine: the transaction is repriced with the same nonce (A-048)', async () => {
    const rows = await enqueue(1);
    await control(world, 'evm_setAutomine', false);
    await start({ stuckMs: 400 });
    const [{ key }] = rows as [Ledger.OutboxRow];
    await until(() => stateOf(key) === 'sent', 'the first sending');
    const before = progress.progressOf(key)?.transaction;
    await until(() => progress.progressOf(key)?.transaction !== before, 'the repricing');
    await control(world, 'evm_setAutomine', true);
    await control(world, 'evm_mine');
    await until(allConfirmed(rows), 'the payment');
    expect(await sent()).toBe(1);
    expect(await balanceOf(world, world.payout)).toBe(10n);
  });
});

describe('one key', () => {
  test('sends 20 concurrent jobs with consecutive nonces (A-048)', async () => {
    const rows = await enqueue(20);
    await start();
    await until(allConfirmed(rows), 'twenty payments');
    expect(await sent()).toBe(20);
    const nonces = await Promise.all(
      rows.map(async ({ key }) => {
        const hash = progress.progressOf(key)?.transaction as Hex;
        return (await world.client.getTransaction({ hash })).nonce;
      }),
    );
    expect(nonces).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(await balanceOf(world, world.payout)).toBe(200n);
  });

  test('goes on when it was used by another program', async () => {
    const rows = await enqueue(2);
    await control(world, 'evm_setAutomine', false);
    const settler = await start({ finality: 1 });
    await until(() => rows.every(({ key }) => stateOf(key) === 'sent'), 'the sending');
    await settler.stop();
    settlers.pop();
    await control(world, 'anvil_dropAllTransactions');
    const other = await world.as(actors.settler);
    await other.sendTransaction({ to: actors.deployer.address, value: 1n, nonce: 0, account: actors.settler.account });
    await control(world, 'evm_setAutomine', true);
    await control(world, 'evm_mine');
    await start({ finality: 1 });
    const mine = setInterval(() => void control(world, 'evm_mine'), 200);
    await until(allConfirmed(rows), 'the payments').finally(() => clearInterval(mine));
    expect(await balanceOf(world, world.payout)).toBe(20n);
    expect(await sent()).toBe(3);
  });
});
