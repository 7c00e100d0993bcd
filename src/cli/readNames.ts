/** Names for the addresses of a home, so that a report can be read. */
import { existsSync } from 'node:fs';
import { vaultsAbi } from '../chain/abi/index.ts';
import { readAddress } from '../internal/node/keystore.ts';
import * as Home from './Home.ts';
import type { Market } from './openMarket.ts';
import { nameOf, readListings } from './readListings.ts';

/** Answers the role of an address, or its ends. */
export async function readNames(home: Home.Home, market: Market): Promise<(account: string) => string> {
  const { client, addresses } = market;
  const names = new Map<string, string>();
  const vaults = { address: addresses.vaults, abi: vaultsAbi } as const;
  for (const person of Home.people) {
    const path = Home.keystoreOf(home, person);
    const address = existsSync(path) ? await readAddress(path) : undefined;
    if (!address) continue;
    names.set(address.toLowerCase(), person);
    const payout = await client.readContract({ ...vaults, functionName: 'payoutOf', args: [BigInt(address)] });
    names.set(payout.toLowerCase(), `vault of ${person}`);
  }
  for (const listing of await readListings(home, market)) {
    const payout = await client.readContract({ ...vaults, functionName: 'payoutOf', args: [listing.asset.id] });
    names.set(payout.toLowerCase(), `vault of ${nameOf(listing)}`);
  }
  return (account) => names.get(account.toLowerCase()) ?? `${account.slice(0, 8)}...${account.slice(-4)}`;
}
