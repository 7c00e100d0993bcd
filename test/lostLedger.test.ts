/** A gateway whose ledger is gone knows less than the chain: it does not start, or does not serve what it cannot know. */
import { join } from 'node:path';
import type { Hex } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGateway } from '../src/infer/gateway/startGateway.ts';
import { createLog } from '../src/internal/node/log.ts';
import type { Payer } from '../src/pay/createPayer.ts';
import { openLedger } from '../src/pay/openLedger.ts';
import * as X402 from '../src/pay/X402.ts';
import { createKeeper } from '../src/settle/exit/createKeeper.ts';
import { readTail } from '../src/settle/exit/readTail.ts';
import { reconcileLedger } from '../src/settle/exit/reconcileLedger.ts';
import { openProgress } from '../src/settle/settler/openProgress.ts';
import { readCursor } from '../src/settle/settler/readCursor.ts';
import { createBuyer } from './actors/createBuyer.ts';
import { digit } from './actors/createSigner.ts';
import { until } from './actors/settlement.ts';
import { type Market, startMarket } from './actors/startMarket.ts';

let market: Market;
let payer: Payer;
/** Headers of the first paid request. */
let paid: Headers;

const call = (url: string) =>
  payer.fetch(`${url}/v1/classify`, {
    method: 'POST',
    body: digit('digits', 1),
    headers: { 'content-type': 'application/json' },
  });

/** A gateway as it was, on an empty ledger. */
const restart = (name: string, kept: boolean) => {
  const { chain, addresses, people, receiverAuthorizer, listings, client, files } = market;
  const seller = people.seller.address;
  const accounts = [BigInt(seller)];
  return startGateway({
    ...{ rpcUrl: chain.url, addresses, seller, receiverAuthorizer, listings },
    receiptKey: people.receipts.key,
    ledgerFile: join(market.home, name),
    progress: openProgress(files.settler),
    log: createLog('test'),
    ...(kept ? { keeper: createKeeper({ file: files.export, client, addresses, seller, accounts }) } : {}),
  });
};

beforeAll(async () => {
  market = await startMarket();
  payer = createBuyer(market, {
    fetch: (url, init) => {
      const headers = new Headers(init?.headers);
      if (headers.has(X402.headers.signature)) paid ??= headers;
      return fetch(url, init);
    },
  });
  expect((await call(market.gateway.url)).response.status).toBe(200);
  market.settler.settleNow();
  const claimed = async () => {
    const [account] = await payer.setup.store.all();
    return (await payer.setup.readChannel?.(account?.channelId as Hex))?.claimed;
  };
  await until(async () => (await claimed()) === 200n, 'the claim');
  await until(async () => (await readTail(market.files.export)).receipts === 1, 'the export');
});
afterAll(() => market?.stop());

it('does not start when its export knows more (A-147)', async () => {
  await expect(restart('empty.db', true)).rejects.toMatchObject({ code: 'ledger.behind' });
});

it('knows a request again after it was reconciled from the export, and charges nothing for it (A-147, A-156)', async () => {
  const { client, addresses, files } = market;
  const ledgerFile = join(market.home, 'reconciled.db');
  await openLedger(ledgerFile).close();
  const cursor = await readCursor(files.settler);
  await reconcileLedger({ exportFile: files.export, ledgerFile, client, addresses, cursor });
  const gateway = await restart('reconciled.db', true);
  const repeat = async (ink: number) => {
    const response = await fetch(`${gateway.url}/v1/classify`, {
      method: 'POST',
      headers: paid,
      body: digit('digits', ink),
    });
    return [response.status, ((await response.json()) as { code: string }).code];
  };
  expect(await repeat(1)).toEqual([410, 'request.forgotten']);
  expect(await repeat(2)).toEqual([409, 'request.conflict']);
  const [account] = await payer.setup.store.all();
  expect(gateway.deps.ledger.channel(account?.channelId as Hex)).toMatchObject({ state: 'open', charged: 200n });
  await gateway.stop();
});

it('serves no channel of which more was claimed than it ever charged (A-147)', async () => {
  const [account] = await payer.setup.store.all();
  const gateway = await restart('other.db', false);
  // A client that lost its state too would sign the very voucher that is spent.
  await payer.setup.store.put({ ...account, charged: 0n, signed: 0n } as NonNullable<typeof account>);
  await expect(call(gateway.url)).rejects.toMatchObject({ code: 'payment.refused' });
  expect(gateway.deps.ledger.channel(account?.channelId as Hex)).toMatchObject({ state: 'dead', charged: 0n });
  expect(gateway.deps.ledger.logSize()).toBe(0);
  await gateway.stop();
});
