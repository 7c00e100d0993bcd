/** A buyer reads offers from the chain, names the complete terms, and buys once however often it asks. */
import assert from 'node:assert/strict';
import * as Amount from '../../src/internal/Amount.ts';
import { buyLicence, TooExpensiveError } from '../../src/license/buyLicence.ts';
import { readOffers } from '../../src/license/readOffers.ts';
import * as Terms from '../../src/license/Terms.ts';
import { publishModel } from '../../test/actors/publishModel.ts';
import { startWorld } from '../../test/actors/startWorld.ts';

const world = await startWorld();
const { addresses } = world;
const { listing } = await publishModel(world, 'digits', { licensed: true });
await listing.engine.close();
const buyer = await world.connect('buyer');

//#region buy
const [offer] = await readOffers(buyer, { addresses, asset: listing.asset });
assert(offer?.standing);
console.log(Terms.sentence(offer.terms, offer.prices));

const { terms } = offer;
await assert.rejects(buyLicence(buyer, { addresses, terms, maxPrice: terms.price - 1n }), TooExpensiveError);

const first = await buyLicence(buyer, { addresses, terms, maxPrice: terms.price });
assert(first.licence.valid);
console.log(`paid ${Amount.format(first.paid)} in ${first.hash}`);

const second = await buyLicence(buyer, { addresses, terms, maxPrice: terms.price });
assert.equal(second.paid, 0n);
//#endregion

await world.stop();
