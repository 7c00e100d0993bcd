/** A gateway whose ledger is gone knows less than the chain: it does not start, or does not serve what it cannot know. */
import { join } from 'node:path';
import type { Hex } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGateway } from '../src/infer/gateway/startGateway.ts';
import { createLog } from '../src/internal/node/log.ts';
import type { Payer } from '../src/pay/createPayer.ts';
import { createKeeper } from '../src/settle/exit/createKeeper.ts';
import { readTail } from '../src/settle/exit/readTail.ts';
import { openProgress } from '../src/settle/settler/openProgress.ts';
import { createBuyer } from './actors/createBuyer.ts';
import { until } from './actors/settlement.ts';
import { type Market, startMarket } from './actors/startMarket.ts';

let market: Market;
let payer: Payer;

const call = (url: string) =>
  payer.fetch(`${url}/v1/classify`, {
    method: 'POST',
    body: JSON.stringify({ model: 'digits', pixels: Array(784).fill(1) }),
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
  payer = createBuyer(market);
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
