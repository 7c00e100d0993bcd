import type { Abi, Address, Client, ContractEventName, GetContractEventsReturnType } from 'viem';
import { getBlockNumber, getContractEvents } from 'viem/actions';
import { isSameAddress } from '../internal/isSameAddress.ts';
import { inParts } from './inParts.ts';

/** Blocks of one question, or fewer where the answer is too large. */
const span = 50_000n;

/**
 * All events of one name that one contract emitted, in order, up to a block or the newest. Only logs of that address are asked for and given back,
 * so a look-alike contract with the same events is never heard.
 */
export async function readEvents<const abi extends Abi, name extends ContractEventName<abi>>(
  client: Client,
  options: readEvents.Options<abi, name>,
): Promise<readEvents.ReturnType<abi, name>> {
  const { fromBlock, toBlock, ...query } = options;
  const head = toBlock ?? (await getBlockNumber(client, { cacheTime: 0 }));
  const found: unknown[] = [];
  for (let from = fromBlock; from <= head; from += span) {
    const to = from + span - 1n;
    const logs = await inParts(from, to < head ? to : head, (fromBlock, toBlock) =>
      getContractEvents(client, {
        ...(query as { abi: Abi; address: Address; eventName: string }),
        fromBlock,
        toBlock,
        strict: true,
      }),
    );
    found.push(...logs.filter((log) => isSameAddress(log.address, options.address)));
  }
  return found as unknown as readEvents.ReturnType<abi, name>;
}

export declare namespace readEvents {
  type Options<abi extends Abi, name extends ContractEventName<abi>> = {
    readonly address: Address;
    readonly abi: abi;
    readonly eventName: name;
    /** Values of indexed arguments. */
    readonly args?: Readonly<Record<string, unknown>>;
    readonly fromBlock: bigint;
    readonly toBlock?: bigint;
  };
  type ReturnType<abi extends Abi, name extends ContractEventName<abi>> = GetContractEventsReturnType<
    abi,
    name,
    true,
    bigint,
    bigint
  >;
}
