/** A seller and a buyer leave with one file each, when the gateway and the settler are gone and their files deleted. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '../../src/chain/client.ts';
import * as Amount from '../../src/internal/Amount.ts';
import * as ChannelStore from '../../src/pay/ChannelStore.ts';
import { exitMarket } from '../../src/settle/exit/exitMarket.ts';
import { openExport } from '../../src/settle/exit/openExport.ts';
import { readExport } from '../../src/settle/exit/readExport.ts';
import { recordChannels } from '../../src/settle/exit/recordBuyer.ts';
import { createBuyer } from '../../test/actors/createBuyer.ts';
import { startMarket } from '../../test/actors/startMarket.ts';

const market = await startMarket();
const { addresses, people, chain, files } = market;

//#region record
const file = join(market.home, 'exports', 'buyer.ndjson');
const writer = await openExport(file, { person: people.buyer.address, addresses });
const payer = createBuyer(market, { store: recordChannels(ChannelStore.inMemory(), writer) });
//#endregion
const body = JSON.stringify({ model: 'digits', pixels: Array(784).fill(0) });
const { response } = await payer.fetch(`${market.gateway.url}/v1/classify`, { method: 'POST', body });
assert.equal(response.status, 200);
const [channel] = await payer.setup.store.all();
const funded = await market.dollarsOf(people.buyer.address);

await market.gateway.stop();
await market.settler.stop();
for (const gone of [files.ledger, files.settler]) rmSync(gone);

//#region exit
const leave = async (role: 'seller' | 'buyer', path: string) => {
  const holdings = await readExport(path);
  const client = await createClient({ rpcUrl: chain.url, account: people[role], addresses: holdings.header.addresses });
  const { done, waiting } = await exitMarket(client, { holdings, wait: false });
  for (const { kind, amount } of done) console.log(`${role} ${kind} ${Amount.format(amount)}`);
  return waiting;
};

const [window] = await leave('seller', files.export);
const [delay] = await leave('buyer', file);
console.log(`the rest waits until ${window?.until} and ${delay?.until}`);
await market.passTime(900);
await leave('seller', files.export);
await leave('buyer', file);
//#endregion

assert.equal(await market.dollarsOf(people.seller.address), 140n);
assert.equal((await market.dollarsOf(people.buyer.address)) - funded, (channel?.balance ?? 0n) - 200n);
await chain.stop();
rmSync(market.home, { recursive: true, force: true });
