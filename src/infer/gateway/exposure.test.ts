import type { Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBuyer, receiptCheck } from '../../../test/actors/createBuyer.ts';
import { publishNgram } from '../../../test/actors/publishNgram.ts';
import { type Seller, startSeller } from '../../../test/actors/startSeller.ts';
import { startWorld, type World } from '../../../test/actors/startWorld.ts';
import type { Payer } from '../../pay/createPayer.ts';
import { callModel } from '../callModel.ts';
import { watchChannels } from './watchChannels.ts';

let world: World;
let seller: Seller;

beforeAll(async () => {
  world = await startWorld();
  const { listings } = await publishNgram(world);
  // Deeper than the test makes blocks by itself, and without heads of the log, which are blocks too.
  const limits = { confirmations: 30, exposureOfChannel: 20n, exposure: 50n, anchorMs: 3_600_000, watchMs: 3_600_000 };
  seller = await startSeller(world, listings, {}, { limits });
});
afterAll(async () => {
  await seller.stop();
  await world.stop();
});

const input = { model: 'ngram', prompt: 'A gateway', max_tokens: 4 };

/** A call that costs ten atoms. */
function call(payer: Payer) {
  const { url } = seller.gateway;
  return callModel({ payer, gateway: url, route: '/v1/completions', input, check: receiptCheck(world) });
}

/** The same by a payer that is told once. */
function once(payer: Payer) {
  const impatient: typeof fetch = async (url, init) => {
    const { body, status, headers } = await fetch(url, init);
    return new Response(body, { status, headers: [...headers].filter(([name]) => name !== 'retry-after') });
  };
  return call(createBuyer(world, { ...payer.setup, fetch: impatient }));
}

const rpc = <T>(method: string, params: readonly unknown[] = []) =>
  world.client.request({ method, params } as never) as Promise<T>;

/** What the seller was promised and could not claim now. */
async function unclaimable(): Promise<bigint> {
  let sum = 0n;
  for (const { id, charged } of seller.gateway.deps.ledger.channels({ dead: true })) {
    const { balance } = await seller.gateway.deps.chain.channel(id as Hex);
    if (charged > balance) sum += charged - balance;
  }
  return sum;
}

describe('A-036 deposits that may still vanish', () => {
  it('are served on up to the cap of a channel, and in full once they lie deep enough', async () => {
    const payer = createBuyer(world);
    for (const cumulative of [10n, 20n]) expect((await call(payer)).receipt.cumulative).toBe(cumulative);
    await expect(once(payer)).rejects.toMatchObject({ status: 503, code: 'payment.unconfirmed' });
    await rpc('anvil_mine', ['0x1e']);
    expect((await call(payer)).receipt.cumulative).toBe(30n);
  });

  it('are served on up to the cap of all channels together', async () => {
    const payers = [createBuyer(world), createBuyer(world), createBuyer(world)] as const;
    for (const payer of payers.slice(0, 2)) for (let served = 0; served < 2; served++) await call(payer);
    await call(payers[2]);
    await expect(once(payers[2])).rejects.toMatchObject({ code: 'payment.unconfirmed' });
    await rpc('anvil_mine', ['0x1e']);
    // Nobody else calls and nothing happens on their channels, and yet they are found to be confirmed.
    await watchChannels(seller.gateway.deps, { next: async () => [], forget: () => undefined });
    expect((await once(createBuyer(world))).receipt.cumulative).toBe(10n);
  });
});

it('a channel that was given up stops counting as exposed once its deposit lies deep enough', async () => {
  const payer = createBuyer(world);
  await call(payer);
  const [account] = await payer.setup.store.all();
  const { deps, url } = seller.gateway;
  const id = account?.channelId as Hex;
  await payer.refund(`${url}/v1/refund`, id);
  expect(deps.ledger.channel(id)).toMatchObject({ state: 'dead', confirmed: 0n, charged: 10n });
  await rpc('anvil_mine', ['0x1e']);
  await watchChannels(deps, { next: async () => [], forget: () => undefined });
  expect(deps.ledger.channel(id)?.confirmed).toBe(10n);
});

describe('X4', () => {
  it('A-036 deposits that vanish cost the seller no more than the cap', async () => {
    await rpc('anvil_mine', ['0x1e']);
    const snapshot = await rpc<string>('evm_snapshot');
    const payers = Array.from({ length: 5 }, () => createBuyer(world));
    let refused = 0;
    for (const payer of payers) {
      for (let served = 0; served < 3; served++) await once(payer).catch(() => refused++);
    }
    expect(refused).toBeGreaterThan(0);
    await rpc('evm_revert', [snapshot]);
    const lost = await unclaimable();
    expect(lost).toBeGreaterThan(0n);
    expect(lost).toBeLessThanOrEqual(50n);
  });
});
