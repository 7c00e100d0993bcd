/**
 * How fast an index reads a chain: events a second from a node on this machine into an empty index, journal on, and how
 * long an index takes to open again.
 *
 *   npm run bench:index -- [--events 60000] [--url postgres://...]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeFunctionData, multicall3Abi } from 'viem';
import { openIndex } from '../../src/audit/indexer/openIndex.ts';
import { startingPace, syncIndex } from '../../src/audit/indexer/syncIndex.ts';
import * as Tables from '../../src/audit/indexer/Tables.ts';
import { testDollarAbi } from '../../src/chain/abi/index.ts';
import { startMarket } from '../support/startMarket.ts';

const { values } = parseArgs({ options: { events: { type: 'string', default: '60000' }, url: { type: 'string' } } });
const inBlock = 200;
const market = await startMarket();
const folder = await mkdtemp(join(tmpdir(), 'bench-index-'));
const { addresses, operator } = market;

const mint = encodeFunctionData({
  abi: testDollarAbi,
  functionName: 'mint',
  args: [operator.account.address, 1n],
});
const calls = Array.from({ length: inBlock }, () => ({ target: addresses.token, allowFailure: false, callData: mint }));
const data = encodeFunctionData({ abi: multicall3Abi, functionName: 'aggregate3', args: [calls] });
for (let made = 0; made < Number(values.events); made += inBlock) {
  const transaction = { from: operator.account.address, to: addresses.multicall3, data, gas: '0x1c9c380' };
  await operator.request({ method: 'eth_sendTransaction', params: [transaction] } as never);
}

const place = values.url === undefined ? { folder } : { url: values.url };
let index = await openIndex({ ...place, addresses });
await index.replace(-1n, { blocks: [], rows: new Map() });
const started = performance.now();
const pace = startingPace();
while ((await syncIndex(operator, index, { addresses, pace })).more);
const seconds = (performance.now() - started) / 1_000;
const names = Tables.tables.map(({ name }) => `select count(*) as n from ${name}`);
const [{ n } = { n: 0 }] = await index.query<{ n: number }>(
  `select sum(n) as n from (${names.join(' union all ')}) as all_rows`,
);
await index.close();
const again = performance.now();
index = await openIndex({ ...place, addresses });
await index.tip();
const opened = (performance.now() - again) / 1_000;
console.log(`${n} events in ${seconds.toFixed(2)} s: ${Math.round(Number(n) / seconds)} a second`);
console.log(`opened again in ${opened.toFixed(2)} s`);
await index.close();
await market.stop();
await rm(folder, { recursive: true, force: true });
