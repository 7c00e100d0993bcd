/** An event as a row of its table. Addresses and hashes are in lower case, numbers are decimal text until they are stored. */
import type { AbiParameter, Address, Hex, Log } from 'viem';
import { decodeEventLog } from 'viem/utils';
import { BaseError } from '../../internal/Errors.ts';
import type * as Tables from './Tables.ts';

/** Values by column. */
export type Row = Readonly<Record<string, unknown>>;

/** A log that is in a block. */
export type Mined = Log<bigint, number, false>;

/**
 * The row of a log.
 *
 * @throws {UndecodableError} when the log is not one of this event.
 */
export function from(table: Tables.Table, log: Mined): Row {
  const args = decode(table, log);
  return {
    block: log.blockNumber.toString(),
    position: log.logIndex,
    transaction: log.transactionHash,
    ...Object.fromEntries(table.columns.map(({ name, input }) => [name, plain(args[input.name ?? ''], input)])),
  };
}

function decode({ event, name }: Tables.Table, log: Mined): Readonly<Record<string, unknown>> {
  try {
    return (decodeEventLog({ abi: [event], data: log.data, topics: log.topics as [Hex] }).args ?? {}) as never;
  } catch (cause) {
    throw new UndecodableError({ table: name, address: log.address, transaction: log.transactionHash, cause });
  }
}

/** A value as JSON that both stores take: text has no zero, which PostgreSQL cannot store. */
function plain(value: unknown, parameter: AbiParameter): unknown {
  const { type } = parameter;
  if (Array.isArray(value)) {
    const item = { ...parameter, type: type.slice(0, type.lastIndexOf('[')) };
    return value.map((one) => plain(one, item));
  }
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string')
    return type === 'string' ? value.replaceAll('\0', '\uFFFD').toWellFormed() : value.toLowerCase();
  if (typeof value !== 'object' || value === null) return value;
  const { components = [] } = parameter as { readonly components?: readonly AbiParameter[] };
  const members = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(components.map((part) => [part.name, plain(members[part.name ?? ''], part)]));
}

/** A contract of the deployment emitted something that its interface does not have. */
export class UndecodableError extends BaseError {
  override readonly name = 'Row.UndecodableError';
  constructor(options: { table: string; address: Address; transaction: Hex; cause: unknown }) {
    super(`A log of ${options.address} does not fit ${options.table}.`, {
      code: 'index.undecodable',
      cause: options.cause,
      metaMessages: [`transaction ${options.transaction}`],
      docsPath: 'audit.md',
      hint: 'Ask another node; if it says the same, this version does not know the deployment.',
    });
  }
}
