/** Money that waits for a person: earned shares, final escrow of the assets it owns, and refunds that were announced. */

import type { Hash } from 'viem';
import { licensesAbi } from '../chain/abi/index.ts';
import { explain } from '../chain/explain.ts';
import { readEvents } from '../chain/readEvents.ts';
import * as Amount from '../internal/Amount.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';
import { leaveLicence, planLeave } from '../license/leaveLicence.ts';
import { readEscrow } from '../license/readEscrow.ts';
import { releaseEscrow } from '../license/releaseEscrow.ts';
import { withdraw } from '../settle/withdraw.ts';
import type * as Home from './Home.ts';
import type { Signing } from './openMarket.ts';
import { readEarnings } from './readEarnings.ts';
import { readHeld } from './readHeld.ts';
import { type Listing, nameOf, readListings } from './readListings.ts';

/** An amount that waits. */
export type Due = {
  readonly kind: 'share' | 'escrow' | 'refund';
  /** Atoms. */
  readonly amount: bigint;
  readonly from: string;
  /** Unix time in seconds at which it can be taken; undefined when it can be now. */
  readonly at: bigint | undefined;
  /** What taking it signs, in words. */
  readonly sentence: string;
  claim(): Promise<readonly Hash[]>;
};

/** Everything that waits for the person who signs. */
export async function readDue(home: Home.Home, market: Signing): Promise<readonly Due[]> {
  const listings = await readListings(home, market);
  const all = await Promise.all([readEscrows(market, listings), readRefunds(market, listings), readShares(market)]);
  return all.flat();
}

async function readShares(market: Signing): Promise<readonly Due[]> {
  const { query, credits, ready } = await readEarnings(market);
  const row = {
    kind: 'share',
    from: 'what was earned',
    sentence: `Pay ${Amount.format(ready)} of earnings to ${query.payee}.`,
  } as const;
  const claim = async () => [(await withdraw(market.client, query)).hash];
  return [
    ...(ready > 0n ? [{ ...row, amount: ready, at: undefined, claim }] : []),
    ...credits
      .filter(({ waiting }) => waiting > 0n)
      .map(({ waiting, maturesAt }): Due => ({ ...row, amount: waiting, at: maturesAt ?? 0n, claim })),
  ];
}

/** What buyers can no longer be refunded. It goes to the payout address of the asset, and is shared from there. */
async function readEscrows({ client, addresses }: Signing, listings: readonly Listing[]): Promise<readonly Due[]> {
  const own = listings.filter(({ asset }) => isSameAddress(asset.owner, client.account.address));
  const offers = own.flatMap((listing) => listing.offers.map((offer) => ({ ...offer, name: nameOf(listing) })));
  const rows = await Promise.all(
    offers
      .filter(({ terms }) => terms.refundPolicy !== 0)
      .map(async ({ terms, termsId, name }) => {
        const licenses = { address: addresses.licenses, abi: licensesAbi, eventName: 'Buy' } as const;
        const sold = await readEvents(client, { ...licenses, args: { termsId }, fromBlock: addresses.deployedAtBlock });
        const holders = [...new Set(sold.map(({ args }) => args.holder))];
        return Promise.all(
          holders.map(async (holder): Promise<Due> => {
            const query = { addresses, terms, holder };
            return {
              ...{ kind: 'escrow', at: undefined, from: `a licence of ${name}` },
              amount: (await readEscrow(client, query)).final,
              sentence: explain('Licenses.release', [terms, holder]),
              claim: async () => hashes(await releaseEscrow(client, query)),
            };
          }),
        );
      }),
  );
  return rows.flat().filter(({ amount }) => amount > 0n);
}

/** Refunds of licences whose end was announced. */
async function readRefunds(market: Signing, listings: readonly Listing[]): Promise<readonly Due[]> {
  const { client, addresses } = market;
  const leaving = (await readHeld(market)).filter(({ token, licence, offer }) => {
    return !token && offer.terms.refundPolicy === 2 && licence.refundableUntil > licence.end;
  });
  const rows = await Promise.all(
    leaving.map(async ({ offer: { terms } }): Promise<Due> => {
      const { kind, refund, leaveAt } = await planLeave(client, { addresses, terms });
      const listing = listings.find(({ asset }) => asset.id === terms.asset);
      return {
        ...{ kind: 'refund', amount: refund, from: `your licence of ${listing ? nameOf(listing) : 'an asset'}` },
        at: kind === 'wait' ? BigInt(leaveAt ?? 0) : undefined,
        sentence: explain('Licenses.leave', [terms, client.account.address]),
        claim: async () => hashes(await leaveLicence(client, { addresses, terms })),
      };
    }),
  );
  return rows.filter(({ amount }) => amount > 0n);
}

function hashes({ hash }: { readonly hash?: Hash }): readonly Hash[] {
  return hash === undefined ? [] : [hash];
}
