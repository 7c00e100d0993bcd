import { type AbiEvent, type Address, decodeEventLog } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import {
  assetsAbi,
  channelsAbi,
  escrowsAbi,
  licensesAbi,
  logsAbi,
  resalesAbi,
  testDollarAbi,
  vaultsAbi,
} from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { inParts } from '../chain/inParts.ts';
import type { Event } from './History.ts';

/** Blocks of logs asked for at once; nodes refuse larger answers. */
const range = 5_000n;

/**
 * Reads every event of the deployment's contracts up to a block, in order. The token is a shared contract on public
 * chains, so its transfers are only those that touch the deployment there; on the local chain all of them count.
 */
export async function readHistory(client: Client, addresses: Addresses, toBlock: bigint): Promise<readonly Event[]> {
  const contracts = contractsOf(addresses);
  const events: Event[] = [];
  for (let fromBlock = addresses.deployedAtBlock; fromBlock <= toBlock; fromBlock += range) {
    const last = fromBlock + range - 1n;
    const address = [...contracts.values()].map((contract) => contract.address);
    const logs = await inParts(fromBlock, last < toBlock ? last : toBlock, (from, to) =>
      client.getLogs({ address, fromBlock: from, toBlock: to }),
    );
    for (const log of logs) {
      const contract = contracts.get(log.address.toLowerCase());
      if (!contract) continue;
      const { eventName, args } = decodeEventLog({ abi: contract.abi, data: log.data, topics: log.topics });
      events.push({
        contract: contract.name,
        name: eventName as string,
        args: args as unknown as Readonly<Record<string, unknown>>,
        transaction: log.transactionHash,
      });
    }
  }
  return events;
}

function contractsOf(addresses: Addresses) {
  const rows: readonly { name: Event['contract']; address: Address; abi: readonly unknown[] }[] = [
    { name: 'token', address: addresses.token, abi: testDollarAbi },
    { name: 'settlement', address: addresses.settlement, abi: channelsAbi },
    { name: 'vaults', address: addresses.vaults, abi: vaultsAbi },
    { name: 'licenses', address: addresses.licenses, abi: licensesAbi },
    { name: 'escrows', address: addresses.escrows, abi: escrowsAbi },
    { name: 'resales', address: addresses.resales, abi: resalesAbi },
    { name: 'assets', address: addresses.assets, abi: assetsAbi },
    { name: 'logs', address: addresses.logs, abi: logsAbi },
  ];
  return new Map(rows.map((row) => [row.address.toLowerCase(), { ...row, abi: row.abi as readonly AbiEvent[] }]));
}
