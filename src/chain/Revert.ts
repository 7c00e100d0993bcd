import { type Abi, decodeErrorResult, type Hex, size, BaseError as ViemError } from 'viem';
import * as contracts from './abi/index.ts';

/** Why a contract refused a call. */
export type Revert = {
  /** Name of the contract's error, `Error` for a plain reason, `Unknown` for data that no contract of ours makes. */
  readonly errorName: string;
  readonly args: readonly unknown[];
};

/** The errors of every contract: one that calls another passes on errors that its own interface lacks. */
const abi: Abi = Object.values(contracts)
  .filter((value) => typeof value !== 'string')
  .flatMap((value) => (value as Abi).filter((item) => item.type === 'error'));

/** Reads the data of a revert. */
export function fromData(data: Hex): Revert {
  if (size(data) < 4) return { errorName: 'Unknown', args: [] };
  try {
    const { errorName, args } = decodeErrorResult({ abi, data });
    return { errorName, args: args ?? [] };
  } catch {
    return { errorName: 'Unknown', args: [data] };
  }
}

/** Finds the revert in an error of viem. `undefined` when the call failed for another reason. */
export function fromError(error: unknown): Revert | undefined {
  if (!(error instanceof ViemError)) return undefined;
  let found: Revert | undefined;
  error.walk((cause) => {
    const data = dataOf(cause);
    if (data !== undefined) found = fromData(data);
    return data !== undefined;
  });
  return found;
}

/** Nodes put the data in `data`, or one object deeper; viem's own error keeps it in `raw`. */
function dataOf(cause: unknown): Hex | undefined {
  if (typeof cause !== 'object' || cause === null) return undefined;
  if ('raw' in cause && isData(cause.raw)) return cause.raw;
  if (!('data' in cause)) return undefined;
  if (isData(cause.data)) return cause.data;
  return typeof cause.data === 'object' ? dataOf(cause.data) : undefined;
}

function isData(value: unknown): value is Hex {
  return typeof value === 'string' && /^0x([0-9a-f]{2})*$/i.test(value);
}
