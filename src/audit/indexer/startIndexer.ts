import { type Client, createClient, http } from 'viem';
import { getBlock, getChainId } from 'viem/actions';
import type { Addresses } from '../../chain/Addresses.ts';
import { BaseError, messageOf } from '../../internal/Errors.ts';
import type { Log } from '../../internal/node/log.ts';
import { pause } from '../../internal/node/pause.ts';
import { type Index, LostError } from './openIndex.ts';
import { BeyondFinalityError, finality, startingPace, syncIndex } from './syncIndex.ts';

/** Milliseconds of the longest pause after failures. */
const longestPause = 10_000;

/** An indexer that runs. */
export type Indexer = {
  /** How far it is. */
  status(): Status;
  /** Finishes the step that it is in. The index stays open. */
  stop(): Promise<void>;
  /** Resolves when it has ended; rejects when it halted, with what has to be decided by somebody. */
  readonly done: Promise<void>;
};

/** How far an index is behind the chain, in blocks; what failed last, undefined when nothing does. */
export type Status = {
  readonly tip: bigint | undefined;
  readonly head: bigint | undefined;
  readonly lastError: string | undefined;
};

/**
 * Follows a chain with an index. A node that does not answer, lags or contradicts itself is asked again; one that serves
 * another chain is not believed. When the chain gives up what was final, the indexer halts and changes nothing.
 */
export function startIndexer(options: startIndexer.Options): Indexer {
  const stopping = new AbortController();
  const state: State = { tip: undefined, head: undefined, lastError: undefined };
  const done = follow(options, state, stopping.signal);
  done.catch((error: unknown) => options.log?.error({ error: messageOf(error) }, 'the index halted'));
  return {
    status: () => ({ ...state }),
    async stop() {
      stopping.abort();
      await done.catch(() => undefined);
    },
    done,
  };
}

type State = { -readonly [key in keyof Status]: Status[key] };

async function follow(options: startIndexer.Options, state: State, signal: AbortSignal): Promise<void> {
  const { index, addresses, rpcUrl, pollMs = 200, final = finality, log } = options;
  const client = createClient({ transport: http(rpcUrl, { timeout: 20_000 }) });
  const pace = startingPace();
  let failures = 0;
  while (!signal.aborted) {
    let more = false;
    try {
      if (failures > 0 || state.head === undefined) await assertChain(client, addresses);
      const progress = await syncIndex(client, index, { addresses, pace, final });
      more = progress.more;
      [state.tip, state.head] = [progress.tip, progress.head];
      [failures, state.lastError] = [0, undefined];
    } catch (error) {
      state.lastError = messageOf(error);
      if (error instanceof BeyondFinalityError || error instanceof LostError) throw error;
      if (failures++ === 0) log?.warn({ error: state.lastError }, 'a step of the index failed');
    }
    const longest = Math.max(pollMs, longestPause);
    if (!more) await pause(Math.min(pollMs * 2 ** Math.min(failures, 10), longest), signal);
  }
}

export declare namespace startIndexer {
  type Options = {
    readonly index: Index;
    readonly addresses: Addresses;
    readonly rpcUrl: string;
    /** Milliseconds between two looks at the chain, 200 unless given. */
    readonly pollMs?: number;
    /** Blocks behind the newest that cannot change any more, 128 unless given. */
    readonly final?: bigint;
    readonly log?: Log;
  };
  type ErrorType = BeyondFinalityError | OtherChainError;
}

async function assertChain(client: Client, { chainId, genesisHash }: Addresses): Promise<void> {
  const [id, genesis] = [await getChainId(client), await getBlock(client, { blockNumber: 0n })];
  if (id !== chainId || genesis.hash !== genesisHash) throw new OtherChainError(chainId);
}

/** The node serves another chain. */
export class OtherChainError extends BaseError {
  override readonly name = 'startIndexer.OtherChainError';
  constructor(chainId: number) {
    super(`The node does not serve the chain ${chainId} of the deployment.`, {
      code: 'index.other_chain',
      docsPath: 'audit.md',
      hint: 'Name a node of that chain.',
    });
  }
}
