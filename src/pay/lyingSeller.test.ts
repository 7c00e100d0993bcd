import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBuyer } from '../../test/actors/createBuyer.ts';
import { digit } from '../../test/actors/createSigner.ts';
import { type Market, startMarket } from '../../test/actors/startMarket.ts';
import type * as ChannelStore from './ChannelStore.ts';
import type * as Payer from './Payer.ts';
import * as X402 from './X402.ts';

let market: Market;
let url: string;
const price = 200n;
const policy = { maxPerCall: 1_000n, maxDeposit: 10_000n };
const init = { method: 'POST', body: digit() };

beforeAll(async () => {
  market = await startMarket();
  url = `${market.gateway.url}/v1/classify`;
});
afterAll(() => market?.stop());

const paymentOf = (request: RequestInit | undefined) => {
  const header = new Headers(request?.headers).get(X402.headers.signature);
  return header === null ? undefined : X402.parsePayment(header).payload;
};
const accountOf = async ({ setup }: { setup: Payer.Setup }) => (await setup.store.all())[0] as ChannelStore.Account;

describe('a seller that lies', () => {
  let server: Server;
  let lie: (response: Response, paid: boolean) => Promise<Response> | Response;
  let liar: string;

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const paid = request.headers[X402.headers.signature] !== undefined;
      const { host: _, connection: __, ...headers } = request.headers as Record<string, string>;
      const honest = await fetch(url, { method: 'POST', headers, body: Buffer.concat(chunks) });
      const told = await lie(honest, paid);
      response.writeHead(told.status, Object.fromEntries(told.headers));
      response.end(Buffer.from(await told.arrayBuffer()));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    liar = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/classify`;
  });
  afterAll(() => server?.close());

  const change = async (response: Response, header: string, edit: (value: Record<string, never>) => void) => {
    const value = JSON.parse(atob(response.headers.get(header) ?? '')) as Record<string, never>;
    edit(value);
    const headers = new Headers(response.headers);
    headers.set(header, X402.encode(value));
    headers.delete('content-encoding');
    return new Response(await response.arrayBuffer(), { status: response.status, headers });
  };

  it('about the charge of an answer is not believed (payment.unbacked)', async () => {
    lie = (response, paid) =>
      paid
        ? change(response, X402.headers.response, ({ extra }) => {
            (extra as unknown as { chargedAmount: string }).chargedAmount = '201';
          })
        : response;
    const payer = createBuyer(market, { policy });
    await expect(payer.fetch(liar, init)).rejects.toMatchObject({ code: 'payment.unbacked' });
    expect(await accountOf(payer)).toMatchObject({ signed: price });
  });

  const claim = (charged: bigint, voucherState: object = {}) => {
    lie = async (response, paid) => {
      if (!paid) return response;
      const required = await (await fetch(url, init)).json();
      const value = required as { error: string; accepts: { extra: object }[] };
      value.error = 'invalid_batch_settlement_evm_cumulative_amount_mismatch';
      const [way] = value.accepts as [{ extra: object }];
      way.extra = { ...way.extra, channelState: { chargedCumulativeAmount: `${charged}` }, ...voucherState };
      return new Response('{}', { status: 402, headers: { [X402.headers.required]: X402.encode(value) } });
    };
  };

  it('about a charge that was never signed is not paid (payment.unbacked)', async () => {
    claim(price + 1n);
    const payer = createBuyer(market, { policy });
    await expect(payer.fetch(liar, init)).rejects.toMatchObject({ code: 'payment.unbacked' });
    const signature = `0x${'11'.repeat(64)}1b`;
    claim(5_000n, { voucherState: { signedMaxClaimable: '9000', signature } });
    await expect(payer.fetch(liar, init)).rejects.toMatchObject({ code: 'payment.unbacked' });
    expect(await accountOf(payer)).toMatchObject({ signed: price, charged: 0n });
  });

  it('and charges for a request that it does not answer is not paid a second time', async () => {
    claim(price);
    const payer = createBuyer(market, { policy });
    await expect(payer.fetch(liar, init)).rejects.toMatchObject({ code: 'payment.refused' });
    expect((await accountOf(payer)).signed).toBe(price);
  });

  it('about the price is held to the limit at every try', async () => {
    let asked = 0n;
    lie = async (response) => {
      if (response.status !== 402) return response;
      return change(response, X402.headers.required, (value) => {
        asked += 300n;
        for (const way of value.accepts as unknown as { amount: string }[]) way.amount = `${asked}`;
      });
    };
    const payer = createBuyer(market, { policy });
    await expect(payer.fetch(liar, init)).rejects.toMatchObject({ code: 'payment.over_limit' });
    expect((await accountOf(payer)).signed).toBeLessThanOrEqual(policy.maxPerCall);
  });

  type Ways = { scheme: string; extra: object }[];
  const other = (tries: number) => `0x${`${tries}`.repeat(40)}`;
  it.each<[string, (ways: Ways, tries: number) => object[]]>([
    ['payout address', (ways, tries) => ways.map((way) => ({ ...way, payTo: other(tries) }))],
    [
      'authorizer',
      (ways, tries) => ways.map((way) => ({ ...way, extra: { ...way.extra, receiverAuthorizer: other(tries) } })),
    ],
    ['scheme', (ways, tries) => ways.filter(({ scheme }) => tries === 1 || scheme === 'exact')],
  ])('and asks for another %s at each try gets one voucher and one deposit', async (_, edit) => {
    let tries = 0;
    const signed: string[] = [];
    lie = async () => {
      tries++;
      return change(await fetch(url, init), X402.headers.required, (value) => {
        // Another price makes another try worth while.
        const ways = edit(value.accepts as unknown as Ways, tries).map((way) => ({ ...way, amount: `${200 + tries}` }));
        Object.assign(value, { error: 'invalid', accepts: ways });
      });
    };
    const payer = createBuyer(market, {
      policy,
      fetch: (target, request) => {
        const payment = paymentOf(request);
        if (payment) signed.push(payment.type);
        return fetch(target, request);
      },
    });
    await expect(payer.fetch(liar, init)).rejects.toMatchObject({ code: 'payment.refused' });
    expect(signed).toEqual(['deposit']);
    expect(await payer.setup.store.all()).toHaveLength(1);
  });

  it.each([
    ['no amount', { amount: '1e3' }],
    ['a negative amount', { amount: '-1' }],
    ['a number', { amount: 200 }],
    ['no payee', { payTo: `0x${'0'.repeat(40)}` }],
    ['another token of the same address book', { extra: { name: 'Real Dollar' } }],
    ['no authorizer', { extra: {} }],
  ])('and asks for %s is refused (A-142)', async (_, way) => {
    lie = (response) =>
      response.status === 402
        ? change(response, X402.headers.required, (value) => {
            const ways = value.accepts as unknown as object[];
            (value as unknown as { accepts: object[] }).accepts = ways.slice(0, 1).map((one) => ({ ...one, ...way }));
          })
        : response;
    const payer = createBuyer(market, { policy });
    await expect(payer.fetch(liar, init)).rejects.toMatchObject({ code: expect.stringMatching(/^payment|^amount/) });
    expect(await payer.setup.store.all()).toEqual([]);
  });
});
