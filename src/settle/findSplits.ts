import type { Address, Client, Hex, PublicClient } from 'viem';
import { assetsAbi, vaultsAbi } from '../chain/abi/index.ts';
import { readEvents } from '../chain/readEvents.ts';
import * as Split from './Split.ts';

/** What is needed of a client to read. */
export type Reader = Client & Pick<PublicClient, 'readContract' | 'getBlock'>;

/** A split that an account had, with the owner of that time. */
export type Found = { readonly account: bigint; readonly splitId: Hex; readonly split: Split.Split };

/**
 * Finds every split that money of an account went by: configurations from `Configure`, what comes before their shares
 * from `Bind`, and the owners of the times at which money came. Newest first.
 */
export async function findSplits(client: Reader, options: findSplits.Options): Promise<readonly Found[]> {
  const { vaults, account, fromBlock = 0n } = options;
  const args = account === undefined ? {} : { account };
  const common = { address: vaults, abi: vaultsAbi, args, fromBlock } as const;
  const [bound, configured, harvested, passed] = await Promise.all([
    readEvents(client, { ...common, eventName: 'Bind' }),
    readEvents(client, { ...common, eventName: 'Configure' }),
    readEvents(client, { ...common, eventName: 'Harvest' }),
    readEvents(client, { ...common, eventName: 'Cascade' }),
  ]);
  const upstreams = new Map(bound.map(({ args }) => [args.account, args.upstream]));
  const found = new Map<string, Found>();
  for (const one of options.known ?? []) add(found, one.account, one.split);
  for (const { args } of configured) {
    const { payees, owner, treasury, feeBps, window } = args;
    const upstream = upstreams.get(args.account) ?? [];
    add(found, args.account, { upstream, payees, owner, treasury, feeBps, window });
  }
  const used = [
    ...harvested.map(({ args: { account, splitId }, blockNumber }) => ({ account, splitId, blockNumber })),
    ...passed.map(({ args: { account, into: splitId }, blockNumber }) => ({ account, splitId, blockNumber })),
  ];
  await addLaterOwners(client, found, used, options);
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
  used: readonly { readonly account: bigint; readonly splitId: Hex; readonly blockNumber: bigint }[],
  { vaults, fromBlock = 0n }: findSplits.Options,
): Promise<void> {
  for (const { account, splitId, blockNumber } of used) {
    if (found.has(keyOf(account, splitId))) continue;
    const assets = await client.readContract({ address: vaults, abi: vaultsAbi, functionName: 'ASSETS' });
    const transfers = await readEvents(client, {
      ...({ address: assets, abi: assetsAbi, eventName: 'Transfer' } as const),
      args: { tokenId: account },
      fromBlock,
      toBlock: blockNumber,
    });
    const former = [...found.values()].filter((one) => one.account === account);
    for (const { split } of former)
      for (const { args: transfer } of transfers) {
        const candidate = { ...split, owner: transfer.to };
        if (Split.resolvedId(candidate) === splitId) add(found, account, candidate);
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
