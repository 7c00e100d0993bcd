import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Account, Hex, LocalAccount } from 'viem';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Actor,
  actors,
  balanceOf,
  charge,
  control,
  fund,
  mint,
  onChain,
  pass,
  startWorld,
  until,
  type World,
  write,
} from '../../../test/actors/settlement.ts';
import { channelsAbi, testDollarAbi, vaultsAbi } from '../../chain/abi/index.ts';
import type { Client } from '../../chain/client.ts';
import { sign } from '../../internal/node/secp256k1.ts';
import { buyLicence } from '../../license/buyLicence.ts';
import { offerTerms } from '../../license/offerTerms.ts';
import * as Prices from '../../license/Prices.ts';
import * as Terms from '../../license/Terms.ts';
import type * as Channel from '../../pay/Channel.ts';
import * as Voucher from '../../pay/Voucher.ts';
import { copyLedger } from './copyLedger.ts';
import type * as Export from './Export.ts';
import { exitMarket } from './exitMarket.ts';
import { openExport } from './openExport.ts';
import { readExport } from './readExport.ts';

const program = fileURLToPath(new URL('../../../test/actors/exitProcess.ts', import.meta.url));
const [payer, thief, third] = actors.payers;
const delay = 900;

let world: World;
let settlement: { address: `0x${string}`; abi: typeof channelsAbi };

beforeEach(async () => {
  world = await startWorld();
  settlement = { address: world.addresses.settlement, abi: channelsAbi };
});
afterEach(() => world.stop());

type Known = { readonly id: Hex; readonly config: Channel.Config };

/** The export of a seller whose ledger is gone afterwards. */
async function sellerFile(): Promise<string> {
  const file = join(world.folder, 'seller.ndjson');
  const writer = await openExport(file, { person: actors.seller.address, addresses: world.addresses });
  await writer.append([{ kind: 'account', account: world.asset }]);
  await copyLedger(world.ledger, writer, { receipts: 0, row: 0, vouchers: new Map() });
  return file;
}

/** The export of a buyer with some channels. */
async function buyerFile(...channels: readonly Known[]): Promise<string> {
  const file = join(world.folder, 'buyer.ndjson');
  const writer = await openExport(file, { person: payer.address, addresses: world.addresses });
  await writer.append(channels.map(({ id, config }): Export.Entry => ({ kind: 'channel', id, config })));
  return file;
}

const as = (who: Actor) => world.as(who) as Promise<Client<Account>>;

async function leave(file: string, who: Actor) {
  const left = await exitMarket(await as(who), { holdings: await readExport(file), wait: false });
  return { ...left, kinds: left.done.map(({ kind }) => kind) };
}

/** What somebody else does with a channel. */
const act = async (who: Actor, functionName: string, ...args: readonly unknown[]) =>
  write(await as(who), { ...settlement, functionName, args });

describe('a buyer', () => {
  test('starts the withdrawal of every channel in one transaction, and finishes each after its own delay', async () => {
    const quick = await fund(world, payer, 1n, 5_000n);
    const slow = await fund(world, payer, 2n, 3_000n, { withdrawDelay: 2 * delay });
    const file = await buyerFile(quick, slow);
    const started = await leave(file, payer);
    expect(started.kinds).toEqual(['start']);
    expect(started.waiting.map(({ amount }) => amount)).toEqual([5_000n, 3_000n]);
    expect(started.waiting[1]?.until).toBe((started.waiting[0]?.until ?? 0n) + BigInt(delay));
    await pass(world, delay);
    expect((await leave(file, payer)).kinds).toEqual(['finish']);
    expect(await balanceOf(world, payer.address)).toBe(5_000n);
    await pass(world, delay);
    expect((await leave(file, payer)).kinds).toEqual(['finish']);
    expect(await balanceOf(world, payer.address)).toBe(8_000n);
    expect(await leave(file, payer)).toMatchObject({ done: [], waiting: [], refused: [] });
  });

  test('leaves licences that give something back, and keeps the others', async () => {
    const { addresses, asset } = world;
    const seller = await world.as(actors.seller);
    const client = (await world.as(payer)) as Client<LocalAccount>;
    const money = () => balanceOf(world, payer.address);
    const prices = Prices.from({});
    const common = {
      asset,
      version: 1,
      rights: 1,
      currency: addresses.token,
      price: 1_000n,
      period: 1_000_000,
      prices,
    };
    const offers = [{ refundPolicy: 2 }, { refundPolicy: 2, quota: 10n }, {}].map((some) =>
      Terms.from({ ...common, ...some }),
    );
    await mint(world, payer, 3_000n);
    const file = await buyerFile();
    const writer = await openExport(file, { person: payer.address, addresses });
    for (const terms of offers) {
      await offerTerms(seller, { addresses, terms, prices });
      const { hash: transaction = '0x' } = await buyLicence(client, { addresses, terms, maxPrice: 1_000n });
      await writer.append([{ kind: 'licence', holder: payer.address, terms, transaction }]);
    }
    const left = await leave(file, payer);
    expect([...left.kinds].sort()).toEqual(['finish', 'start']);
    expect(left.waiting).toHaveLength(1);
    // Less the seconds that a licence ran: an atom for each thousand.
    expect([999n, 1_000n]).toContain(await money());
    await pass(world, 3 * 86_400);
    expect((await leave(file, payer)).kinds).toEqual(['finish']);
    expect([1_998n, 1_999n, 2_000n]).toContain(await money());
    expect(await leave(file, payer)).toMatchObject({ done: [], waiting: [], refused: [] });
  });

  test('whose session key leaked loses at most what the thief spends of the deposit, and has the rest back in the first block after the delay', async () => {
    const channel = await fund(world, payer, 1n, 5_000n, { payerAuthorizer: thief.address });
    const file = await buyerFile(channel);
    // The thief signs for more than there is, and a seller in league with it claims what a channel can give.
    const voucher = { channelId: channel.id, maxClaimableAmount: 10n ** 12n };
    const signature = sign(Voucher.digest(voucher, world.place), thief.key);
    const claimOf = (totalClaimed: bigint) => [
      { voucher: { channel: channel.config, maxClaimableAmount: voucher.maxClaimableAmount }, signature, totalClaimed },
    ];
    const vaults = { address: world.addresses.vaults, abi: vaultsAbi } as const;
    const claim = async (total: bigint) =>
      write(await as(actors.seller), { ...vaults, functionName: 'claim', args: [world.asset, claimOf(total)] });
    await claim(1_200n);
    await expect(claim(5_001n)).rejects.toThrow();
    const { waiting } = await leave(file, payer);
    await pass(world, delay);
    expect((await world.client.getBlock()).timestamp).toBeGreaterThanOrEqual(waiting[0]?.until ?? 0n);
    expect((await leave(file, payer)).kinds).toEqual(['finish']);
    expect(await balanceOf(world, payer.address)).toBe(3_800n);
    await expect(claim(1_201n)).rejects.toThrow();
    expect(await onChain(world, channel.id)).toEqual({ balance: 1_200n, claimed: 1_200n });
  });

  test('whose thief started a withdrawal of one atom first gets that and starts the rest in one transaction', async () => {
    const channel = await fund(world, payer, 1n, 5_000n, { payerAuthorizer: thief.address });
    const file = await buyerFile(channel);
    await act(thief, 'initiateWithdraw', channel.config, 1n);
    expect((await leave(file, payer)).kinds).toEqual([]);
    await pass(world, delay);
    const again = await leave(file, payer);
    expect(again.kinds).toEqual(['finish']);
    expect(again.waiting).toMatchObject([{ amount: 4_999n }]);
    await pass(world, delay);
    await leave(file, payer);
    expect(await balanceOf(world, payer.address)).toBe(5_000n);
  });

  test('takes out what is left when the seller claims within the delay (A-008)', async () => {
    const channel = await fund(world, payer, 1n, 5_000n);
    await charge(world, payer, channel, 700n);
    const seller = await sellerFile();
    const file = await buyerFile(channel);
    await leave(file, payer);
    expect((await leave(seller, actors.seller)).kinds).toEqual(['claim', 'harvest']);
    await pass(world, delay);
    await leave(file, payer);
    expect(await balanceOf(world, payer.address)).toBe(4_300n);
  });
});

describe('a seller', () => {
  test('claims every channel in one transaction of its own, without a settler, and withdraws after the window', async () => {
    for (let i = 1n; i <= 6n; i++) await charge(world, payer, await fund(world, payer, i, 2_000n), 100n * i);
    const file = await sellerFile();
    const left = await leave(file, actors.seller);
    expect(left.kinds).toEqual(['claim', 'harvest']);
    expect(left.done.map(({ amount }) => amount)).toEqual([2_100n, 2_100n]);
    expect(left.waiting).toMatchObject([{ kind: 'window', amount: 1_050n }]);
    await pass(world, 40);
    expect((await leave(file, actors.seller)).kinds).toEqual(['withdraw']);
    expect(await balanceOf(world, actors.seller.address)).toBe(1_050n);
    expect(await leave(file, actors.seller)).toMatchObject({ done: [], waiting: [], refused: [] });
  });

  test('is told which vouchers a stranger cannot claim for it', async () => {
    await charge(world, payer, await fund(world, payer, 1n, 2_000n), 100n);
    const { done, refused } = await leave(await sellerFile(), third);
    expect(done).toEqual([]);
    expect(refused).toEqual([{ what: '1 vouchers', reason: expect.stringContaining(actors.seller.address) }]);
  });

  test('does everything else when a contract keeps refusing one thing, and tells what', async () => {
    await charge(world, payer, await fund(world, payer, 1n, 2_000n), 1_000n);
    const file = await sellerFile();
    expect((await leave(file, actors.seller)).kinds).toEqual(['claim', 'harvest']);
    await pass(world, 40);
    const own = await fund(world, actors.seller, 2n, 700n);
    const writer = await openExport(file, { person: actors.seller.address, addresses: world.addresses });
    await writer.append([{ kind: 'channel', id: own.id, config: own.config }]);
    const frozen = { address: world.addresses.token, abi: testDollarAbi, functionName: 'blacklist' };
    await write(await as(actors.deployer), { ...frozen, args: [actors.seller.address] });
    const { kinds, refused } = await leave(file, actors.seller);
    expect(kinds).toEqual(['start']);
    expect(refused).toMatchObject([{ what: expect.stringContaining('withdraw: Pay') }]);
  });

  test('goes on wherever a run was cut off', async () => {
    await charge(world, payer, await fund(world, payer, 1n, 2_000n), 1_000n);
    const file = await sellerFile();
    const holdings = await readExport(file);
    const seller = await as(actors.seller);
    const kinds: string[] = [];
    for (let run = 0; run < 8; run++) {
      // The run ends before its second step; what was done before it stays done.
      let steps = 0;
      const cut = exitMarket(seller, {
        holdings,
        wait: false,
        onStep({ kind }) {
          if (steps++ > 0) throw new TypeError('killed');
          kinds.push(kind);
        },
      });
      await cut.catch((error: unknown) => expect(error).toBeInstanceOf(TypeError));
      await pass(world, 40);
    }
    expect(kinds).toEqual(['claim', 'harvest', 'withdraw']);
    expect(await balanceOf(world, actors.seller.address)).toBe(500n);
  });

  test('sends nothing twice after kill -9 with a transaction under way (A-045)', async () => {
    const channel = await fund(world, payer, 1n, 2_000n);
    await charge(world, payer, channel, 1_000n);
    const file = await sellerFile();
    await control(world, 'evm_setAutomine', false);
    const arguments_ = [program, file, world.chain.url, actors.seller.key];
    const child = spawn(process.execPath, arguments_, { stdio: ['ignore', 'ignore', 'inherit'] });
    const pending = () => world.client.getTransactionCount({ address: actors.seller.address, blockTag: 'pending' });
    const before = await world.client.getTransactionCount({ address: actors.seller.address });
    await until(async () => (await pending()) > before, 'the claim in the pool');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const second = leave(file, actors.seller);
    // Long enough for a run that did not wait to claim again.
    await sleep(500);
    await control(world, 'evm_setAutomine', true);
    await control(world, 'evm_mine');
    expect((await second).kinds).toEqual(['harvest']);
    expect(await onChain(world, channel.id)).toEqual({ balance: 2_000n, claimed: 1_000n });
    const after = await world.client.getTransactionCount({ address: actors.seller.address });
    expect(after - before).toBe(2);
  });
});
