import { type Account, concat, encodeFunctionData, type Hex, size, toHex } from 'viem';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Actor,
  actors,
  balanceOf,
  control,
  exactRow,
  headRow,
  mint,
  startWorld,
  until,
  type World,
} from '../../../../test/actors/settlement.ts';
import { testDollarAbi } from '../../../chain/abi/index.ts';
import type { Client } from '../../../chain/client.ts';
import { createLog } from '../../../internal/node/log.ts';
import * as Outbox from '../../../pay/Outbox.ts';
import { openProgress } from '../openProgress.ts';
import { startSettler } from '../startSettler.ts';

const [payer] = actors.payers;
let world: World;
let progress: Outbox.ProgressReader;
let settler: startSettler.ReturnType | undefined;

beforeEach(async () => {
  world = await startWorld();
  progress = openProgress(world.config().file);
  await mint(world, payer, 1_000n);
});
afterEach(async () => {
  await settler?.stop();
  settler = undefined;
  await progress.close();
  await world.stop();
});

/** Calldata that carries out the authorization of a row. */
function transferOf(row: ReturnType<typeof exactRow>): Hex {
  const { authorization, signature } = Outbox.parse(Outbox.exact, row);
  const { from, to, value, validAfter, validBefore, nonce } = authorization;
  return encodeFunctionData({
    abi: testDollarAbi,
    functionName: 'transferWithAuthorization',
    args: [from, to, value, validAfter, validBefore, nonce, signature],
  });
}

/** Makes calls of the token within one transaction: code that runs once, with the data behind it. */
async function inOneTransaction(who: Actor, calls: readonly Hex[]): Promise<Hex> {
  const word = (value: number) => toHex(value, { size: 2 });
  let offset = calls.length * 44 + 1;
  const steps = calls.map((data) => {
    const copy = concat(['0x61', word(size(data)), '0x61', word(offset), '0x600039']);
    offset += size(data);
    const { token } = world.addresses;
    return concat([copy, '0x6000600061', word(size(data)), '0x6000600073', token, '0x5af150']);
  });
  const client = (await world.as(who)) as Client<Account>;
  const hash = await client.sendTransaction({ data: concat([...steps, '0x00', ...calls]), gas: 3_000_000n } as never);
  const receipt = await client.waitForTransactionReceipt({ hash });
  expect(receipt.status).toBe('success');
  return hash;
}

async function start(): Promise<void> {
  settler = await startSettler(world.config(), { log: createLog('test') });
}

const stateOf = (key: string) => progress.progressOf(key)?.state;

describe('payments that somebody else sent', () => {
  test('are done by a transfer of their own: one transfer does not stand for three (C2)', async () => {
    const rows = [1n, 2n, 3n].map((nonce) => exactRow(world, payer, 100n, nonce));
    // The payer uses the nonces of two for nothing, beside the transfer of the third.
    const empty = [1n, 2n].map((nonce) => transferOf(exactRow(world, payer, 0n, nonce, payer.address)));
    const hash = await inOneTransaction(payer, [...empty, transferOf(rows[2] as (typeof rows)[0])]);
    expect(await balanceOf(world, world.payout)).toBe(100n);
    await control(world, 'anvil_mine', '0x8');
    for (const row of rows) await world.ledger.enqueue(row, Date.now());
    await start();
    await until(() => rows.every(({ key }) => /failed|confirmed/.test(stateOf(key) ?? '')), 'the verdicts');
    expect(rows.map(({ key }) => stateOf(key))).toEqual(['failed', 'failed', 'confirmed']);
    expect(progress.progressOf(rows[2]?.key ?? '')?.transaction).toBe(hash);
  });

  test('count once they are as deep as what is final, since they are not looked at again (A-036)', async () => {
    const row = exactRow(world, payer, 100n, 1n);
    await inOneTransaction(payer, [transferOf(row)]);
    await world.ledger.enqueue(row, Date.now());
    await start();
    const later = headRow(world, 1n, 1n);
    await world.ledger.enqueue(later, Date.now());
    await until(() => stateOf(later.key) === 'confirmed', 'a later job');
    expect(stateOf(row.key)).toBe('queued');
    await control(world, 'anvil_mine', '0x8');
    await until(() => stateOf(row.key) === 'confirmed', 'the payment');
  });
});
