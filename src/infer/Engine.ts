/** The interface of what runs a model. The gateway owns it; engines, local or remote, are handed in. */
import type { Hex } from 'viem';
import type * as z from 'zod';
import type * as Prices from '../license/Prices.ts';
import type { Right } from '../license/Right.ts';

/** What a request used of a model; the call itself and its duration are counted by the gateway. */
export type Units = Omit<Prices.Units, 'calls' | 'seconds'>;

/** One piece of a streamed answer, and what the request used up to and with it. */
export type Piece = { readonly chunk: unknown; readonly units: Units };

/** What runs a model. Engines name the manifest root of the bytes they loaded. */
export type Engine = {
  readonly manifestRoot: Hex;
  /** Path of the one route it serves, e.g. `/v1/embeddings`. */
  readonly route: string;
  /** Rights that permit its use; one of them suffices. */
  readonly rights: readonly [Right, ...Right[]];
  /** Strict schema of the request body with caps on every size. What it refuses is the caller's fault. */
  readonly inputSchema: z.ZodType;
  /** Upper bound of the units of a request that `inputSchema` accepted, computed before any work. */
  bound(input: unknown): Units;
  /**
   * Serves a request that `inputSchema` accepted. The body can be written as JSON and, where the weights are local, is
   * the same for the same input. Rejects with the reason of `signal` soon after it aborts.
   */
  run(input: unknown, signal: AbortSignal): Promise<{ body: unknown; units: Units }>;
  /**
   * Serves the same request piece by piece, where the route can. A chunk is JSON in the shape of the route; its units
   * are the total of the request up to and with this chunk. Ends soon after `signal` aborts.
   */
  stream?(input: unknown, signal: AbortSignal): AsyncIterable<Piece>;
  /** Frees what the engine holds; requests that still run are rejected. */
  close(): Promise<void>;
};

/** No units; a base to spread from. */
export const NO_UNITS: Units = { inputTokens: 0n, outputTokens: 0n, images: 0n, bytes: 0n };
