/** Ten paid calls on one deposit, each with a receipt that the buyer has checked. */
import assert from 'node:assert/strict';
import { callModel } from '../../src/infer/callModel.ts';
import * as Amount from '../../src/internal/Amount.ts';
import { createBuyer, receiptCheck } from '../../test/actors/createBuyer.ts';
import { startMarket } from '../../test/actors/startMarket.ts';

const market = await startMarket({ models: ['digits'] });
const payer = createBuyer(market);

//#region call
for (let call = 1; call <= 10; call++) {
  const answer = await callModel({
    payer,
    gateway: market.gateway.url,
    route: '/v1/classify',
    input: { model: 'digits', pixels: Array(784).fill(call) },
    limits: { maxPrice: 500n },
    check: receiptCheck(market),
  });
  assert.equal(answer.receipt.seq, BigInt(call));
  console.log(`${Amount.format(answer.cost)} of at most ${Amount.format(answer.bound)} · receipt ${answer.hash}`);
}
//#endregion

//#region channel
const [channel] = await payer.setup.store.all();
assert(channel);
assert.equal(channel.charged, 2_000n);
assert.equal(channel.signed, channel.charged, 'the seller can claim what it charged and not one atom more');

const before = await market.dollarsOf(market.people.buyer.address);
await payer.refund(`${market.gateway.url}/v1/refund`, channel.channelId);
const returned = (await market.dollarsOf(market.people.buyer.address)) - before;
console.log(`returned ${Amount.format(returned)} of ${Amount.format(channel.balance)} deposited`);
assert.equal(returned, channel.balance - channel.charged);
//#endregion

await market.stop();
