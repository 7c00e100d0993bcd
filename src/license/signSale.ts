/** Offers a licence for sale: signs a message, and sends nothing. */

import type { LocalAccount } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import type { Client } from '../chain/client.ts';
import * as Amount from '../internal/Amount.ts';
import { BaseError } from '../internal/Errors.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';
import { readToken } from './readToken.ts';
import * as Sale from './Sale.ts';

/**
 * Signs a sale of a token by its owner. Anybody who has it can buy, until the token moves, the owner cancels, or it
 * ends. What `Resales` would refuse is refused before it is signed.
 */
export async function signSale(client: Client<LocalAccount>, options: signSale.Options): Promise<Sale.Signed> {
  const { addresses, tokenId, price, validUntil } = options;
  const token = await readToken(client, { addresses, tokenId });
  if (!token || !isSameAddress(token.owner, client.account.address)) throw new NotSellableError('it is not yours');
  if (token.isInert) throw new NotSellableError('it was transferred, and its royalty is not paid');
  if (token.maxResales !== 0 && token.resales >= token.maxResales)
    throw new NotSellableError('it has changed hands as often as it may');
  if (price < token.royalty) throw new NotSellableError(`the royalty alone is ${Amount.format(token.royalty)}`);
  const sale = { tokenId, price, nonce: token.nonce, validUntil };
  return { sale, signature: await client.account.signTypedData(Sale.typedData(addresses, sale)) };
}

export declare namespace signSale {
  type Options = {
    readonly addresses: Addresses;
    readonly tokenId: bigint;
    /** What the buyer pays in all, royalty included, in atoms. */
    readonly price: bigint;
    /** Unix time in seconds of the last moment at which the sale counts. */
    readonly validUntil: number;
  };
  type ErrorType = NotSellableError;
}

/** A licence that cannot be sold. */
export class NotSellableError extends BaseError {
  override readonly name = 'signSale.NotSellableError';
  constructor(reason: string) {
    super(`The licence cannot be sold so: ${reason}.`, {
      code: 'license.not-sellable',
      docsPath: 'docs/license.md',
      hint: 'See whose it is and what it owes: agorai balance',
    });
  }
}
