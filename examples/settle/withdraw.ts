/** Three parties are paid by shares, and nobody before the dispute window has passed. */
import assert from 'node:assert/strict';
import * as Amount from '../../src/internal/Amount.ts';
import { buyLicence } from '../../src/license/buyLicence.ts';
import { credits } from '../../src/settle/credits.ts';
import { harvest } from '../../src/settle/harvest.ts';
import { NothingError, withdraw } from '../../src/settle/withdraw.ts';
import { publishModel } from '../../test/actors/publishModel.ts';
import { startWorld } from '../../test/actors/startWorld.ts';

const world = await startWorld();
const { addresses, people } = world;
const { listing, terms } = await publishModel(world, 'digits', { licensed: true });
await listing.engine.close();
await buyLicence(await world.connect('buyer'), { addresses, terms, maxPrice: terms.price });

//#region withdraw
const { vaults, token } = addresses;
const anybody = await world.connect('stranger');
const { amount: revenue } = await harvest(anybody, { vaults, account: listing.asset, token });
assert.equal(revenue, terms.price);

const ofSeller = { vaults, tokens: [token], payee: people.seller.address };
const seller = await world.connect('seller');
await assert.rejects(withdraw(seller, ofSeller), NothingError);
const [credit] = await credits(seller, ofSeller);
console.log(`${Amount.format(credit?.waiting ?? 0n)} waits until ${credit?.maturesAt}`);

await world.passTime(40);
for (const role of ['seller', 'contributor', 'evaluator'] as const) {
  const { amount } = await withdraw(anybody, { ...ofSeller, payee: people[role].address });
  console.log(`${role} ${Amount.format(amount)}`);
}
assert.equal(await world.dollarsOf(people.seller.address), (revenue * 7_000n) / 10_000n);
//#endregion

await world.stop();
