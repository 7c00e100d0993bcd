import type { Address, Hex } from 'viem';
import { z } from 'zod';
import { BaseError } from '../internal/Errors.ts';
import * as Json from '../internal/Json.ts';

/** A seller's log as it publishes it. */
export type PublishedLog = { readonly seller: Address; readonly log: number; readonly leaves: readonly Hex[] };

const page = z.object({
  seller: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
  log: z.number().int().min(0),
  size: z.number().int().min(0).max(100_000_000),
  from: z.number().int(),
  leaves: z.array(z.string().regex(/^0x[0-9a-f]{64}$/)).max(10_000),
});

/** Reads a published receipt log, page by page. Whatever it says is compared with the chain afterwards. */
export async function readPublishedLog(baseUrl: string): Promise<PublishedLog> {
  const leaves: Hex[] = [];
  for (;;) {
    const url = new URL(`/v1/log?from=${leaves.length}`, baseUrl);
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(30_000) });
    const parsed = page.safeParse(Json.parse(await response.text()));
    if (!response.ok || !parsed.success) throw new LogError(url.href);
    leaves.push(...(parsed.data.leaves as Hex[]));
    if (parsed.data.leaves.length === 0 || leaves.length >= parsed.data.size) {
      return { seller: parsed.data.seller as Address, log: parsed.data.log, leaves };
    }
  }
}

/** A published log cannot be read. */
export class LogError extends BaseError {
  override readonly name = 'readPublishedLog.LogError';
  constructor(url: string) {
    super(`${url} is not a published receipt log.`, {
      code: 'audit.log_unreadable',
      hint: 'Check the address of the gateway.',
      docsPath: 'audit.md',
    });
  }
}
