import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { type Account, type Hex, parseEventLogs } from 'viem';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
  know,
  mint,
  onChain,
  pass,
  startWorld,
  until,
  type World,
  word,
  write,
} from '../../../test/actors/settlement.ts';
import { startProxy } from '../../../test/actors/startProxy.ts';
import { channelsAbi, logsAbi, testDollarAbi, vaultsAbi } from '../../chain/abi/index.ts';
import type { Client } from '../../chain/client.ts';
import { createLog } from '../../internal/node/log.ts';
import type * as Channel from '../../pay/Channel.ts';
import * as Outbox from '../../pay/Outbox.ts';
import * as Bucket from '../Bucket.ts';
import { claimForOwner } from '../claimForOwner.ts';
import { credits } from '../credits.ts';
import { findSplits } from '../findSplits.ts';
import { harvest } from '../harvest.ts';
import { mature } from '../mature.ts';
import * as Split from '../Split.ts';
import { withdraw } from '../withdraw.ts';
import type * as Config from './Config.ts';
import { openProgress } from './openProgress.ts';
import { startSettler } from './startSettler.ts';

let world: World;
let progress: Outbox.ProgressReader;
let settlers: startSettler.ReturnType[];

beforeEach(async () => {
  world = await startWorld();
  progress = openProgress(world.config().file);
  settlers = [];
});

afterEach(async () => {
  for (const settler of settlers) await settler.stop();
  await progress.close();
  await world.stop();
});

async function start(changes: Partial<Config.Config> = {}): Promise<startSettler.ReturnType> {
  const settler = await startSettler(world.config(changes), { log: createLog('test') });
  settlers.push(settler);
  return settler;
}

const [payer, second, third] = actors.payers;
const stateOf = (key: string) => progress.progressOf(key)?.state;

/** Atoms harvested into the asset's vault, from the events. */
async function harvested(): Promise<bigint> {
  const events = await world.client.getContractEvents({
    address: world.addresses.vaults,
    abi: vaultsAbi,
    eventName: 'Harvest',
    fromBlock: 0n,
    strict: true,
  });
  return events.reduce((sum, { args }) => sum + args.amount, 0n);
}

describe('startSettler', () => {
  test('carries a deposit through vouchers, claim, harvest and maturity to three payees, to the atom', async () => {
    const channel = channelOf(world, payer, 1n);
    await mint(world, payer, 10_000n);
    const deposit = depositRow(world, payer, channel, 10_000n);
    await world.ledger.enqueue(deposit, Date.now());
    await start();
    await until(() => stateOf(deposit.key) === 'confirmed', 'the deposit');
    await know(world, channel, 10_000n, 0n);
    for (const price of [301n, 402n, 500n]) await charge(world, payer, channel, price);
    expect(await world.client.getCode({ address: world.payout })).toBeUndefined();
    await until(async () => (await harvested()) === 1_203n, 'the harvest');
    expect(await onChain(world, channel.id)).toEqual({ balance: 10_000n, claimed: 1_203n });
    expect(await world.client.getCode({ address: world.payout })).toBeDefined();

    const { vaults, token } = world.addresses;
    const of = (payee: `0x${string}`) => credits(world.client, { vaults, payee, tokens: [token] });
    const people = [actors.seller, ...actors.payees];
    const bps = [5_000n, ...bpsOfPayees()];
    const shares = people.map(({ address }, i) => ({ address, share: (1_203n * (bps[i] ?? 0n)) / 10_000n }));
    for (const { address, share } of shares) {
      const [credit] = await of(address);
      expect(credit).toMatchObject({
        account: world.asset,
        ready: 0n,
        matured: 0n,
        waiting: share,
      });
      expect(credit?.maturesAt).toBeGreaterThan((await world.client.getBlock()).timestamp);
    }
    const early = withdraw(await as(actors.seller), { vaults, payee: actors.seller.address, tokens: [token] });
    await expect(early).rejects.toMatchObject({ code: 'withdraw.nothing' });

    await pass(world, Number(Bucket.longestWait(30n)));
    for (const { address, share } of shares) {
      const before = await balanceOf(world, address);
      const { amount } = await withdraw(await as(actors.deployer), { vaults, payee: address, tokens: [token] });
      expect(amount).toBe(share);
      expect(await balanceOf(world, address)).toBe(before + amount);
    }
    const split = (await findSplits(world.client, { vaults, account: world.asset }))[0]?.split as Split.Split;
    const total = Split.credits(split, 1_203n).reduce((sum, part) => sum + part, 0n);
    expect(await balanceOf(world, vaults)).toBe(1_203n - total);
  });

  test('deposits, settles exact payments, and fails what is not allowed', async () => {
    await mint(world, payer, 20_000n);
    const channel = channelOf(world, payer, 1n);
    const deposit = depositRow(world, payer, channel, 10_000n);
    const paid = exactRow(world, payer, 500n, 1n);
    const strange = exactRow(world, payer, 500n, 2n, actors.payees[0].address);
    const malformed = { kind: 'exact', key: 'exact:0', payload: '{}' };
    const broken = { kind: 'refund', key: 'refund:0', payload: 'no JSON' };
    const forbidden = { kind: 'claim', key: 'claim:0', payload: '[]' };
    // An odd number of digits: no node takes it.
    const crooked = { ...exactRow(world, payer, 500n, 3n) };
    crooked.payload = crooked.payload.replace(/("signature":"0x[0-9a-f]+)"/, '$1f"');
    for (const row of [broken, crooked, strange, malformed, forbidden, deposit, paid])
      await world.ledger.enqueue(row, Date.now());
    expect(stateOf(deposit.key)).toBeUndefined();
    await start();
    await until(() => stateOf(deposit.key) === 'confirmed' && stateOf(paid.key) === 'confirmed', 'both');
    expect(await onChain(world, channel.id)).toEqual({ balance: 10_000n, claimed: 0n });
    expect(await balanceOf(world, world.payout)).toBe(500n);
    expect(stateOf(broken.key)).toBe('failed');
    expect([strange, malformed, forbidden].map((row) => progress.progressOf(row.key))).toMatchInlineSnapshot(`
      [
        {
          "error": "settler.not_allowed: The settler is not allowed to use the receiver 0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65.",
          "key": "exact:0x30ff7d5555b53fa8aa685ebae47c9a5268d867f4bd789b79e84772120b9282dd",
          "state": "failed",
          "transaction": undefined,
        },
        {
          "error": "settler.malformed: The payload is malformed: token: Invalid input: expected string, received undefined.",
          "key": "exact:0",
          "state": "failed",
          "transaction": undefined,
        },
        {
          "error": "settler.not_allowed: The settler is not allowed to use the kind unknown claim.",
          "key": "claim:0",
          "state": "failed",
          "transaction": undefined,
        },
      ]
    `);
  });

  test('claims the good rows of a batch when one row is bad, and says which (A-152)', async () => {
    const channels: { id: Hex; config: Channel.Config }[] = [];
    for (const [i, who] of [payer, second, third].entries()) {
      const channel = await fund(world, who, BigInt(i) + 1n, 5_000n);
      await charge(world, who, channel, 1_000n + BigInt(i));
      channels.push(channel);
    }
    // Its vouchers are checked against another key than the one that signs them.
    const bent = await fund(world, payer, 77n, 5_000n, { payerAuthorizer: third.address });
    await charge(world, payer, bent, 1_500n);
    await start({ policy: { ...world.config().policy, harvestThreshold: 2n ** 100n } });
    const claimed = () => Promise.all([...channels, bent].map(async ({ id }) => (await onChain(world, id)).claimed));
    await until(async () => (await claimed())[0] === 1_000n, 'the good rows');
    expect(await claimed()).toEqual([1_000n, 1_001n, 1_002n, 0n]);
  });

  test('claims at once when a payer starts to withdraw, whatever the policy says (A-008, A-009, A-050)', async () => {
    const channel = await fund(world, payer, 1n, 5_000n);
    await charge(world, payer, channel, 7n);
    await start({
      policy: { threshold: 2n ** 100n, maxAgeMs: 2 ** 40, harvestThreshold: 2n ** 100n, harvestAgeMs: 2 ** 40 },
      caps: { dailyAtoms: 0n, dailyGas: 0n },
    });
    await pass(world, 1);
    expect((await onChain(world, channel.id)).claimed).toBe(0n);
    await write(await as(payer), {
      address: world.addresses.settlement,
      abi: channelsAbi,
      functionName: 'initiateWithdraw',
      args: [channel.config, 5_000n],
    });
    await until(async () => (await onChain(world, channel.id)).claimed === 7n, 'the claim');
  });

  test('claims and harvests everything when told to settle now', async () => {
    const channel = await fund(world, payer, 1n, 5_000n);
    await charge(world, payer, channel, 7n);
    const settler = await start();
    settler.settleNow();
    await until(async () => (await harvested()) === 7n, 'the harvest');
  });

  test('refunds the rest of a channel after claiming what was charged, in one transaction', async () => {
    const channel = await fund(world, payer, 1n, 5_000n);
    await charge(world, payer, channel, 300n);
    const refund = Outbox.row(Outbox.refund, { channelId: channel.id, nonce: 0n, amount: 4_700n });
    await world.ledger.enqueue(refund, Date.now());
    await start();
    await until(() => stateOf(refund.key) === 'confirmed', 'the refund');
    expect(await onChain(world, channel.id)).toEqual({ balance: 300n, claimed: 300n });
    expect(await balanceOf(world, payer.address)).toBe(4_700n);
    const hash = progress.progressOf(refund.key)?.transaction as `0x${string}`;
    const { logs } = await world.client.getTransactionReceipt({ hash });
    expect(parseEventLogs({ abi: channelsAbi, logs }).map((log) => log.eventName)).toEqual(['Claimed', 'Refunded']);
  });

  test('fails a refund beyond the daily cap, and claims what was charged all the same', async () => {
    const channel = await fund(world, payer, 1n, 10_000n);
    await charge(world, payer, channel, 1_500n);
    const refund = Outbox.row(Outbox.refund, { channelId: channel.id, nonce: 0n, amount: 4_700n });
    expect(await world.ledger.leave(channel.id, 1_500n, refund, Date.now())).toBe(true);
    await start({ caps: { dailyAtoms: 4_699n, dailyGas: 10n ** 18n } });
    await until(() => stateOf(refund.key) === 'failed', 'the failure');
    expect(progress.progressOf(refund.key)?.error).toMatch(/^settler\.not_allowed: .*4699 atoms a day/);
    await until(async () => (await onChain(world, channel.id)).claimed === 1_500n, 'the claim');
    expect(await onChain(world, channel.id)).toEqual({ balance: 10_000n, claimed: 1_500n });
  });

  test('pays a credit note out of the vault, claiming and harvesting first', async () => {
    const channel = await fund(world, payer, 1n, 5_000n);
    const receipt = await charge(world, payer, channel, 300n);
    const credit = creditRow(world, receipt, 120n);
    await world.ledger.enqueue(credit, Date.now());
    await start({
      policy: { threshold: 2n ** 100n, maxAgeMs: 2 ** 40, harvestThreshold: 2n ** 100n, harvestAgeMs: 2 ** 40 },
    });
    await until(() => stateOf(credit.key) === 'confirmed', 'the credit');
    expect(await balanceOf(world, payer.address)).toBe(120n);
    expect(await harvested()).toBe(300n);
  });

  test('anchors the heads of the log in order', async () => {
    const rows = [1n, 2n, 3n].map((epoch) => headRow(world, epoch, epoch * 10n));
    for (const row of rows) await world.ledger.enqueue(row, Date.now());
    await start();
    await until(() => rows.every((row) => stateOf(row.key) === 'confirmed'), 'three heads');
    const latest = await world.client.readContract({
      address: world.addresses.logs,
      abi: logsAbi,
      functionName: 'latestOf',
      args: [actors.seller.address, 0],
    });
    expect(latest).toEqual([3n, 30n, word(3n)]);
  });

  test('calls a payment done that somebody else has sent first (A-012)', async () => {
    await mint(world, payer, 20_000n);
    const channel = channelOf(world, payer, 1n);
    const row = depositRow(world, payer, channel, 10_000n);
    const { config, amount, collector, collectorData } = Outbox.parse(Outbox.deposit, row);
    const receipt = await write(world.client, {
      address: world.addresses.settlement,
      abi: channelsAbi,
      functionName: 'deposit',
      args: [config, amount, collector, collectorData],
    });
    await control(world, 'anvil_mine', '0x8');
    await world.ledger.enqueue(row, Date.now());
    await start();
    await until(() => stateOf(row.key) === 'confirmed', 'the deposit');
    expect(progress.progressOf(row.key)?.transaction).toBe(receipt.transactionHash);
    expect((await onChain(world, channel.id)).balance).toBe(10_000n);
  });

  test('looks at a payment that somebody else has sent now and then until it is deep enough', async () => {
    await mint(world, payer, 500n);
    const row = exactRow(world, payer, 500n, 1n);
    const { token, authorization: of, signature } = Outbox.parse(Outbox.exact, row);
    await write(world.client, {
      ...{ address: token, abi: testDollarAbi, functionName: 'transferWithAuthorization' },
      args: [of.from, of.to, of.value, of.validAfter, of.validBefore, of.nonce, signature],
    });
    let tries = 0;
    const proxy = await startProxy(world.chain.url, (body) => {
      if (body.includes('eth_estimateGas')) tries++;
      return false;
    });
    await world.ledger.enqueue(row, Date.now());
    await start({ rpcUrl: proxy.url });
    await until(() => tries > 0, 'a first look');
    await sleep(1_000);
    expect(tries).toBeLessThanOrEqual(3);
    expect(stateOf(row.key)).toBe('queued');
    await control(world, 'anvil_mine', '0x8');
    await until(() => stateOf(row.key) === 'confirmed', 'the payment');
    await proxy.stop();
  });

  test('does not start for a seller who registered another key', async () => {
    const stranger = world.config({ key: actors.payees[0].key, file: `${world.folder}/other.db` });
    await expect(startSettler(stranger)).rejects.toThrow(`agorai settler register ${actors.payees[0].address}`);
  });

  test('does not start on another chain than that of the address book (A-047)', async () => {
    const { addresses } = world;
    const foreign = world.config({
      addresses: { ...addresses, genesisHash: word(1n) },
      file: `${world.folder}/other.db`,
    });
    await expect(startSettler(foreign)).rejects.toMatchObject({ code: 'addresses.foreign_chain' });
  });

  test('finds every bad row of a large batch and claims the rest in one transaction', async () => {
    const bad = new Set([2, 3, 9]);
    const channels: Hex[] = [];
    for (let i = 0; i < 12; i++) {
      const changes = bad.has(i) ? { payerAuthorizer: third.address } : {};
      const channel = await fund(world, payer, BigInt(i) + 1n, 2_000n, changes);
      await charge(world, payer, channel, 1_000n + BigInt(i));
      channels.push(channel.id);
    }
    await start({ policy: { ...world.config().policy, harvestThreshold: 2n ** 100n } });
    const claimed = () => Promise.all(channels.map(async (id) => (await onChain(world, id)).claimed));
    await until(async () => (await claimed())[0] === 1_000n, 'the good rows');
    expect(await claimed()).toEqual(channels.map((_, i) => (bad.has(i) ? 0n : 1_000n + BigInt(i))));
    expect(await world.client.getTransactionCount({ address: actors.settler.address })).toBe(1);
  });

  test('does not pay a credit note twice, and pays no more than the price', async () => {
    const channel = await fund(world, payer, 1n, 5_000n);
    const receipt = await charge(world, payer, channel, 300n);
    const rows = [creditRow(world, receipt, 120n), creditRow(world, receipt, 300n), creditRow(world, receipt, 301n)];
    for (const row of rows) await world.ledger.enqueue(row, Date.now());
    await start();
    await until(() => rows.every((row) => /confirmed|failed/.test(stateOf(row.key) ?? '')), 'the notes');
    expect(rows.map((row) => stateOf(row.key))).toEqual(['confirmed', 'confirmed', 'failed']);
    expect(progress.progressOf(rows[2]?.key ?? '')?.error).toMatch(/^Vaults_OverPrice: /);
    expect(await balanceOf(world, payer.address)).toBe(300n);
  });

  test('writes no key, voucher or signature into its log (A-029)', async () => {
    const channel = await fund(world, payer, 1n, 5_000n);
    await charge(world, payer, channel, 1_500n);
    const bent = await fund(world, payer, 2n, 5_000n, { payerAuthorizer: third.address });
    await charge(world, payer, bent, 1_500n);
    await mint(world, payer, 500n);
    const paid = exactRow(world, payer, 500n, 1n);
    await world.ledger.enqueue(paid, Date.now());
    const lines: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
    settlers.push(await startSettler(world.config(), { log }));
    await until(async () => (await harvested()) >= 1_500n && stateOf(paid.key) === 'confirmed', 'the harvest');
    const text = lines.join('');
    expect(text).toContain('transaction mined');
    expect(text).toContain('channel cannot be claimed');
    const { signature } = Outbox.parse(Outbox.exact, paid);
    const vouchers = [channel, bent].map(({ id }) => world.ledger.channel(id)?.signature as Hex);
    for (const secret of [actors.settler.key, signature, ...vouchers]) expect(text).not.toContain(secret.slice(2));
    expect(text).not.toMatch(/0x[0-9a-f]{65,}/);
  });

  test('tells its health and its metrics on loopback', async () => {
    const channel = await fund(world, payer, 1n, 5_000n);
    await charge(world, payer, channel, 7n);
    const { port } = await start({ port: 0 });
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    await until(async () => (await get('/healthz')).status === 200, 'health');
    expect(await (await get('/healthz')).json()).toEqual({
      status: 'ok',
      jobs: { queued: 0, sent: 0, confirmed: 0, failed: 0 },
      lastError: null,
    });
    expect(await (await get('/metrics')).text()).toContain('agorai_settler_unclaimed_atoms 7\n');
    expect((await get('/jobs')).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`, { method: 'POST' })).status).toBe(404);
  });
});

describe('without a settler', () => {
  test('the owner claims, harvests, matures and withdraws by own transactions', async () => {
    const channel = await fund(world, payer, 1n, 5_000n);
    await charge(world, payer, channel, 1_000n);
    const seller = await as(actors.seller);
    const { vaults, token } = world.addresses;
    const { hashes } = await claimForOwner(seller, { vaults, account: world.asset, channels: world.ledger.channels() });
    expect(hashes).toHaveLength(1);
    expect(await harvest(seller, { vaults, account: world.asset, token })).toMatchObject({ amount: 1_000n });
    await pass(world, Number(Bucket.longestWait(30n)));
    const [found] = await findSplits(world.client, { vaults, account: world.asset });
    const splitId = found?.splitId as `0x${string}`;
    expect(await mature(seller, { vaults, account: world.asset, token, splitId })).toMatchObject({ amount: 1_000n });
    const paid = await withdraw(seller, { vaults, payee: actors.seller.address, tokens: [token], to: third.address });
    expect(paid.amount).toBe(500n);
    expect(await balanceOf(world, third.address)).toBe(500n);
  });
});

function as(who: typeof payer): Promise<Client<Account>> {
  return world.as(who) as Promise<Client<Account>>;
}

/** Shares of the two contributors, in the order of the actors. */
function bpsOfPayees(): readonly bigint[] {
  const [a, b] = actors.payees;
  return BigInt(a.address) < BigInt(b.address) ? [3_000n, 2_000n] : [2_000n, 3_000n];
}
