import { type Address, decodeEventLog } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import type { Client } from '../chain/client.ts';
import { inParts } from '../chain/inParts.ts';
import * as Contracts from './Contracts.ts';
import type { Event } from './History.ts';

/** Blocks of logs asked for at once; nodes refuse larger answers. */
const range = 5_000n;

/**
 * Reads every event of the deployment's contracts up to a block, in order. The token may be a shared contract with events
 * of its own: those that the test dollar does not have are passed over.
 */
export async function readHistory(client: Client, addresses: Addresses, toBlock: bigint): Promise<readonly Event[]> {
  const contracts = Contracts.byAddress(addresses);
  const address = [...contracts.keys()];
  const found: Event[] = [];
  for (let fromBlock = addresses.deployedAtBlock; fromBlock <= toBlock; fromBlock += range) {
    const last = fromBlock + range - 1n;
    const logs = await inParts(fromBlock, last < toBlock ? last : toBlock, (from, to) =>
      client.getLogs({ address, fromBlock: from, toBlock: to }),
    );
    for (const { address: emitter, data, topics, transactionHash: transaction } of logs) {
      const contract = contracts.get(emitter.toLowerCase() as Address);
      const event = contract && Contracts.eventOf(contract, topics[0]);
      if (!event) continue;
      const { args = {} } = decodeEventLog({ abi: [event], data, topics });
      found.push({ contract, name: event.name, args: args as Event['args'], transaction });
    }
  }
  return found;
}
