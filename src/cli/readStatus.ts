/** What the processes of a home say of themselves. */
import { readdir } from 'node:fs/promises';
import { z } from 'zod';
import { createClient } from '../chain/client.ts';
import * as Home from './Home.ts';
import { readRun } from './readRun.ts';

/** A process of the home: `chain`, `gateway-seller`, `settler-seller`. */
export type Status = {
  readonly name: string;
  readonly pid: number | null;
  readonly url: string | null;
  /** Whether it runs, answers, and says that it is well. */
  readonly ok: boolean;
  readonly detail: string;
};

const wait = 5_000;
const health = z.object({ status: z.string(), lastError: z.string().nullish() });

/** The chain of the home and every gateway and settler of a seller who has one. */
export async function readStatus(home: Home.Home): Promise<readonly Status[]> {
  const sellers = await readdir(Home.sellersOf(home)).catch(() => []);
  const names = sellers.flatMap((seller) => [`gateway-${seller}`, `settler-${seller}`]);
  return Promise.all(['chain', ...names].map((name) => readOne(home, name)));
}

async function readOne(home: Home.Home, name: string): Promise<Status> {
  const run = await readRun(home, name);
  if (!run) return { name, pid: null, url: null, ok: false, detail: 'does not run' };
  const ask = name === 'chain' ? askChain : askHealth;
  const answer = await ask(run.url).catch(() => ({ ok: false, detail: 'does not answer' }));
  return { name, ...run, ...answer };
}

async function askChain(rpcUrl: string) {
  const client = await createClient({ rpcUrl, timeout: wait });
  const { number, timestamp } = await client.getBlock();
  const age = Math.max(0, Math.round(Date.now() / 1_000) - Number(timestamp));
  return { ok: true, detail: `chain ${client.chain.id}, block ${number}, ${age} s old` };
}

async function askHealth(url: string) {
  const response = await fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(wait) });
  const { status, lastError } = health.parse(await response.json());
  return { ok: response.ok, detail: lastError ? `${status}: ${lastError}` : status };
}
