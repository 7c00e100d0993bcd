import type { Hex } from 'viem';
import type { Listing } from '../../src/infer/Listing.ts';
import * as Prices from '../../src/license/Prices.ts';
import { createSigner, digit, type Opened } from './createSigner.ts';
import { failing, gated, lying, variant } from './engines.ts';
import { startMarket } from './startMarket.ts';

/** Price of a call of most models of the shop. */
export const price = 200n;

/** A request to the model that needs no licence. */
export const body = digit('open');

/** What the lying engine says that it used. */
const absurd = { inputTokens: 10n ** 9n, outputTokens: -5n, images: 10n ** 30n, bytes: undefined };

/** A market with one model under many names: licensed, open, dear, cheap, lying, failing, and one that waits. */
export type Shop = Awaited<ReturnType<typeof startShop>>;

export async function startShop() {
  let gate = {} as ReturnType<typeof gated>;
  const market = await startMarket({
    licensed: ['digits'],
    more: ([licensed]) => {
      const digits = licensed as Listing;
      gate = gated(digits, 'gated');
      return [
        variant(digits, 'open'),
        variant(digits, 'derived', { refundable: false }),
        variant(digits, 'dearer', { prices: Prices.from({ perCall: 300_000_000n }), termsId: `0x${'de'.repeat(32)}` }),
        variant(digits, 'crumbs', { prices: Prices.from({ perCall: 1n }) }),
        lying(digits, 'liar', absurd),
        failing(digits, 'broken'),
        gate.listing,
      ];
    },
  });
  const buyer = createSigner(market);
  const { ledger } = market.gateway.deps;
  return {
    market,
    buyer,
    ledger,
    gate,
    chargedOf: (id: Hex) => ledger.channel(id)?.charged,
    depositsOf: (id: Hex) =>
      ledger.outbox(0, 10_000).filter(({ kind, payload }) => kind === 'deposit' && payload.includes(id)),
    /** A channel whose first call was paid. */
    async open(amount = 10n * price): Promise<Opened> {
      const channel = buyer.open();
      const response = await buyer.call(buyer.deposit(channel, amount, price), { body });
      if (response.status !== 200) throw new TypeError(`not opened: ${response.status} ${await response.text()}`);
      return channel;
    },
  };
}

/** Status codes of calls that run at once. */
export async function statusesOf(calls: readonly Promise<Response>[]): Promise<readonly number[]> {
  return (await Promise.all(calls)).map(({ status }) => status);
}
