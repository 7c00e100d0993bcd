import type * as Ledger from '../../pay/Ledger.ts';
import type { Context } from './Context.ts';
import { encodeClaim } from './kinds/claim.ts';
import { isUnreachable, reasonOf, simulate } from './rpc.ts';

/**
 * Why a claim would revert, or undefined. A row that cannot be encoded, or that the node cannot read, is as bad as one
 * that reverts.
 */
export async function tryClaim(
  { account, client, config, place }: Context,
  channels: readonly Ledger.ChannelRow[],
): Promise<string | undefined> {
  try {
    const data = encodeClaim({ place, config }, channels);
    const simulated = await simulate(client, { from: account.address, to: config.addresses.settlement, data });
    return 'revert' in simulated ? simulated.revert : undefined;
  } catch (error) {
    if (isUnreachable(error)) throw error;
    return reasonOf(error);
  }
}
