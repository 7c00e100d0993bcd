/**
 * A gateway as a process of its own, for tests that kill it: `streamProcess.ts <config.json>` serves the model of
 * `ngram.ts`, which stops before a word, and writes its address once it listens.
 */
import { readFile } from 'node:fs/promises';
import { startGateway } from '../../src/infer/gateway/startGateway.ts';
import type { Listing } from '../../src/infer/Listing.ts';
import { createLog } from '../../src/internal/node/log.ts';
import { openProgress } from '../../src/settle/settler/openProgress.ts';
import { holdAt, openNgram } from './ngram.ts';

const text = await readFile(process.argv[2] as string, 'utf8');
const config = JSON.parse(text, (_, value: unknown) =>
  typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
) as { listing: Listing; settlerFile: string; holdAt: number } & Parameters<typeof startGateway>[0];

const engine = openNgram('chat', holdAt(config.holdAt).pace);
const gateway = await startGateway({
  ...config,
  listings: [{ ...config.listing, engine }],
  progress: openProgress(config.settlerFile),
  log: createLog('test'),
});

process.stdout.write(`${gateway.url}\n`);
