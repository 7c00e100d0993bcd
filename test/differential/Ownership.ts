/** Reference model of who owns assets and whom owners let act for them, until the next transfer. */
import type { Address } from 'viem';
import type { Call, Event } from './Model.ts';

export type Ownership = {
  readonly owners: Map<bigint, Address>;
  readonly epochs: Map<bigint, number>;
  /** Asset and account of everybody with the power that the model is about. */
  readonly delegates: Set<string>;
};

/** Carries out a call of Assets by an owner, and gives its events. `power` is the bit that the model is about. */
export function perform(state: Ownership, { functionName, args }: Call, power: number): readonly Event[] | undefined {
  if (functionName === 'Assets.setDelegate') {
    const [asset, delegate, powers] = args as [bigint, Address, number];
    state.delegates[(powers & power) === power ? 'add' : 'delete'](`${asset}/${delegate}`);
    return [{ eventName: 'Assets.Delegate', args: { asset, delegate, ownerEpoch: epochOf(state, asset), powers } }];
  }
  if (functionName !== 'Assets.transferFrom') return undefined;
  const [from, to, tokenId] = args as [Address, Address, bigint];
  state.owners.set(tokenId, to);
  state.epochs.set(tokenId, epochOf(state, tokenId) + 1);
  for (const entry of state.delegates) if (entry.startsWith(`${tokenId}/`)) state.delegates.delete(entry);
  return [{ eventName: 'Assets.Transfer', args: { from, to, tokenId } }];
}

export function epochOf({ epochs }: Ownership, asset: bigint): number {
  return epochs.get(asset) ?? 0;
}
