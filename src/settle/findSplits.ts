import type { Address, Hex, PublicClient } from 'viem';
import { assetsAbi, vaultsAbi } from '../chain/abi/index.ts';
import * as Split from './Split.ts';

/** What is needed of a client to read. */
export type Reader = Pick<PublicClient, 'readContract' | 'getContractEvents' | 'getBlock'>;

/** A split that an account had, with the owner of that time. */
export type Found = { readonly account: bigint; readonly splitId: Hex; readonly split: Split.Split };

/**
 * Finds every split that money of an account went by: configurations from `Configure`, and the owners of the times of
 * its harvests. Newest first.
 */
export async function findSplits(client: Reader, options: findSplits.Options): Promise<readonly Found[]> {
  const { vaults, account, fromBlock = 0n } = options;
  const args = account === undefined ? {} : { account };
  const common = { address: vaults, abi: vaultsAbi, args, fromBlock } as const;
  const [configured, harvested] = await Promise.all([
    client.getContractEvents({ ...common, eventName: 'Configure', strict: true }),
    client.getContractEvents({ ...common, eventName: 'Harvest', strict: true }),
  ]);
  const found = new Map<string, Found>();
  for (const one of options.known ?? []) add(found, one.account, one.split);
  for (const { args } of configured) {
    const { payees, owner, treasury, feeBps, window } = args;
    add(found, args.account, { payees, owner, treasury, feeBps, window });
  }
  await addLaterOwners(client, found, harvested, options);
  return [...found.values()].reverse();
}

export declare namespace findSplits {
  type Options = {
    readonly vaults: Address;
    /** Every account unless given. */
    readonly account?: bigint;
    /** First block to look at, 0 unless given. */
    readonly fromBlock?: bigint;
    /** Splits that are known already, for nodes that have forgotten old events. */
    readonly known?: readonly Found[];
  };
}

/** A sale changes the split without a `Configure`: the same payees with the owner at the harvest. */
async function addLaterOwners(
  client: Reader,
  found: Map<string, Found>,
  harvested: readonly { blockNumber: bigint; args: { account: bigint; splitId: Hex } }[],
  { vaults }: findSplits.Options,
): Promise<void> {
  for (const { args, blockNumber } of harvested) {
    if (found.has(keyOf(args.account, args.splitId))) continue;
    const assets = await client.readContract({ address: vaults, abi: vaultsAbi, functionName: 'ASSETS' });
    const transfers = await client.getContractEvents({
      address: assets,
      abi: assetsAbi,
      eventName: 'Transfer',
      args: { tokenId: args.account },
      fromBlock: 0n,
      toBlock: blockNumber,
      strict: true,
    });
    const former = [...found.values()].filter(({ account }) => account === args.account);
    for (const { split } of former)
      for (const { args: transfer } of transfers) {
        const candidate = { ...split, owner: transfer.to };
        if (Split.resolvedId(candidate) === args.splitId) add(found, args.account, candidate);
      }
  }
}

function add(found: Map<string, Found>, account: bigint, split: Split.Split): void {
  const splitId = Split.resolvedId(split);
  // A split configured again counts as new.
  found.delete(keyOf(account, splitId));
  found.set(keyOf(account, splitId), { account, splitId, split });
}

function keyOf(account: bigint, splitId: Hex): string {
  return `${account}:${splitId}`;
}
