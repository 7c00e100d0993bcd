import type { Address } from 'viem';
import { vaultsAbi } from '../chain/abi/index.ts';
import { type Found, findSplits, type Reader } from './findSplits.ts';
import { readOwner } from './readOwner.ts';
import * as Split from './Split.ts';

/** The split in force with its owner of now, undefined when none was configured. */
export async function findCurrent(
  client: Reader,
  options: findSplits.Options & { readonly account: bigint },
): Promise<Split.Split | undefined> {
  return await pickCurrent(client, options, await findSplits(client, options));
}

/** The same where the splits that the account had are known. */
export async function pickCurrent(
  client: Reader,
  { vaults, account }: { readonly vaults: Address; readonly account: bigint },
  all: readonly Found[],
): Promise<Split.Split | undefined> {
  const found = all.filter((one) => one.account === account);
  if (found.length === 0) return undefined;
  const contract = { address: vaults, abi: vaultsAbi } as const;
  const terms = await client.readContract({ ...contract, functionName: 'termsOf', args: [account] });
  const current = found.find(({ split }) => {
    const { sharesHash, window } = Split.termsOf(split);
    return sharesHash === terms.sharesHash && window === terms.window;
  })?.split;
  if (!current) return undefined;
  const assets = await client.readContract({ ...contract, functionName: 'ASSETS' });
  // A sale changes who the owner is without a configuration.
  return { ...current, owner: (await readOwner(client, assets, account)) ?? current.owner };
}
