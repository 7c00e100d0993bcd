/** Stock x402 clients pay our gateway, on a real local chain with the contracts at the constants of the npm client. */

import { toClientEvmSigner } from '@x402/evm';
import { BatchSettlementEvmScheme } from '@x402/evm/batch-settlement/client';
import { ExactEvmScheme } from '@x402/evm/exact/client';
import { wrapFetchWithPayment, x402Client } from '@x402/fetch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channelsAbi, testDollarAbi } from '../src/chain/abi/index.ts';
import { createBuyer } from './actors/createBuyer.ts';
import { type Market, startMarket } from './actors/startMarket.ts';
import { startStockServer, stockPrice } from './actors/startStockServer.ts';

let market: Market;

beforeAll(async () => {
  market = await startMarket();
});
afterAll(() => market.stop());

const body = JSON.stringify({ model: 'digits', pixels: Array(784).fill(0) });
const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } };

function stock(scheme: 'exact' | 'batch-settlement') {
  const signer = toClientEvmSigner(market.people.buyer, market.client as never);
  const client = new x402Client();
  client.register(
    'eip155:31337',
    scheme === 'exact' ? new ExactEvmScheme(signer) : new BatchSettlementEvmScheme(signer),
  );
  client.setSpendControls({
    allowedAssets: [{ asset: market.addresses.token, network: 'eip155:31337', maxAmountPerPayment: '1000000' }],
  } as never);
  return wrapFetchWithPayment(fetch, client);
}

describe('stock client pays our gateway', () => {
  it('deposits once and calls three times by batch-settlement; the settler claims and a payout without code is harvested', async () => {
    const pay = stock('batch-settlement');
    for (let i = 0; i < 3; i++) {
      const response = await pay(`${market.gateway.url}/v1/classify`, init);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ object: 'classification' });
    }
    const channel = market.gateway.deps.ledger.channels()[0];
    expect(channel?.charged).toBe(600n);
    const payTo = market.listings[0]?.payTo as `0x${string}`;
    expect(await market.client.getCode({ address: payTo })).toBeUndefined();
    market.settler.settleNow();
    await expect.poll(async () => market.client.getCode({ address: payTo }), { timeout: 20_000 }).toBeDefined();
    const [balance, claimed] = await market.client.readContract({
      address: market.addresses.settlement,
      abi: channelsAbi,
      functionName: 'channels',
      args: [channel?.id as `0x${string}`],
    });
    expect(claimed).toBe(600n);
    expect(balance).toBe(channel?.balance);
    expect(
      await market.client.readContract({
        address: market.addresses.token,
        abi: testDollarAbi,
        functionName: 'balanceOf',
        args: [market.addresses.vaults],
      }),
    ).toBe(600n);
  });

  it('pays one call by exact, settled before the work', async () => {
    const response = await stock('exact')(`${market.gateway.url}/v1/classify`, init);
    expect(response.status).toBe(200);
  });
});

describe('our client pays a stock server', () => {
  it('by batch-settlement with an ERC-1271 receiver authorizer, and the stock facilitator claims and settles', async () => {
    const server = await startStockServer(market);
    const payer = createBuyer(market);
    for (let i = 0; i < 3; i++) {
      const paid = await payer.fetch(`${server.url}/batch`, { method: 'POST' });
      expect(paid.response.status).toBe(200);
      expect(paid).toMatchObject({ cost: stockPrice, scheme: 'batch-settlement' });
    }
    const [account] = await payer.setup.store.all();
    expect(account).toMatchObject({ charged: 3n * stockPrice, signed: 3n * stockPrice });
    const { claims, settle } = await server.manager.claimAndSettle();
    expect(claims).toHaveLength(1);
    expect(settle?.transaction).toMatch(/^0x/);
    expect(await payer.setup.readChannel?.(account?.channelId as `0x${string}`)).toMatchObject({
      claimed: 3n * stockPrice,
    });
    await server.stop();
  });

  it('by exact', async () => {
    const server = await startStockServer(market);
    const paid = await createBuyer(market).fetch(`${server.url}/exact`, { method: 'POST' });
    expect(paid.response.status).toBe(200);
    expect(await paid.response.json()).toEqual({ served: 'exact' });
    expect(paid.cost).toBe(stockPrice);
    await server.stop();
  });
});
