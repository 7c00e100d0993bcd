/** Puts terms on offer, once. */
import type { Account, Hash, Hex } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { licensesAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';
import { waitForPending } from '../chain/waitForPending.ts';
import type * as Prices from './Prices.ts';
import * as Terms from './Terms.ts';

/** Offers terms of an asset that is published already. Terms that are on offer are found, and nothing is sent. */
export async function offerTerms(client: Client<Account>, options: offerTerms.Options): Promise<offerTerms.ReturnType> {
  const { addresses, terms, prices } = options;
  const licenses = { address: addresses.licenses, abi: licensesAbi } as const;
  const termsId = Terms.idOf(addresses, terms);
  await waitForPending(client);
  if (await client.readContract({ ...licenses, functionName: 'isOffered', args: [terms] })) return { termsId };
  const { hash } = await send(client, { ...licenses, functionName: 'offer', args: [terms, prices] });
  return { termsId, hash };
}

export declare namespace offerTerms {
  type Options = { readonly addresses: Addresses; readonly terms: Terms.Terms; readonly prices: Prices.Prices };
  /** Without a hash, the terms were on offer before. */
  type ReturnType = { readonly termsId: Hex; readonly hash?: Hash };
}
