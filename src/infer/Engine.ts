/** The interface of what runs a model. The gateway owns it; engines, local or remote, are handed in. */
import type { Hex } from 'viem';
import type * as z from 'zod';

/** What a request used; each is priced on its own. */
export type Units = {
  readonly inputTokens: bigint;
  readonly outputTokens: bigint;
  readonly images: bigint;
  /** Size of the content handed to the model: UTF-8 bytes of the texts, or bytes of the images. */
  readonly bytes: bigint;
};

/** What runs a model. Engines name the manifest root of the bytes they loaded. */
export type Engine = {
  readonly manifestRoot: Hex;
  /** Path of the one route it serves, e.g. `/v1/embeddings`. */
  readonly route: string;
  /** Strict schema of the request body with caps on every size. What it refuses is the caller's fault. */
  readonly inputSchema: z.ZodType;
  /** Upper bound of the units of a request that `inputSchema` accepted, computed before any work. */
  bound(input: unknown): Units;
  /**
   * Serves a request that `inputSchema` accepted. The body can be written as JSON and is the same for the same input.
   * Rejects with the reason of `signal` soon after it aborts.
   */
  run(input: unknown, signal: AbortSignal): Promise<{ body: unknown; units: Units }>;
  /** Frees what the engine holds; requests that still run are rejected. */
  close(): Promise<void>;
};

/** No units; a base to spread from. */
export const NO_UNITS: Units = { inputTokens: 0n, outputTokens: 0n, images: 0n, bytes: 0n };
