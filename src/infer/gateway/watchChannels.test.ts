import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSigner, type Opened, reasonOf } from '../../../test/actors/createSigner.ts';
import { type Market, startMarket } from '../../../test/actors/startMarket.ts';
import { startProxy } from '../../../test/actors/startProxy.ts';
import { channelsAbi } from '../../chain/abi/index.ts';
import { send } from '../../chain/send.ts';
import type { Gateway } from './startGateway.ts';
import { watchChannels } from './watchChannels.ts';

const price = 200n;
let market: Market;
let buyer: ReturnType<typeof createSigner>;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let gateway: Gateway | undefined;
let silent = false;
/** Whether the chain falls silent as soon as the gateway listens, before its first look. */
let fallsSilent = false;
const write = (line: string) => {
  if (fallsSilent && line.includes('gateway is listening')) silent = true;
};
const log = pino({}, { write });

beforeAll(async () => {
  market = await startMarket();
  buyer = createSigner(market);
  proxy = await startProxy(market.chain.url, () => silent);
});
afterAll(async () => {
  silent = false;
  await gateway?.stop();
  await market?.stop();
  await proxy?.stop();
});

/** A gateway on the same ledger that looks at the chain when it starts, and then only when it must. */
async function restart(): Promise<Gateway> {
  silent = false;
  await (gateway ?? market.gateway).stop();
  gateway = await market.openGateway({ rpcUrl: proxy.url, log, limits: { watchMs: 3_600_000 } });
  return gateway;
}

const call = (payload: object) => buyer.call(payload, { url: gateway?.url as string });

async function open(): Promise<Opened> {
  const channel = buyer.open();
  expect((await call(buyer.deposit(channel, 20n * price, price))).status).toBe(200);
  return channel;
}

/** The payer begins to take its money out. */
async function leave({ config }: Opened): Promise<void> {
  await send(await market.connect('buyer'), {
    address: market.addresses.settlement,
    abi: channelsAbi,
    functionName: 'initiateWithdraw',
    args: [config, 1n],
  });
}

describe('a channel of before', () => {
  it('is served by a new process only after it was read from the chain (A-008)', async () => {
    await restart();
    const channel = await open();
    await gateway?.stop();
    await leave(channel);
    fallsSilent = true;
    await restart();
    fallsSilent = false;
    const refused = await call(buyer.voucher(channel, 2n * price));
    expect(await refused.json()).toMatchObject({ status: 503, code: 'chain.unavailable' });
    silent = false;
    expect(await reasonOf(await call(buyer.voucher(channel, 2n * price)))).toContain('channel_not_found');
  });

  it('is not served when the chain has been silent for half a withdrawal delay (A-008, A-047)', async () => {
    const { deps } = await restart();
    const channel = await open();
    silent = true;
    deps.look.at -= 440_000;
    expect((await call(buyer.voucher(channel, 2n * price))).status).toBe(200);
    deps.look.at -= 20_000;
    const refused = await call(buyer.voucher(channel, 3n * price));
    expect(await refused.json()).toMatchObject({ status: 503, code: 'chain.unavailable' });
    silent = false;
    await watchChannels(deps, { next: async () => [], forget: () => undefined });
    expect((await call(buyer.voucher(channel, 3n * price))).status).toBe(200);
  });

  it('that cannot be read does not hide what others do, and is read before it is served (A-008)', async () => {
    const { deps } = await restart();
    const all = [await open(), await open(), await open()];
    for (const channel of all) await leave(channel);
    const [first] = deps.ledger.channels().filter(({ id }) => all.some((one) => one.id === id));
    const read = deps.chain.channel;
    const chain = {
      ...deps.chain,
      channel: (id: Opened['id']) => (id === first?.id ? Promise.reject(new Error('no')) : read(id)),
    };
    await watchChannels({ ...deps, chain }, { next: async () => 'all', forget: () => undefined });
    const states = () => all.filter(({ id }) => deps.ledger.channel(id)?.state === 'leaving').length;
    expect(states()).toBe(2);
    const opened = all.find(({ id }) => id === first?.id) as Opened;
    expect(await reasonOf(await call(buyer.voucher(opened, 2n * price)))).toContain('channel_not_found');
    expect(states()).toBe(3);
  });
});
