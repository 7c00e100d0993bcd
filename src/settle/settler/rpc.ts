import {
  type Address,
  createPublicClient,
  type Hex,
  http,
  type PublicClient,
  RpcRequestError,
  BaseError as ViemError,
} from 'viem';
import * as Chain from '../../chain/Chain.ts';
import { explainError } from '../../chain/explainError.ts';
import * as Revert from '../../chain/Revert.ts';
import { messageOf } from '../../internal/Errors.ts';
import { limits } from './Config.ts';

/** Client that fails at once instead of trying again: what is repeated, and when, is decided in one place. */
export function createRpc(rpcUrl: string): PublicClient {
  Chain.assertRpcUrl(rpcUrl);
  const transport = http(rpcUrl, { retryCount: 0, timeout: limits.rpcMs, batch: true });
  // An old block number would hide that a payer is leaving.
  return createPublicClient({ transport, cacheTime: 0 });
}

/** What a call would do: the gas it takes, or why it reverts, in words. */
export type Simulated = { readonly gas: bigint } | { readonly revert: string };

/** Tries a call without sending it. Throws only when the node cannot be asked. */
export async function simulate(
  client: PublicClient,
  call: { from: Address; to: Address; data: Hex },
): Promise<Simulated> {
  try {
    const gas = await client.request({ method: 'eth_estimateGas', params: [call] });
    return { gas: BigInt(gas) };
  } catch (error) {
    const revert = revertOf(error);
    if (revert === undefined) throw error;
    return { revert };
  }
}

/** Why a call reverted at a block, if it did. */
export async function explainAt(
  client: PublicClient,
  call: { from: Address; to: Address; data: Hex },
  block: Hex,
): Promise<string | undefined> {
  try {
    await client.request({ method: 'eth_call', params: [call, block] });
    return undefined;
  } catch (error) {
    return revertOf(error);
  }
}

/** Prices of a new transaction: twice the base fee, so that it stays valid when blocks fill up. All in wei. */
export async function prices(client: PublicClient): Promise<prices.ReturnType> {
  const [block, tip] = await Promise.all([client.getBlock(), client.estimateMaxPriorityFeePerGas({ chain: null })]);
  const maxPriorityFeePerGas = tip === 0n ? 1n : tip;
  const baseFeePerGas = block.baseFeePerGas ?? 0n;
  return { baseFeePerGas, maxFeePerGas: baseFeePerGas * 2n + maxPriorityFeePerGas, maxPriorityFeePerGas };
}

export declare namespace prices {
  type ReturnType = {
    readonly baseFeePerGas: bigint;
    readonly maxFeePerGas: bigint;
    readonly maxPriorityFeePerGas: bigint;
  };
}

/** The sentence of a revert, or undefined when the failure is not the contract's. */
export function revertOf(error: unknown): string | undefined {
  const revert = Revert.fromError(error);
  if (revert) return `${revert.errorName}: ${explainError(revert.errorName, revert.args)}`;
  if (!(error instanceof ViemError)) return undefined;
  // Some nodes say that a call reverted without saying why.
  const bare = error.walk((cause) => cause instanceof RpcRequestError && /revert/i.test(cause.details));
  return bare ? `Unknown: ${explainError('Unknown', [])}` : undefined;
}

/** Whether the node does not answer. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof ViemError)) return false;
  return error.walk((cause) => cause instanceof Error && nodeErrors.has(cause.name)) !== null;
}

const nodeErrors: ReadonlySet<string> = new Set(['HttpRequestError', 'TimeoutError', 'SocketClosedError']);

/** Why the node could not be asked, without the request: it holds what is signed, and the address often a secret. */
export function reasonOf(error: unknown): string {
  for (let at: unknown = error; typeof at === 'object' && at !== null; at = 'cause' in at ? at.cause : undefined)
    if ('details' in at && typeof at.details === 'string' && at.details !== '') return at.details;
  if (error instanceof ViemError) return error.shortMessage;
  return messageOf(error);
}
