/** What a person holds of an asset: licences of its own, and tokens of licences that can be sold on. */
import type { Address } from 'viem';
import { BaseError } from '../internal/Errors.ts';
import { type Licence, readLicence } from '../license/readLicence.ts';
import { type Offer, readOffers } from '../license/readOffers.ts';
import type { Token } from '../license/readToken.ts';
import { readTokens } from '../license/readTokens.ts';
import type { Signing } from './openMarket.ts';

/** A licence, also one that has ended, and the terms that it is under, also when they are offered no more. */
export type Held = {
  readonly offer: Offer;
  /** Who holds it for the contract: the person, or the address of the token. */
  readonly holder: Address;
  readonly licence: Licence;
  readonly token?: Token;
};

/** Licences of one asset, or of all, the newest terms first. */
export async function readHeld({ client, addresses }: Signing, asset?: bigint): Promise<readonly Held[]> {
  const owner = client.account.address;
  const at = Number((await client.getBlock()).timestamp);
  const [offers, tokens] = await Promise.all([
    readOffers(client, { addresses, ...(asset === undefined ? {} : { asset }) }),
    readTokens(client, { addresses, owner, at }),
  ]);
  const own = await Promise.all(
    offers.map(async (offer): Promise<Held> => {
      const licence = await readLicence(client, { addresses, termsId: offer.termsId, holder: owner, at });
      return { offer, holder: owner, licence };
    }),
  );
  const resellable = tokens.flatMap((token): readonly Held[] => {
    const offer = offers.find(({ termsId }) => termsId === token.termsId);
    return offer ? [{ offer, holder: token.holder, licence: token.licence, token }] : [];
  });
  return [...resellable, ...own.filter(({ licence }) => licence.start > 0)].reverse();
}

/** Nothing is held that the verb could do something with. */
export class NotHeldError extends BaseError {
  override readonly name = 'readHeld.NotHeldError';
  constructor(name: string, what: string) {
    super(`You hold no licence of ${name} that can be ${what}.`, {
      code: 'license.not-held',
      hint: 'See what you hold: agorai balance',
    });
  }
}
