/** Connects a verb with the deployment of its home. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { PrivateKeyAccount } from 'viem';
import * as Addresses from '../chain/Addresses.ts';
import { type Client, createClient } from '../chain/client.ts';
import { BaseError } from '../internal/Errors.ts';
import { isNotFound } from '../internal/node/files.ts';
import { openKeystore, readPassword } from '../internal/node/keystore.ts';
import { readOwn } from '../internal/node/privateFiles.ts';
import * as Home from './Home.ts';
import { readRun } from './readRun.ts';
import type { Context, Options } from './Verb.ts';

/** A deployment, and a client that reads it. */
export type Market = { readonly addresses: Addresses.Addresses; readonly rpcUrl: string; readonly client: Client };

/** A deployment, and a client that signs for a person. */
export type Signing = Market & { readonly person: string; readonly client: Client<PrivateKeyAccount> };

/** Opens the market of a home for reading. */
export async function openMarket(context: Context): Promise<Market> {
  const { addresses, rpcUrl } = await locate(context);
  return { addresses, rpcUrl, client: await createClient({ rpcUrl, addresses }) };
}

/** Opens the market of a home for a person who signs: `--as`, or the one the verb is for. */
export async function openSigning(context: Context, options: Options, person: string): Promise<Signing> {
  const name = typeof options.as === 'string' ? options.as : person;
  const path = Home.keystoreOf(context.home, name);
  const { addresses, rpcUrl } = await locate(context);
  if (!existsSync(path)) throw new NoPersonError(name, await readPeople(context.home));
  const account = await openKeystore({
    path,
    password: await readPassword({ path, environment: context.environment }),
  });
  return { addresses, rpcUrl, person: name, client: await createClient({ rpcUrl, account, addresses }) };
}

async function locate({ home, rpcUrl }: Context): Promise<{ addresses: Addresses.Addresses; rpcUrl: string }> {
  const book = await readOwn(home.addresses);
  if (book === undefined) throw new NoHomeError(home.folder);
  const addresses = Addresses.parse(book);
  const chain = rpcUrl === undefined ? await readRun(home, 'chain') : undefined;
  const url = rpcUrl ?? chain?.url;
  if (url === undefined) throw new NotRunningError(home.folder);
  return { addresses, rpcUrl: url };
}

async function readPeople(home: Home.Home): Promise<readonly string[]> {
  const files = await readdir(Home.keysOf(home)).catch((error: unknown) => {
    if (isNotFound(error)) return [];
    throw error;
  });
  return files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length));
}

/** Nobody of this name has a key in the home. */
export class NoPersonError extends BaseError {
  override readonly name = 'openMarket.NoPersonError';
  constructor(person: string, known: readonly string[]) {
    super(`Nobody called ${person} has a key in this home.`, {
      code: 'home.no_person',
      hint: known.length === 0 ? 'Start a market: agorai up' : `Name one of these with --as: ${known.join(', ')}`,
    });
  }
}

/** There is no market in the home. */
export class NoHomeError extends BaseError {
  override readonly name = 'openMarket.NoHomeError';
  constructor(folder: string) {
    super(`There is no market in ${folder}.`, { code: 'home.missing', hint: 'Start one: agorai up' });
  }
}

/** The market of the home is not running. */
export class NotRunningError extends BaseError {
  override readonly name = 'openMarket.NotRunningError';
  constructor(folder: string) {
    super(`The local chain of ${folder} is not running.`, {
      code: 'chain.not_running',
      hint: 'Start it, or name a node with --rpc: agorai up',
    });
  }
}
