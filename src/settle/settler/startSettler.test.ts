import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  actors,
  balanceOf,
  channelOf,
  charge,
  control,
  depositRow,
  exactRow,
  fund,
  know,
  mint,
  onChain,
  startWorld,
  until,
  type World,
} from '../../../test/actors/settlement.ts';
import { channelsAbi } from '../../chain/abi/index.ts';
import { createLog } from '../../internal/node/log.ts';
import type * as Outbox from '../../pay/Outbox.ts';
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

const [payer] = actors.payers;
const stateOf = (key: string) => progress.progressOf(key)?.state;

describe('startSettler', () => {
  test('deposits, settles exact payments, and fails what is not allowed', async () => {
    await mint(world, payer, 20_000n);
    const channel = channelOf(world, payer, 1n);
    const deposit = depositRow(world, payer, channel, 10_000n);
    const paid = exactRow(world, payer, 500n, 1n);
    const strange = exactRow(world, payer, 500n, 2n, actors.payees[0].address);
    const malformed = { kind: 'exact', key: 'exact:0', payload: '{}' };
    const forbidden = { kind: 'claim', key: 'claim:0', payload: '[]' };
    for (const row of [strange, malformed, forbidden, deposit, paid]) await world.ledger.enqueue(row, Date.now());
    expect(stateOf(deposit.key)).toBeUndefined();
    await start();
    await until(() => stateOf(deposit.key) === 'confirmed' && stateOf(paid.key) === 'confirmed', 'both');
    expect(await onChain(world, channel.id)).toEqual({ balance: 10_000n, claimed: 0n });
    expect(await balanceOf(world, world.payout)).toBe(500n);
    expect([strange, malformed, forbidden].map((row) => progress.progressOf(row.key))).toMatchInlineSnapshot(`
      [
        {
          "error": "The settler is not allowed to use the receiver 0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65.",
          "key": "exact:0x0000000000000000000000000000000000000000000000000000000000000002",
          "state": "failed",
          "transaction": undefined,
        },
        {
          "error": "The payload is malformed: token: Invalid input: expected string, received undefined.",
          "key": "exact:0",
          "state": "failed",
          "transaction": undefined,
        },
        {
          "error": "The settler is not allowed to use the kind unknown claim.",
          "key": "claim:0",
          "state": "failed",
          "transaction": undefined,
        },
      ]
    `);
  });
});
