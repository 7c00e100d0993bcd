/** Records on chain how often a licence was used, as its holder and its seller have both signed. Anyone may do it. */
import type { Account, Address, Hash, Hex } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { licensesAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';
import { waitForPending } from '../chain/waitForPending.ts';
import { readLicence } from './readLicence.ts';
import * as Terms from './Terms.ts';
import type * as Usage from './Usage.ts';

/** Settles a statement of use. One that the chain knows already is found, and nothing is sent. */
export async function settleUsage(
  client: Client<Account>,
  options: settleUsage.Options,
): Promise<settleUsage.ReturnType> {
  const { addresses, terms, usage, holderSignature, seller, sellerSignature } = options;
  await waitForPending(client);
  const query = { addresses, termsId: Terms.idOf(addresses, terms), holder: usage.holder };
  const { start, quotaSettled } = await readLicence(client, query);
  if (start === usage.start && quotaSettled === usage.used) return {};
  const { hash } = await send(client, {
    address: addresses.licenses,
    abi: licensesAbi,
    functionName: 'settleUsage',
    args: [terms, usage, holderSignature, seller, sellerSignature],
  });
  return { hash };
}

export declare namespace settleUsage {
  type Options = {
    readonly addresses: Addresses;
    readonly terms: Terms.Terms;
    readonly usage: Usage.Usage;
    readonly holderSignature: Hex;
    /** The owner of the asset, or a delegate that may offer it. */
    readonly seller: Address;
    readonly sellerSignature: Hex;
  };
  /** Without a hash, it was settled before. */
  type ReturnType = { readonly hash?: Hash };
  type ErrorType = send.ErrorType;
}
