/** Finds the licences that an account owns and can sell on. */

import type { Address } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { resalesAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { readEvents } from '../chain/readEvents.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';
import { readToken, type Token } from './readToken.ts';

/** The tokens that belong to the owner now, oldest first. */
export async function readTokens(client: Client, options: readTokens.Options): Promise<readonly Token[]> {
  const { addresses, owner, at } = options;
  const received = await readEvents(client, {
    ...({ address: addresses.resales, abi: resalesAbi, eventName: 'Transfer' } as const),
    args: { to: owner },
    fromBlock: addresses.deployedAtBlock,
  });
  const ids = new Set(received.map(({ args }) => args.id));
  const tokens = await Promise.all(
    [...ids].map((tokenId) => readToken(client, { addresses, tokenId, ...(at === undefined ? {} : { at }) })),
  );
  return tokens.flatMap((token) => (token && isSameAddress(token.owner, owner) ? [token] : []));
}

export declare namespace readTokens {
  type Options = {
    readonly addresses: Addresses;
    readonly owner: Address;
    /** Unix time in seconds by which licences are valid or not, that of the latest block unless given. */
    readonly at?: number;
  };
}
