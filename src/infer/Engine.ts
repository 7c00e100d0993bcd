import type { Hex } from 'viem';
import type { z } from 'zod';
import type * as Prices from '../license/Prices.ts';

/** What runs a model. An engine names the manifest root of exactly the bytes it loaded. */
export type Engine = {
  readonly manifestRoot: Hex;
  /** Route that it serves, e.g. `/v1/embeddings`. */
  readonly route: string;
  /** Schema of the request body: strict, with caps on every size. */
  readonly inputSchema: z.ZodType;
  /** Most units that a request can use, known before any work. */
  bound(input: unknown): Prices.Units;
  /** Answers a request and states what it used, never more than the bound. */
  run(input: unknown, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
};

/** What an engine answers: a JSON body and the units used. */
export type Answer = { readonly body: unknown; readonly units: Prices.Units };
