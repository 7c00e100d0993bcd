import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  actors,
  charge,
  creditRow,
  exactRow,
  fund,
  mint,
  onChain,
  startWorld,
  until,
  type World,
  word,
} from '../../../test/actors/settlement.ts';
import { createLog } from '../../internal/node/log.ts';
import { sign } from '../../internal/node/secp256k1.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import { openLedger } from '../../pay/openLedger.ts';
import * as Voucher from '../../pay/Voucher.ts';
import { openProgress } from '../settler/openProgress.ts';
import { readCursor } from '../settler/readCursor.ts';
import { startSettler } from '../settler/startSettler.ts';
import { BehindError } from './assertCurrent.ts';
import { createKeeper } from './createKeeper.ts';
import { reconcileLedger } from './reconcileLedger.ts';

const [payer, second] = actors.payers;

let world: World;
let backup: string;
let exportFile: string;
let opened: Ledger.Ledger[];

beforeEach(async () => {
  world = await startWorld();
  backup = join(world.folder, 'restored.db');
  exportFile = join(world.folder, 'exports', 'seller.ndjson');
  opened = [];
});
afterEach(async () => {
  for (const ledger of opened) await ledger.close();
  await world.stop();
});

const keep = () =>
  createKeeper({
    ...{ file: exportFile, client: world.client, addresses: world.addresses },
    ...{ seller: actors.seller.address, accounts: [world.asset] },
  });

/** Copies the ledger as it is now to where it will be restored. */
async function makeBackup(): Promise<void> {
  for (const suffix of ['', '-wal', '-shm'])
    await copyFile(world.config().ledgerFile + suffix, backup + suffix).catch(() => undefined);
}

function restored(): Ledger.Ledger {
  const ledger = openLedger(backup);
  opened.push(ledger);
  return ledger;
}

/** Makes the settler claim everything and stops it. */
async function settle(until_: () => Promise<boolean>): Promise<void> {
  const settler = await startSettler(world.config(), { log: createLog('test') });
  settler.settleNow();
  await until(until_, 'the claim');
  await settler.stop();
}

async function reconcile() {
  const { client, addresses, config } = world;
  const cursor = await readCursor(config().file);
  return await reconcileLedger({ exportFile, ledgerFile: backup, client, addresses, cursor });
}

test('a ledger from an old backup is refused until it is reconciled, and no spent voucher is accepted again (A-147)', async () => {
  const { ledger } = world;
  const keeper = keep();
  await keeper.begin(ledger);
  const channel = await fund(world, payer, 1n, 5_000n);
  await charge(world, payer, channel, 300n);
  await keeper.update();
  await makeBackup();

  // What happens after the backup: a call that costs less than was signed for, a new channel, a credit, a claim.
  const receipt = await charge(world, payer, channel, 300n, 500n);
  const other = await fund(world, second, 2n, 4_000n);
  await charge(world, second, other, 200n);
  await ledger.enqueue(creditRow(world, receipt, 100n), Date.now());
  await keeper.update();
  await settle(async () => (await onChain(world, channel.id)).claimed === 600n);

  const failure = await keep()
    .begin(restored())
    .then(
      () => undefined,
      (error: unknown) => error as BehindError,
    );
  expect(failure).toBeInstanceOf(BehindError);
  for (const reason of ['has 3 receipts, the ledger 1', 'row 1 of the outbox', 'a voucher over 800', '600 atoms were'])
    expect(failure?.message).toContain(reason);
  const settler = await startSettler(world.config({ ledgerFile: backup, port: 0 }), { log: createLog('test') });
  const health = async () => (await (await fetch(`http://127.0.0.1:${settler.port}/healthz`)).json()) as object;
  await until(async () => JSON.stringify(await health()).includes('older than what'), 'the refusal');
  await settler.stop();

  expect(await reconcile()).toEqual({ receipts: 2, channels: 1, givenUp: [] });
  expect(await reconcile()).toEqual({ receipts: 0, channels: 0, givenUp: [] });
  const again = restored();
  await keep().begin(again);
  expect(again.channel(channel.id)).toMatchObject({ charged: 600n, max: 800n });
  const proofs = (of: Ledger.Ledger) => of.receipts(0, 9).map(({ hash, proof, seq }) => [hash, proof, seq]);
  expect(proofs(again)).toEqual(proofs(ledger));

  // The voucher over 800 admitted the call that cost 300 of 500. By amount alone it would fit another call now.
  expect(await submit(again, channel.id, 800n, 200n)).toMatchObject({ status: 'spent' });
  expect(await submit(again, channel.id, 600n, 100n)).toMatchObject({ status: 'mismatch' });
  await charge({ ...world, ledger: again }, payer, channel, 250n);
  expect(again.logSize()).toBe(4);
});

/** A request that is paid by a voucher over a total. */
function submit(ledger: Ledger.Ledger, account: `0x${string}`, max: bigint, bound: bigint) {
  const authority = Voucher.digest({ channelId: account, maxClaimableAmount: max }, world.place);
  return ledger.admit({
    ...{ requestId: word(max * 1_000n + bound), rail: 'channel', account, payer: payer.address, authority },
    ...{ bodyHash: word(9n), bound, leaseUntil: Date.now() + 60_000, now: Date.now(), context: '{}' },
    voucher: { max, signature: sign(authority, payer.key) },
  });
}

test('work that a reconciled ledger hands out is not passed over by a settler that had come further', async () => {
  const { ledger } = world;
  await mint(world, payer, 1_000n);
  const keeper = keep();
  await keeper.begin(ledger);
  await makeBackup();
  const before = [1n, 2n, 3n].map((nonce) => exactRow(world, payer, 10n, nonce));
  for (const row of before) await ledger.enqueue(row, Date.now());
  const progress = openProgress(world.config().file);
  const states = (rows: typeof before) => rows.every(({ key }) => progress.progressOf(key)?.state === 'confirmed');
  await settle(async () => states(before));

  await expect(keep().begin(restored())).resolves.toBeUndefined();
  await reconcile();
  const row = exactRow(world, payer, 10n, 4n);
  await restored().enqueue(row, Date.now());
  const settler = await startSettler(world.config({ ledgerFile: backup }), { log: createLog('test') });
  await until(() => states([row]), 'the new payment');
  await settler.stop();
  await progress.close();
});

test('a channel of which more was claimed than the export knows is given up', async () => {
  const keeper = keep();
  await keeper.begin(world.ledger);
  const channel = await fund(world, payer, 1n, 5_000n);
  await charge(world, payer, channel, 300n);
  await keeper.update();
  await makeBackup();
  await charge(world, payer, channel, 400n);
  await settle(async () => (await onChain(world, channel.id)).claimed === 700n);
  await expect(keep().begin(restored())).rejects.toMatchObject({ code: 'ledger.behind' });
  expect(await reconcile()).toEqual({ receipts: 0, channels: 0, givenUp: [channel.id] });
  const ledger = restored();
  await expect(keep().begin(ledger)).resolves.toBeUndefined();
  expect(await submit(ledger, channel.id, 400n, 100n)).toEqual({ status: 'dead' });
});

test('a ledger that was served from after it was restored is kept apart from the export', async () => {
  const keeper = keep();
  await keeper.begin(world.ledger);
  const channel = await fund(world, payer, 1n, 5_000n);
  await makeBackup();
  await charge(world, payer, channel, 300n);
  await keeper.update();
  await charge({ ...world, ledger: restored() }, payer, channel, 200n);
  await expect(keep().begin(restored())).rejects.toMatchObject({ code: 'ledger.behind' });
  await expect(reconcile()).rejects.toMatchObject({ code: 'ledger.forked' });
});
