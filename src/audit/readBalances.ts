import { type Address, zeroAddress } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { channelsAbi, escrowsAbi, testDollarAbi, vaultsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import type { Places } from './checkLicences.ts';
import type { Balances } from './checkMoney.ts';
import type * as History from './History.ts';

type At = { readonly client: Client; readonly addresses: Addresses; readonly blockNumber: bigint };

/** What the chain answers at a block about everything that a history is about. */
export async function readBalances(at: At, state: History.State): Promise<Balances & Places> {
  const { client, addresses, blockNumber } = at;
  const token = { address: addresses.token, abi: testDollarAbi, blockNumber } as const;
  return {
    ...addresses,
    supply: await client.readContract({ ...token, functionName: 'totalSupply' }),
    balanceOf: await readHolders(at, state),
    channel: await readChannels(at, state),
    heldOf: await readEscrows(at, state),
    payoutOf: await readPayouts(at, state),
  };
}

async function readHolders({ client, addresses, blockNumber }: At, state: History.State) {
  const { token, settlement, vaults, escrows } = addresses;
  const balances = new Map<string, bigint>();
  const own = [settlement, vaults, escrows].map((address) => address.toLowerCase());
  for (const holder of new Set([...state.balances.keys(), ...own])) {
    const query = { address: token, abi: testDollarAbi, functionName: 'balanceOf', blockNumber } as const;
    balances.set(holder, await client.readContract({ ...query, args: [holder as Address] }));
  }
  return (address: Address): bigint => balances.get(address.toLowerCase()) ?? 0n;
}

async function readChannels({ client, addresses, blockNumber }: At, state: History.State) {
  const channels = new Map<string, { balance: bigint; claimed: bigint }>();
  for (const id of state.channels.keys()) {
    const query = { address: addresses.settlement, abi: channelsAbi, functionName: 'channels', blockNumber } as const;
    const [balance, claimed] = await client.readContract({ ...query, args: [id] });
    channels.set(id, { balance, claimed });
  }
  return (id: string) => channels.get(id) ?? { balance: 0n, claimed: 0n };
}

async function readEscrows({ client, addresses, blockNumber }: At, state: History.State) {
  const held = new Map<string, bigint>();
  for (const [key, { controller, id }] of state.escrows) {
    const query = { address: addresses.escrows, abi: escrowsAbi, functionName: 'heldOf', blockNumber } as const;
    held.set(key, await client.readContract({ ...query, args: [controller, addresses.token, id] }));
  }
  return (controller: Address, id: string): bigint => held.get(`${controller}|${id}`.toLowerCase()) ?? 0n;
}

/** The payout addresses of the assets of which licences were offered. */
async function readPayouts({ client, addresses, blockNumber }: At, state: History.State) {
  const payouts = new Map<bigint, Address>();
  for (const asset of new Set([...state.terms.values()].map((terms) => terms.asset))) {
    const query = { address: addresses.vaults, abi: vaultsAbi, functionName: 'payoutOf', blockNumber } as const;
    payouts.set(asset, await client.readContract({ ...query, args: [asset] }));
  }
  return (asset: bigint): Address => payouts.get(asset) ?? zeroAddress;
}
