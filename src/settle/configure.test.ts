import { type Account, type Address, zeroAddress } from 'viem';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Actor, actors, pass, startWorld, type World, write } from '../../test/actors/settlement.ts';
import { assetsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { configure } from './configure.ts';

const [heir, other] = actors.payees;
let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

/** Shares out what the asset earns from now on; the rest is its owner's. */
async function share(who: Actor, ...others: readonly (readonly [Address, number])[]) {
  const rest = others.reduce((sum, [, bps]) => sum - bps, 10_000);
  const payees = [[zeroAddress, rest] as const, ...others].map(([account, bps]) => ({ account, bps }));
  payees.sort((a, b) => (BigInt(a.account) < BigInt(b.account) ? -1 : 1));
  const { vaults, token } = world.addresses;
  const client = (await world.as(who)) as Client<Account>;
  return await configure(client, { vaults, account: world.asset, payees, window: 60, tokens: [token] });
}

test('a new owner that had a share lowers its own at once, and that of nobody else', async () => {
  await share(actors.seller, [heir.address, 4_000], [other.address, 4_000]);
  await write(await world.as(actors.seller), {
    ...{ address: world.addresses.assets, abi: assetsAbi, functionName: 'transferFrom' },
    args: [actors.seller.address, heir.address, world.asset],
  });
  expect((await share(heir, [other.address, 4_000])).status).toBe('configured');
  expect((await share(heir, [other.address, 3_999])).status).toBe('announced');
});

test('an announcement that nobody used for thirty days is made anew', async () => {
  await share(actors.seller, [heir.address, 3_000], [other.address, 3_000]);
  const lower = () => share(actors.seller, [other.address, 3_000]);
  const { hash, ...first } = await lower();
  expect({ status: first.status, sent: hash !== undefined }).toEqual({ status: 'announced', sent: true });
  expect(await lower()).toEqual(first);
  await pass(world, 31 * 86_400);
  expect(await lower()).toMatchObject({ status: 'announced', hash: expect.stringMatching(/^0x/) });
  await pass(world, 86_400);
  expect(await lower()).toMatchObject({ status: 'configured' });
});
