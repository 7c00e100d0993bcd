import type { Address } from 'viem';
import { assetsAbi, vaultsAbi } from '../chain/abi/index.ts';
import { readEvents } from '../chain/readEvents.ts';
import { findSplits, type Reader } from './findSplits.ts';
import * as Split from './Split.ts';

/** The accounts in which a payee shares, and its assets that had no split so far and are passed on to. */
export async function findAccounts(client: Reader, options: findAccounts.Options): Promise<readonly bigint[]> {
  const { vaults, payee, fromBlock = 0n } = options;
  const isPayee = (other: Address) => other.toLowerCase() === payee.toLowerCase();
  const found = await findSplits(client, options);
  const shared = found.filter(({ split }) => Split.rows(split).some((row) => isPayee(row.payee)));
  const contract = { address: vaults, abi: vaultsAbi } as const;
  const bound = await readEvents(client, { ...contract, eventName: 'Bind', fromBlock });
  const parents = bound.flatMap(({ args }) => args.upstream.map(({ account }) => account));
  const fresh = [...new Set(parents)].filter((account) => !found.some((one) => one.account === account));
  if (fresh.length === 0) return [...new Set(shared.map(({ account }) => account))];
  const address = await client.readContract({ ...contract, functionName: 'ASSETS' });
  const owners = await Promise.all(
    fresh.map((asset) => client.readContract({ address, abi: assetsAbi, functionName: 'ownerOf', args: [asset] })),
  );
  const own = fresh.filter((_, at) => isPayee(owners[at] as Address));
  return [...new Set([...shared.map(({ account }) => account), ...own])];
}

export declare namespace findAccounts {
  type Options = findSplits.Options & { readonly payee: Address };
}
