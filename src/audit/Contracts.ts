/** The contracts whose events tell the history of a deployment, by their names in an address book. */
import type { AbiEvent, Address, Hex } from 'viem';
import { toEventSelector } from 'viem/utils';
import type { Addresses } from '../chain/Addresses.ts';
import * as contracts from '../chain/abi/index.ts';

const abis = {
  allowanceCollector: contracts.allowanceCollectorAbi,
  assets: contracts.assetsAbi,
  authorizers: contracts.authorizersAbi,
  escrows: contracts.escrowsAbi,
  licenses: contracts.licensesAbi,
  lineages: contracts.lineagesAbi,
  logs: contracts.logsAbi,
  policy: contracts.policyAbi,
  resales: contracts.resalesAbi,
  settlement: contracts.channelsAbi,
  token: contracts.testDollarAbi,
  vaults: contracts.vaultsAbi,
} as const;

/** Name of a contract. */
export type Contract = keyof typeof abis;

/** Every contract. */
export const names = Object.keys(abis) as readonly Contract[];

/** What a contract may emit. */
export function eventsOf(contract: Contract): readonly AbiEvent[] {
  const abi: readonly { readonly type: string }[] = abis[contract];
  return abi.filter((item): item is AbiEvent => item.type === 'event');
}

const byTopic = new Map<string, AbiEvent>(
  names.flatMap((name) => eventsOf(name).map((event) => [`${name} ${toEventSelector(event)}`, event] as const)),
);

/** What a log of a contract is, undefined for an event that is none of ours: the token may be a shared contract. */
export function eventOf(contract: Contract, topic: Hex | undefined): AbiEvent | undefined {
  return byTopic.get(`${contract} ${topic}`);
}

/** The contracts of a deployment by their addresses, in lower case. No other address is ever listened to. */
export function byAddress(addresses: Addresses): ReadonlyMap<Address, Contract> {
  return new Map(names.map((name) => [addresses[name].toLowerCase() as Address, name]));
}
