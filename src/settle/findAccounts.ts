import type { Address } from 'viem';
import { vaultsAbi } from '../chain/abi/index.ts';
import { readEvents } from '../chain/readEvents.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';
import { pickCurrent } from './findCurrent.ts';
import { type Found, findSplits, type Reader } from './findSplits.ts';
import { readOwner } from './readOwner.ts';
import * as Split from './Split.ts';

/**
 * The accounts in which a payee shares. What waits in the lineage goes by the shares and the owner of the moment at which
 * it is passed on, so that parents whose owner is another one since money last came, or that had no split so far, count.
 */
export async function findAccounts(client: Reader, options: findAccounts.Options): Promise<readonly bigint[]> {
  return await pickAccounts(client, options, await findSplits(client, options));
}

/** The same where every split that there was is known. */
export async function pickAccounts(
  client: Reader,
  options: findAccounts.Options,
  found: readonly Found[],
): Promise<readonly bigint[]> {
  const { vaults, payee, fromBlock = 0n } = options;
  const isPayee = (other: Address | undefined) => isSameAddress(other, payee);
  const isShared = (split: Split.Split) => Split.rows(split).some((row) => isPayee(row.payee));
  const shared = new Set(found.filter(({ split }) => isShared(split)).map(({ account }) => account));
  const contract = { address: vaults, abi: vaultsAbi } as const;
  const bound = await readEvents(client, { ...contract, eventName: 'Bind', fromBlock });
  const parents = new Set(bound.flatMap(({ args }) => args.upstream.map(({ account }) => account)));
  const others = [...parents].filter((account) => !shared.has(account));
  if (others.length === 0) return [...shared];
  const assets = await client.readContract({ ...contract, functionName: 'ASSETS' });
  const counts = await Promise.all(
    others.map(async (account) => {
      const current = await pickCurrent(client, { vaults, account }, found);
      return current ? isShared(current) : isPayee(await readOwner(client, assets, account));
    }),
  );
  return [...shared, ...others.filter((_, at) => counts[at])];
}

export declare namespace findAccounts {
  type Options = findSplits.Options & { readonly payee: Address };
}
