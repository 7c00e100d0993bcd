import { chmod, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as Addresses from '../../chain/Addresses.ts';
import { messageOf } from '../../internal/Errors.ts';
import { readText, writeFileAtomic } from '../../internal/node/files.ts';
import { MissingKeystoreError, readAddress } from '../../internal/node/keystore.ts';
import type * as Holdings from '../../settle/exit/Holdings.ts';
import { collectExport } from '../collectExport.ts';
import * as Home from '../Home.ts';
import { type Market, NoHomeError, openMarket } from '../openMarket.ts';
import type { Context, Options, Result, Run } from '../Verb.ts';

/** Milliseconds between two looks of `--follow`. */
const followMs = 1_000;

/**
 * `agorai export`: a person's own copy of what the books say, checked line by line. It needs no process and no password;
 * what only the chain knows is added when a node answers.
 */
export const run: Run = async (context, _, options) => {
  const result = await exportOnce(context, options);
  if (options.follow !== true) return result;
  context.emit(result);
  return follow(context, options);
};

/** Repeats it for as long as it runs. What goes wrong is told once and tried again: this copy is for bad days. */
async function follow(context: Context, options: Options): Promise<never> {
  let told = new Set<string>();
  for (;;) {
    await sleep(followMs);
    const said = new Set<string>();
    const progress = (line: string) => {
      said.add(line);
      if (!told.has(line)) context.progress(line);
    };
    await exportOnce({ ...context, progress }, options).catch((error: unknown) => {
      progress(`  export     not now: ${messageOf(error)}`);
    });
    told = said;
  }
}

async function exportOnce(context: Context, options: Options): Promise<Result> {
  const { home } = context;
  const name = typeof options.as === 'string' ? options.as : 'seller';
  const book = await readText(home.addresses);
  if (book === undefined) throw new NoHomeError(home.folder);
  const path = Home.keystoreOf(home, name);
  const person = await readAddress(path);
  if (!person) throw new MissingKeystoreError({ path });
  const kept = Home.exportOf(home, name);
  const market = await openIfRunning(context);
  const holdings = await collectExport({ home, name, person, addresses: Addresses.parse(book), file: kept, market });
  const file = typeof options.to === 'string' ? resolve(options.to) : kept;
  if (file !== kept) await copy(kept, file);
  return { value: { file, ...summaryOf(holdings) }, text: toText(file, holdings) };
}

/** The chain is not needed: what it knows, it will still know when somebody leaves. */
async function openIfRunning(context: Context): Promise<Market | undefined> {
  return await openMarket(context).catch(() => {
    context.progress('  no node answers: splits and licences are not added now');
    return undefined;
  });
}

async function copy(from: string, to: string): Promise<void> {
  await writeFileAtomic(to, await readFile(from), { mode: 0o600 });
  await chmod(to, 0o600);
}

function summaryOf({ header, lines, channels, leaves, received, heads, splits, licences }: Holdings.Holdings) {
  return {
    person: header.person,
    format: header.format,
    chainId: header.addresses.chainId,
    lines,
    channels: channels.size,
    receiptsGiven: leaves.length,
    receiptsReceived: received.size,
    heads: heads.size,
    splits: splits.size,
    licences: licences.size,
  };
}

function toText(file: string, holdings: Holdings.Holdings): string {
  const { channels, receiptsGiven, receiptsReceived, splits, licences } = summaryOf(holdings);
  const parts = `${channels} channels, ${receiptsGiven} receipts given, ${receiptsReceived} received, ${splits} splits, ${licences} licences`;
  return `${file}\n${parts}. Every line was checked.\nLeave with it: agorai exit --file ${file} --rpc <url>`;
}
