/** Anyone recomputes a market from an RPC address and the published log, and a log with one changed leaf is found. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import * as Report from '../../src/audit/Report.ts';
import { verifyPublic } from '../../src/audit/verify.ts';
import { logsAbi } from '../../src/chain/abi/index.ts';
import { createBuyer } from '../../test/actors/createBuyer.ts';
import { startMarket } from '../../test/actors/startMarket.ts';

const market = await startMarket({ models: ['digits'] });
const { client, addresses, gateway } = market;
const body = JSON.stringify({ model: 'digits', pixels: Array(784).fill(0) });
await createBuyer(market).fetch(`${gateway.url}/v1/classify`, { method: 'POST', body });
market.settler.settleNow();
while ((await anchored()) === 0n) await setTimeout(100);

/** Receipts under the last anchored head. */
async function anchored(): Promise<bigint> {
  const log = { address: addresses.logs, abi: logsAbi } as const;
  const [, size] = await client.readContract({
    ...log,
    functionName: 'latestOf',
    args: [market.people.seller.address, 0],
  });
  return size;
}

//#region verify
const report = await verifyPublic({ client, addresses, logs: [gateway.url] });
for (const { rule, sentence } of report.proofs) console.log(`ok   ${rule}  ${sentence}`);
for (const sentence of report.unseen) console.log(`     not seen: ${sentence}`);
assert(Report.passed(report));
//#endregion

//#region tamper
const liar = createServer(async (request, response) => {
  const log = await (await fetch(new URL(request.url ?? '', gateway.url))).json();
  response.end(JSON.stringify({ ...log, leaves: [`0x${'ab'.repeat(32)}`, ...log.leaves.slice(1)] }));
}).listen(0, '127.0.0.1');
await new Promise((resolve) => liar.once('listening', resolve));
const { port } = liar.address() as AddressInfo;

const tampered = await verifyPublic({ client, addresses, logs: [`http://127.0.0.1:${port}`] });
assert(!Report.passed(tampered));
console.log(`FAIL ${tampered.residuals[0]?.rule}  ${tampered.residuals[0]?.subject}`);
liar.close();
//#endregion

await market.stop();
