import * as Bloom from 'ox/Bloom';
import type { Address, Client, Hash, Hex } from 'viem';
import { getBlock, getLogs } from 'viem/actions';
import { inParts } from '../../chain/inParts.ts';
import { BaseError } from '../../internal/Errors.ts';
import type * as Contracts from '../Contracts.ts';
import type { Batch, Block } from './openIndex.ts';
import * as Row from './Row.ts';
import * as Tables from './Tables.ts';

/** Headers that are asked for at once. */
const atOnce = 32;

/**
 * Reads all events of some blocks with every header: each names the one before, each that may hold an event of ours by
 * its bloom filter is asked for by its hash when the range had none, and an answer that does not fit together is none
 * . Blocks that can no longer change are remembered only where they have events, and the last.
 *
 * @throws {InconsistentError} when answers of the node contradict each other, as in the middle of a reorganisation.
 */
export async function readRange(client: Client, range: readRange.Range): Promise<Batch> {
  const { contracts, from, to, safe, parent } = range;
  const logs = await readLogs(client, [...contracts.keys()], from, to);
  const numbers = Array.from({ length: Number(to - from) + 1 }, (_, at) => from + BigInt(at));
  const headers = await readHeaders(client, numbers);
  if (parent !== undefined && headers.get(from)?.parent !== parent) throw new InconsistentError(from);
  const found = await fill(client, range, headers, logs);
  for (const log of found) {
    const header = headers.get(log.blockNumber);
    if (!header || header.hash !== log.blockHash) throw new InconsistentError(log.blockNumber);
  }
  for (const [number, header] of headers) {
    const before = headers.get(number - 1n);
    if (before && before.hash !== header.parent) throw new InconsistentError(number);
  }
  const eventful = new Set(found.map(({ blockNumber }) => blockNumber));
  const kept = numbers.filter((number) => number > safe || number === to || eventful.has(number));
  return { blocks: kept.map((number) => toBlock(headers.get(number) as Header)), rows: toRows(contracts, found) };
}

export declare namespace readRange {
  type Range = {
    /** Contracts by their addresses, in lower case. */
    readonly contracts: ReturnType<typeof Contracts.byAddress>;
    readonly from: bigint;
    readonly to: bigint;
    /** Hash of the block before the first, where it is known. */
    readonly parent?: Hash | undefined;
    /** The newest block that can no longer change. */
    readonly safe: bigint;
  };
  type ErrorType = InconsistentError | Row.UndecodableError;
}

type Header = Block & { readonly bloom: Hex };

/** Logs of our contracts in order, each once. */
async function readLogs(
  client: Client,
  address: readonly Address[],
  from: bigint,
  to: bigint,
): Promise<readonly Row.Mined[]> {
  const logs = await inParts(from, to, (fromBlock, toBlock) =>
    getLogs(client, { address: [...address], fromBlock, toBlock }),
  );
  return inOrder(logs, new Set(address));
}

function inOrder(logs: readonly Row.Mined[], addresses: ReadonlySet<Address>): readonly Row.Mined[] {
  const own = logs.filter(({ address, removed }) => !removed && addresses.has(address.toLowerCase() as Address));
  const once = new Map(own.map((log) => [`${log.blockHash}:${log.logIndex}`, log]));
  return [...once.values()].sort((a, b) =>
    a.blockNumber === b.blockNumber ? a.logIndex - b.logIndex : a.blockNumber < b.blockNumber ? -1 : 1,
  );
}

async function readHeaders(client: Client, numbers: readonly bigint[]): Promise<ReadonlyMap<bigint, Header>> {
  const headers = new Map<bigint, Header>();
  for (let at = 0; at < numbers.length; at += atOnce) {
    const some = numbers.slice(at, at + atOnce);
    const blocks = await Promise.all(some.map((blockNumber) => getBlock(client, { blockNumber })));
    for (const [place, block] of blocks.entries()) {
      const { number, hash, parentHash: parent, timestamp, logsBloom: bloom } = block;
      if (number !== some[place]) throw new InconsistentError(some[place] as bigint);
      headers.set(number, { number, hash, parent, timestamp, bloom });
    }
  }
  return headers;
}

/** Asks by hash for blocks that may hold events of ours while the range had none of them. */
async function fill(
  client: Client,
  { contracts }: readRange.Range,
  headers: ReadonlyMap<bigint, Header>,
  logs: readonly Row.Mined[],
): Promise<readonly Row.Mined[]> {
  const addresses = [...contracts.keys()];
  const known = new Set(logs.map(({ blockNumber }) => blockNumber));
  const doubtful = [...headers.values()].filter(
    ({ number, bloom }) =>
      !known.has(number) &&
      /[1-9a-f]/.test(bloom.slice(2)) &&
      addresses.some((address) => Bloom.contains(bloom, address)),
  );
  const more: Row.Mined[] = [];
  for (const { hash: blockHash } of doubtful) more.push(...(await getLogs(client, { address: addresses, blockHash })));
  return more.length === 0 ? logs : inOrder([...logs, ...more], new Set(addresses));
}

function toRows(contracts: readRange.Range['contracts'], logs: readonly Row.Mined[]): Batch['rows'] {
  const rows = new Map<Tables.Table, Row.Row[]>();
  for (const log of logs) {
    const contract = contracts.get(log.address.toLowerCase() as Address);
    const table = contract && Tables.find(contract, log.topics[0]);
    if (!table) continue;
    const list = rows.get(table);
    if (list) list.push(Row.from(table, log));
    else rows.set(table, [Row.from(table, log)]);
  }
  return rows;
}

function toBlock({ bloom: _, ...block }: Header): Block {
  return block;
}

/** What a node says of a block contradicts something else that it says. */
export class InconsistentError extends BaseError {
  override readonly name = 'readRange.InconsistentError';
  constructor(block: bigint) {
    super(`The node contradicts itself about block ${block}.`, {
      code: 'index.inconsistent',
      docsPath: 'audit.md',
      hint: 'It is asked again; if that does not end, use another node.',
    });
  }
}
