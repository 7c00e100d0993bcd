/** Tries an asset for the time that its terms give away, once. */
import type { Account, Hash, Hex } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { licensesAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';
import { waitForPending } from '../chain/waitForPending.ts';
import { type Licence, readLicence } from './readLicence.ts';
import * as Terms from './Terms.ts';

/** Begins a trial, or finds the licence that is valid. A trial comes before everything else under the terms, or never. */
export async function startTrial(client: Client<Account>, options: startTrial.Options): Promise<startTrial.ReturnType> {
  const { addresses, terms, shown = '0x' } = options;
  const termsId = Terms.idOf(addresses, terms);
  const query = { addresses, termsId, holder: client.account.address };
  await waitForPending(client);
  const before = await readLicence(client, query);
  if (before.valid) return { termsId, licence: before };
  const { hash } = await send(client, {
    address: addresses.licenses,
    abi: licensesAbi,
    functionName: 'startTrial',
    args: [terms, shown],
  });
  return { termsId, licence: await readLicence(client, query), hash };
}

export declare namespace startTrial {
  type Options = {
    readonly addresses: Addresses;
    readonly terms: Terms.Terms;
    /** What a checker of the terms is shown, nothing unless given; see `AllowList.show`. */
    readonly shown?: Hex;
  };
  /** Without a hash, the licence was there before. */
  type ReturnType = { readonly termsId: Hex; readonly licence: Licence; readonly hash?: Hash };
  type ErrorType = send.ErrorType;
}
