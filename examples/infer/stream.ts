/** An answer in pieces, paid by the token from a channel, with the checked receipt at its end. */
import assert from 'node:assert/strict';
import { streamModel } from '../../src/infer/streamModel.ts';
import * as Amount from '../../src/internal/Amount.ts';
import { createBuyer, receiptCheck } from '../../test/actors/createBuyer.ts';
import { publishNgram } from '../../test/actors/publishNgram.ts';
import { startSeller } from '../../test/actors/startSeller.ts';
import { startWorld } from '../../test/actors/startWorld.ts';

const world = await startWorld();
const { listings } = await publishNgram(world);
const { gateway, ...seller } = await startSeller(world, listings);

//#region stream
const stream = streamModel({
  payer: createBuyer(world),
  gateway: gateway.url,
  route: '/v1/completions',
  input: { model: 'ngram', prompt: 'A gateway', max_tokens: 12 },
  check: receiptCheck(world),
});
let step = await stream.next();
for (; !step.done; step = await stream.next()) {
  const { choices } = step.value as { choices: { text: string }[] };
  process.stdout.write(choices[0]?.text ?? '');
}
const { cost, bound, hash } = step.value;
console.log(`\n${Amount.format(cost)} of at most ${Amount.format(bound)} · receipt ${hash}`);
//#endregion
assert.equal(cost, 26n);

await seller.stop();
await world.stop();
