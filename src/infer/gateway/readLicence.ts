import type { Address, Hex } from 'viem';
import type { Addresses } from '../../chain/Addresses.ts';
import type { Client } from '../../chain/client.ts';
import { isSameAddress } from '../../internal/isSameAddress.ts';
import * as Licence from '../../license/readLicence.ts';
import { holderOf, readToken } from '../../license/readToken.ts';
import * as Terms from '../../license/Terms.ts';

/** A licence as the chain has it. What was used is counted from its `start`. */
export type Held = Licence.Licence & {
  /** Id of the licence: the account of its receipts and of its quota, which stays when a token is sold. */
  readonly account: Hex;
};

/** A licence that somebody claims to hold. */
export type Claimed = {
  readonly termsId: Hex;
  readonly holder: Address;
  /** The token that stands for the licence, when it is one that can be sold on; its owner is the holder. */
  readonly tokenId?: bigint | undefined;
};

/**
 * Reads the licence of a holder, valid or not at `at` in unix seconds. One that can be sold on is valid for the owner of
 * its token alone, and for nobody while the royalty of a transfer is owed.
 */
export async function readLicence(client: Client, addresses: Addresses, claimed: readLicence.Options): Promise<Held> {
  const { termsId, tokenId, at } = claimed;
  if (tokenId === undefined) {
    const licence = await Licence.readLicence(client, { ...claimed, addresses });
    return { ...licence, account: Terms.licenceIdOf(termsId, claimed.holder) };
  }
  const holder = holderOf(addresses.resales, tokenId);
  const [token, licence] = await Promise.all([
    readToken(client, { addresses, tokenId }),
    Licence.readLicence(client, { addresses, termsId, holder, at }),
  ]);
  const isOwner = isSameAddress(token?.owner, claimed.holder) && token?.isInert === false;
  return { ...licence, valid: licence.valid && isOwner, account: Terms.licenceIdOf(termsId, holder) };
}

export declare namespace readLicence {
  type Options = Claimed & { readonly at: number };
}
