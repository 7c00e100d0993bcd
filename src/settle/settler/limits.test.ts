import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { Account } from 'viem';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  actors,
  balanceOf,
  channelOf,
  charge,
  control,
  creditRow,
  depositRow,
  exactRow,
  fund,
  headRow,
  mint,
  onChain,
  startWorld,
  until,
  type World,
  write,
} from '../../../test/actors/settlement.ts';
import { channelsAbi } from '../../chain/abi/index.ts';
import type { Client } from '../../chain/client.ts';
import type { Log } from '../../internal/node/log.ts';
import { createLog } from '../../internal/node/log.ts';
import { openStore } from '../../internal/node/sqlite.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import * as Outbox from '../../pay/Outbox.ts';
import type * as Config from './Config.ts';
import { openProgress } from './openProgress.ts';
import { startSettler } from './startSettler.ts';

const [payer, second, third] = actors.payers;
const never = { threshold: 2n ** 100n, maxAgeMs: 2 ** 40, harvestThreshold: 2n ** 100n, harvestAgeMs: 2 ** 40 };

let world: World;
let progress: Outbox.ProgressReader;
let settler: startSettler.ReturnType | undefined;

let heads: bigint;

beforeEach(async () => {
  heads = 0n;
  world = await startWorld();
  progress = openProgress(world.config().file);
});
afterEach(async () => {
  await settler?.stop();
  settler = undefined;
  await progress.close();
  await world.stop();
});

async function start(changes: Partial<Config.Config> = {}, log: Log = createLog('test')): Promise<void> {
  await settler?.stop();
  settler = await startSettler(world.config({ port: 0, ...changes }), { log });
}

const stateOf = (key: string) => progress.progressOf(key)?.state;
const enqueue = (row: Parameters<World['ledger']['enqueue']>[0]) => world.ledger.enqueue(row, Date.now());

/** A gauge of the settler. */
async function gauge(name: string): Promise<number | undefined> {
  const text = await (await fetch(`http://127.0.0.1:${settler?.port}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`agorai_settler_${name} `));
  return line === undefined ? undefined : Number(line.split(' ')[1]);
}

/** What the settler has offered for a unit of gas, in order. */
async function offers(): Promise<readonly bigint[]> {
  const store = openStore(world.config().file, { schema: '', readOnly: true });
  const rows = store.read((t) => t.all('select max_fee from transactions order by created_at, rowid'));
  await store.close();
  return rows.map((row) => BigInt(row.max_fee as string));
}

/** Waits until the settler has looked at everything: it has done a job that came later. */
async function lookedAround(): Promise<void> {
  const row = headRow(world, ++heads, heads);
  await enqueue(row);
  await until(() => stateOf(row.key) === 'confirmed', 'a later job');
}

async function leave(channel: Awaited<ReturnType<typeof fund>>, amount: bigint): Promise<void> {
  const client = (await world.as(payer)) as Client<Account>;
  const settlement = { address: world.addresses.settlement, abi: channelsAbi } as const;
  await write(client, { ...settlement, functionName: 'initiateWithdraw', args: [channel.config, amount] });
}

describe('exposure', () => {
  const exposure = [{ atoms: 1_000n, confirmations: 6 }];

  async function deposit(salt: bigint, amount: bigint) {
    const channel = channelOf(world, payer, salt);
    const row = depositRow(world, payer, channel, amount);
    await enqueue(row);
    await until(async () => (await onChain(world, channel.id)).balance === amount, 'the deposit');
    return row;
  }

  beforeEach(() => mint(world, payer, 100_000n));

  test('a small deposit counts at once, a large one with the blocks that its size asks for (A-036)', async () => {
    await start({ exposure });
    const small = await deposit(1n, 1_000n);
    await until(() => stateOf(small.key) === 'confirmed', 'the small one');
    await control(world, 'anvil_mine', '0x10');
    const large = await deposit(2n, 1_001n);
    await lookedAround();
    expect(stateOf(large.key)).toBe('sent');
    await control(world, 'anvil_mine', '0x6');
    await until(() => stateOf(large.key) === 'confirmed', 'the large one');
  });

  test('many small deposits count for no more than a large one, also after a restart (A-036)', async () => {
    await start({ exposure });
    const first = await deposit(1n, 800n);
    await until(() => stateOf(first.key) === 'confirmed', 'the first');
    await start({ exposure });
    const next = await deposit(2n, 300n);
    await lookedAround();
    expect(stateOf(next.key)).toBe('sent');
    await control(world, 'anvil_mine', '0x6');
    await until(() => stateOf(next.key) === 'confirmed', 'the second');
  });

  test('a large deposit that a reorganisation takes away has never counted (A-036)', async () => {
    await start({ exposure });
    const snapshot = await control(world, 'evm_snapshot');
    const states = new Set<string | undefined>();
    const large = await deposit(1n, 50_000n);
    await lookedAround();
    states.add(stateOf(large.key));
    await control(world, 'evm_revert', snapshot);
    await until(async () => (await onChain(world, channelOf(world, payer, 1n).id)).balance === 50_000n, 'its return');
    states.add(stateOf(large.key));
    expect([...states]).toEqual(['sent']);
    await control(world, 'anvil_mine', '0x6');
    await until(() => stateOf(large.key) === 'confirmed', 'the deposit');
  });
});

describe('fees', () => {
  const gwei = 10n ** 9n;
  const setBaseFee = async (fee: bigint) => {
    await control(world, 'anvil_setNextBlockBaseFeePerGas', `0x${fee.toString(16)}`);
    await control(world, 'evm_mine');
  };

  test('work waits while gas is above the cap; a claim of who leaves does not (A-050)', async () => {
    const channel = await fund(world, payer, 1n, 5_000n);
    await charge(world, payer, channel, 7n);
    await mint(world, second, 500n);
    const payment = exactRow(world, second, 500n, 1n);
    await leave(channel, 5_000n);
    await setBaseFee(200n * gwei);
    await enqueue(payment);
    await start({ policy: never, caps: { dailyAtoms: 0n, dailyGas: 10n ** 18n, feePerGas: 20n * gwei } });
    await until(async () => (await onChain(world, channel.id)).claimed === 7n, 'the claim');
    await until(() => progress.progressOf(payment.key)?.error !== undefined, 'a look at the payment');
    expect(progress.progressOf(payment.key)).toMatchObject({
      state: 'queued',
      error: expect.stringContaining(`more than ${20n * gwei} wei a unit of gas`),
    });
    await setBaseFee(gwei);
    await until(() => stateOf(payment.key) === 'confirmed', 'the payment');
  });

  test('a stuck transaction is not made dearer than the cap (A-048)', async () => {
    await mint(world, payer, 500n);
    const { baseFeePerGas } = await world.client.getBlock();
    const feePerGas = ((baseFeePerGas ?? 0n) * 2n + gwei) * 2n;
    await control(world, 'evm_setAutomine', false);
    const row = exactRow(world, payer, 500n, 1n);
    await enqueue(row);
    await start({ stuckMs: 50, caps: { dailyAtoms: 0n, dailyGas: 10n ** 18n, feePerGas } });
    await until(async () => ((await gauge('repriced_transactions')) ?? 0) > 0, 'the repricing');
    // Without the cap there would be ten more by then.
    await control(world, 'evm_setBlockGasLimit', '0x5208');
    for (let i = 0; i < 15; i++) {
      await control(world, 'evm_mine');
      await sleep(100);
    }
    await control(world, 'evm_setBlockGasLimit', '0x1c9c380');
    expect((await offers()).at(-1)).toBeLessThanOrEqual(feePerGas);
    expect(await gauge('repriced_transactions')).toBeLessThan(6);
    await control(world, 'evm_setAutomine', true);
    await control(world, 'evm_mine');
    await until(() => stateOf(row.key) === 'confirmed', 'the payment');
    expect(await balanceOf(world, world.payout)).toBe(500n);
  });

  /** Makes blocks that have no room for a transaction until something holds. */
  async function mineEmptyUntil(condition: () => Promise<boolean>, what: string): Promise<void> {
    await control(world, 'evm_setBlockGasLimit', '0x5208');
    await until(async () => {
      await control(world, 'evm_mine');
      return await condition();
    }, what);
  }

  test('a claim is raised with each block, up to ten times the price, when its payer can soon leave (A-009, A-050)', async () => {
    const channel = await fund(world, payer, 1n, 5_000n);
    await charge(world, payer, channel, 7n);
    await leave(channel, 5_000n);
    await control(world, 'evm_setAutomine', false);
    const caps = { dailyAtoms: 0n, dailyGas: 0n, feePerGas: 1n };
    await start({ policy: never, caps, stuckMs: 50, margin: { seconds: 10_000, blocks: 0 } });
    const repriced = async () => (await gauge('repriced_transactions')) ?? 0;
    await until(async () => (await repriced()) > 0, 'the first rise');
    // No block came without it since.
    await sleep(500);
    expect(await repriced()).toBe(1);
    expect(await gauge('deadline_seconds')).toBeGreaterThan(0);
    await mineEmptyUntil(async () => (await repriced()) >= 8, 'the rises');
    for (let i = 0; i < 10; i++) {
      await control(world, 'evm_mine');
      await sleep(100);
    }
    const [first, ...rises] = (await offers()) as [bigint, ...bigint[]];
    expect(rises.at(-1)).toBeGreaterThan(first * 5n);
    expect(rises.at(-1)).toBeLessThanOrEqual(first * 10n);
    await control(world, 'evm_setBlockGasLimit', '0x1c9c380');
    await control(world, 'evm_setAutomine', true);
    await control(world, 'evm_mine');
    await until(async () => (await onChain(world, channel.id)).claimed === 7n, 'the claim');
    await until(async () => (await gauge('deadline_seconds')) === undefined, 'the deadline to be met');
  });

  test('a claim of who leaves passes a full queue, and raises what is before it (A-009, A-050)', async () => {
    const channel = await fund(world, payer, 1n, 5_000n);
    await charge(world, payer, channel, 7n);
    await mint(world, second, 400n);
    const payments = Array.from({ length: 40 }, (_, i) => exactRow(world, second, 10n, BigInt(i)));
    await control(world, 'evm_setAutomine', false);
    for (const row of payments) await enqueue(row);
    await start({ policy: never, stuckMs: 200, caps: { dailyAtoms: 0n, dailyGas: 10n ** 18n, feePerGas: 20n * gwei } });
    const sent = () => payments.filter(({ key }) => stateOf(key) === 'sent').length;
    await until(() => sent() === 32, 'a full queue');
    // From now on blocks cost more than the settler offered, and than it may offer for payments.
    const mineDearly = async () => {
      await control(world, 'anvil_setNextBlockBaseFeePerGas', `0x${(100n * gwei).toString(16)}`);
      await control(world, 'evm_mine');
    };
    const client = (await world.as(payer)) as Client<Account>;
    await client.writeContract({
      ...{ address: world.addresses.settlement, abi: channelsAbi, functionName: 'initiateWithdraw' },
      args: [channel.config, 5_000n],
      ...{ maxFeePerGas: 500n * gwei, maxPriorityFeePerGas: gwei, gas: 200_000n, chain: null },
    });
    await mineDearly();
    expect(sent()).toBe(32);
    await until(async () => {
      await mineDearly();
      return (await onChain(world, channel.id)).claimed === 7n;
    }, 'the claim');
    expect(payments.filter(({ key }) => stateOf(key) === 'queued')).toHaveLength(8);
  });
});

describe('caps of a day', () => {
  test('hold across restarts for atoms that are given back', async () => {
    const channels = [await fund(world, payer, 1n, 4_000n), await fund(world, payer, 2n, 4_000n)];
    const refunds = channels.map(({ id }) => Outbox.row(Outbox.refund, { channelId: id, nonce: 0n, amount: 4_000n }));
    const caps = { dailyAtoms: 6_000n, dailyGas: 10n ** 18n };
    for (const [i, row] of refunds.entries()) {
      await enqueue(row);
      await start({ caps });
      const isSent = () => stateOf(row.key) === 'confirmed';
      await until(i === 0 ? isSent : () => progress.progressOf(row.key)?.error !== undefined, 'the refund');
    }
    expect(progress.progressOf(refunds[1]?.key ?? '')).toMatchObject({
      state: 'queued',
      error: expect.stringMatching(/^settler\.not_allowed: .*6000 atoms a day/),
    });
    expect(await balanceOf(world, payer.address)).toBe(4_000n);
    // Another day, or another cap: what waited is sent.
    await start({ caps: { ...caps, dailyAtoms: 8_000n } });
    await until(() => refunds.every(({ key }) => stateOf(key) === 'confirmed'), 'the other refund');
    expect(await balanceOf(world, payer.address)).toBe(8_000n);
  });

  test('allow as much as they say, do not count what was refused, and begin anew with the next day', async () => {
    const refund = async (salt: bigint, amount: bigint, nonce = 0n) => {
      const { id: channelId } = await fund(world, payer, salt, 5_000n);
      return Outbox.row(Outbox.refund, { channelId, nonce, amount });
    };
    const refused = await refund(1n, 4_000n, 9n);
    const within = [await refund(2n, 2_500n), await refund(3n, 1_500n)];
    const later = await refund(4n, 4_000n);
    const more = await refund(5n, 4_001n);
    const last = await refund(6n, 1n);
    for (const row of [refused, ...within, later, more]) await enqueue(row);
    const caps = { dailyAtoms: 4_000n, dailyGas: 10n ** 18n };
    await start({ caps });
    await until(() => progress.progressOf(later.key)?.error !== undefined, 'a look at all');
    const states = () => [refused, ...within, later].map(({ key }) => stateOf(key));
    await until(() => within.every(({ key }) => stateOf(key) === 'confirmed'), 'two refunds');
    await until(() => stateOf(more.key) === 'failed', 'what no day allows');
    expect(states()).toEqual(['failed', 'confirmed', 'confirmed', 'queued']);
    expect(progress.progressOf(more.key)?.error).toMatch(/4000 atoms a day/);
    await start({ caps });
    await lookedAround();
    expect(stateOf(later.key)).toBe('queued');
    const real = Date.now;
    const tomorrow = vi.spyOn(Date, 'now').mockImplementation(() => real() + 86_400_000);
    try {
      await until(() => stateOf(later.key) === 'confirmed', 'the next day');
      // What was given back then is counted, and what was given back the day before is not.
      await world.ledger.enqueue(last, Date.now());
      await until(() => progress.progressOf(last.key)?.error !== undefined, 'the end of that day');
      expect(stateOf(last.key)).toBe('queued');
    } finally {
      tomorrow.mockRestore();
    }
    expect(await balanceOf(world, payer.address)).toBe(8_000n);
  });

  test('leave a credit its atoms when payers who left have taken theirs, and no more', async () => {
    const [left, served] = [await fund(world, payer, 1n, 4_000n), await fund(world, payer, 2n, 4_000n)];
    const credits = [];
    for (const amount of [200n, 101n, 100n])
      credits.push(creditRow(world, await charge(world, payer, served, 300n), amount));
    const [first, beyond, exact] = credits as [Ledger.OutboxRow, Ledger.OutboxRow, Ledger.OutboxRow];
    const refund = Outbox.row(Outbox.refund, { channelId: left.id, nonce: 0n, amount: 300n });
    for (const row of [refund, ...credits]) await enqueue(row);
    await start({ caps: { dailyAtoms: 300n, dailyGas: 10n ** 18n } });
    await until(() => [refund, first, exact].every(({ key }) => stateOf(key) === 'confirmed'), 'refund and credits');
    expect(progress.progressOf(beyond.key)).toMatchObject({
      state: 'queued',
      error: expect.stringMatching(/300 atoms a day for a credit/),
    });
    expect(await balanceOf(world, payer.address)).toBe(600n);
    for (const kind of ['refund', 'credit']) expect(await gauge(`day_spent{unit="atoms",kind="${kind}"}`)).toBe(300);
  });

  test('allow as much gas as they say, and not a wei more', async () => {
    await mint(world, payer, 50n);
    const row = exactRow(world, payer, 10n, 1n);
    await enqueue(row);
    await control(world, 'evm_setAutomine', false);
    const stateWith = async (name: string, dailyGas: bigint) => {
      await control(world, 'anvil_dropAllTransactions');
      const file = `${world.folder}/${name}.db`;
      await start({ file, caps: { dailyAtoms: 0n, dailyGas } });
      const told = openProgress(file);
      const stateThere = () => told.progressOf(row.key)?.state;
      await until(() => /sent|failed/.test(stateThere() ?? ''), 'a decision');
      const state = stateThere();
      await told.close();
      return state;
    };
    expect(await stateWith('free', 10n ** 18n)).toBe('sent');
    const worst = BigInt((await gauge('day_spent{unit="wei"}')) ?? 0);
    expect(await stateWith('less', worst - 1n)).toBe('failed');
    expect(await stateWith('equal', worst)).toBe('sent');
  });

  test('hold across restarts for gas', async () => {
    await mint(world, payer, 50n);
    const payments = [1n, 2n, 3n, 4n, 5n].map((nonce) => exactRow(world, payer, 10n, nonce));
    const last = payments.pop() as (typeof payments)[0];
    for (const row of payments) await enqueue(row);
    await start();
    await until(() => payments.every(({ key }) => stateOf(key) === 'confirmed'), 'the payments');
    // As much as four payments have cost: alone, the fifth would fit.
    const dailyGas = BigInt((await gauge('day_spent{unit="wei"}')) ?? 0);
    await start({ caps: { dailyAtoms: 0n, dailyGas } });
    await enqueue(last);
    await until(() => stateOf(last.key) === 'failed', 'the fifth');
    expect(progress.progressOf(last.key)?.error).toMatch(/^settler\.not_allowed: .* wei a day for gas/);
    expect(await balanceOf(world, world.payout)).toBe(40n);
  });
});

describe('a row that cannot be claimed', () => {
  test('is remembered: further charges do not have it simulated again (A-152)', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'error' }, { write: (line) => void lines.push(line) });
    // Its vouchers are checked against another key than the one that signs them.
    const bent = await fund(world, payer, 1n, 9_000n, { payerAuthorizer: third.address });
    const good = await fund(world, second, 2n, 9_000n);
    await charge(world, payer, bent, 1_500n);
    await start({ policy: { ...never, threshold: 1_000n } }, log);
    await until(async () => (await gauge('poisoned_channels')) === 1, 'the verdict');
    for (let i = 1n; i <= 3n; i++) {
      await charge(world, payer, bent, 1_000n);
      await charge(world, second, good, 1_000n);
      await until(async () => (await onChain(world, good.id)).claimed === 1_000n * i, 'the other channel');
      await lookedAround();
    }
    expect(lines.filter((line) => line.includes('channel cannot be claimed'))).toHaveLength(1);
    expect(await gauge('poisoned_channels')).toBe(1);
    expect((await onChain(world, bent.id)).claimed).toBe(0n);
  });
});

test('a channel that pays an account of which nothing is said is not claimed, and holds up no other', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'error' }, { write: (line) => void lines.push(line) });
  const foreign = await fund(world, payer, 1n, 9_000n, { receiver: third.address });
  const ours = await fund(world, second, 2n, 9_000n);
  await charge(world, payer, foreign, 5_000n);
  await charge(world, second, ours, 5_000n);
  await start({ policy: { ...never, threshold: 1_000n } }, log);
  await until(async () => (await onChain(world, ours.id)).claimed === 5_000n, 'the claim');
  await lookedAround();
  expect((await onChain(world, foreign.id)).claimed).toBe(0n);
  expect(lines).toEqual([]);
  expect(await gauge('poisoned_channels')).toBe(0);
});
