/** A licence as the key of the official OpenAI client: signed in once, then calls without a payment. */
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { signIn } from '../../src/infer/signIn.ts';
import * as Prices from '../../src/license/Prices.ts';
import { holdLicence, monthly, publishNgram } from '../../test/actors/publishNgram.ts';
import { startSeller } from '../../test/actors/startSeller.ts';
import { startWorld } from '../../test/actors/startWorld.ts';

const world = await startWorld();
const { listings, terms } = await publishNgram(world, { ...monthly, prices: Prices.from({}) });
const { gateway, ...seller } = await startSeller(world, listings);
const { buyer } = world.people;
const termsId = await holdLicence(world, terms, buyer.address);

//#region signin
const { chainId } = world.addresses;
const { token, expiresAt } = await signIn({ gateway: gateway.url, wallet: buyer, termsId, chainId });

const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: token });
const { choices, usage } = await client.chat.completions.create({
  model: 'ngram',
  messages: [{ role: 'user', content: 'Agorai is' }],
  max_tokens: 8,
});
console.log(`${choices[0]?.message.content} · ${usage?.total_tokens} tokens · signed in until ${new Date(expiresAt)}`);
//#endregion
assert.equal(usage?.completion_tokens, 8);

await seller.stop();
await world.stop();
