/** Connects a verb with the deployment of its home. */
import type { PrivateKeyAccount } from 'viem';
import { z } from 'zod';
import * as Addresses from '../chain/Addresses.ts';
import { type Client, createClient } from '../chain/client.ts';
import { BaseError } from '../internal/Errors.ts';
import { readJson, readText } from '../internal/node/files.ts';
import { openKeystore, readPassword } from '../internal/node/keystore.ts';
import * as Home from './Home.ts';
import type { Context, Options } from './Verb.ts';

/** A deployment, and a client that reads it. */
export type Market = { readonly addresses: Addresses.Addresses; readonly rpcUrl: string; readonly client: Client };

/** A deployment, and a client that signs for a person. */
export type Signing = Market & { readonly person: string; readonly client: Client<PrivateKeyAccount> };

/** What a running process says of itself. */
export const runSchema = z.object({ pid: z.int().positive(), url: z.string() });

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
  const account = await openKeystore({
    path,
    password: await readPassword({ path, environment: context.environment }),
  });
  return { addresses, rpcUrl, person: name, client: await createClient({ rpcUrl, account, addresses }) };
}

async function locate({ home, rpcUrl }: Context): Promise<{ addresses: Addresses.Addresses; rpcUrl: string }> {
  const book = await readText(home.addresses);
  if (book === undefined) throw new NoHomeError(home.folder);
  const addresses = Addresses.parse(book);
  const chain = rpcUrl === undefined ? await readJson(Home.runOf(home, 'chain'), runSchema) : undefined;
  const url = rpcUrl ?? chain?.url;
  if (url === undefined) throw new NotRunningError(home.folder);
  return { addresses, rpcUrl: url };
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
