/** The local chain of a home with every contract on it. */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PrivateKeyAccount } from 'viem';
import * as Addresses from '../../chain/Addresses.ts';
import { type Client, createClient } from '../../chain/client.ts';
import { deploy } from '../../chain/deploy.ts';
import { PortTakenError, startDevchain } from '../../chain/devchain.ts';
import { InvalidStateError } from '../../chain/devchainState.ts';
import { BaseError } from '../../internal/Errors.ts';
import { writeFileAtomic } from '../../internal/node/files.ts';
import { openPracticeKeystore } from '../../internal/node/keystore.ts';
import * as Home from '../Home.ts';

/** A local chain that runs, and who deployed. */
export type LocalChain = {
  readonly rpcUrl: string;
  readonly addresses: Addresses.Addresses;
  readonly operator: Client<PrivateKeyAccount>;
  /** Rejects when it ended by itself and cannot be started again. */
  readonly failed: Promise<never>;
  /** Saves and ends it. */
  stop(): Promise<void>;
};

/** Seconds between empty blocks, which keep the chain's clock going. */
const blockTime = 2;

/** Pause before a node that ended by itself is started again, in milliseconds. */
const pause = 500;

/** Starts the chain where it was and deploys what is missing. A node that ends by itself is started again. */
export async function startChain(options: startChain.Options): Promise<LocalChain> {
  const { home, progress } = options;
  await mkdir(home.chain.folder, { recursive: true });
  await mkdir(Home.runsOf(home), { recursive: true });
  if (existsSync(home.addresses) && !existsSync(home.chain.state)) throw new NoStateError(home);
  const chain = await keepRunning(options);
  const { failed, stop } = chain;
  try {
    const account = await openPracticeKeystore({ path: Home.keystoreOf(home, 'operator') });
    const operator = await createClient({ rpcUrl: chain.url, account });
    await giveEther(operator, account.address);
    const { addresses, sent } = await deploy(operator, { bookFile: home.addresses }).catch((error: unknown) => {
      throw error instanceof Addresses.ForeignChainError ? new StaleError(home, error) : error;
    });
    progress(`  chain      ${chain.url} · ${sent === 0 ? 'contracts found' : `${sent} contracts deployed`}`);
    return { rpcUrl: chain.url, addresses, operator, failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export declare namespace startChain {
  type Options = {
    readonly home: Home.Home;
    readonly port: number;
    progress(line: string): void;
  };
  type ErrorType = TakenError | StaleError | DamagedError | NoStateError;
}

/** The node, started again with the state it saved last whenever it ends by itself. */
async function keepRunning(options: startChain.Options): Promise<Pick<startDevchain.ReturnType, 'url'> & Kept> {
  const { home, progress } = options;
  const run = Home.runOf(home, 'chain');
  let node = await startNode(options, options.port);
  let restart = Promise.resolve();
  let stopping = false;
  const watch = async () => {
    while (!stopping) {
      await node.ended;
      if (stopping) return;
      progress('  chain      ended by itself and is started again; its last seconds may be missing');
      await sleep(pause);
      if (stopping) return;
      restart = startNode(options, node.port).then((next) => {
        node = next;
      });
      await restart;
    }
  };
  const failed = new Promise<never>((_, fail) => {
    watch().catch(fail);
  });
  failed.catch(() => undefined);
  const stop = async () => {
    stopping = true;
    await restart.catch(() => undefined);
    await rm(run, { force: true });
    await node.stop();
  };
  return { url: node.url, failed, stop };
}

type Kept = Pick<LocalChain, 'failed' | 'stop'>;

async function startNode({ home, progress }: startChain.Options, port: number): Promise<startDevchain.ReturnType> {
  const node = await startDevchain({
    port,
    stateFile: home.chain.state,
    logFile: home.chain.log,
    blockTime,
    onSaveError: () => progress('  chain      its state could not be saved; is the disk full?'),
  }).catch((error: unknown) => {
    if (error instanceof PortTakenError) throw new TakenError(port, '--chain-port');
    if (error instanceof InvalidStateError) throw new DamagedError(home, error);
    throw error;
  });
  await writeFileAtomic(Home.runOf(home, 'chain'), `${JSON.stringify({ pid: node.pid, url: node.url })}\n`);
  return node;
}

/** Makes sure that an account of the local chain can pay for gas. */
export async function giveEther(client: Client, address: `0x${string}`): Promise<void> {
  const enough = 10n ** 18n;
  if ((await client.getBalance({ address })) >= enough) return;
  await client.request<{ Method: 'anvil_setBalance'; Parameters: [string, string]; ReturnType: null }>({
    method: 'anvil_setBalance',
    params: [address, `0x${(100n * enough).toString(16)}`],
  });
}

/** Sets a home aside under another name; nothing of it is deleted. Answers the name, or nothing when there is none. */
export async function setAside(home: Home.Home): Promise<string | undefined> {
  if (!existsSync(home.folder)) return undefined;
  for (let number = 1; ; number++) {
    const aside = `${home.folder}.${number}`;
    if (existsSync(aside)) continue;
    await rename(home.folder, aside);
    return aside;
  }
}

/** Waits a moment for a port to become free: a process that was told to end may still hold it. */
export async function assertFree(port: number, option: string): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    if (await isFree(port)) return;
    await sleep(200);
  }
  throw new TakenError(port, option);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}

/** Another program listens on a port. */
export class TakenError extends BaseError {
  override readonly name = 'startChain.TakenError';
  constructor(port: number, option: string) {
    super(`Port ${port} of 127.0.0.1 is taken by another program.`, {
      code: 'up.port_taken',
      hint: `Stop that program, or choose another port: agorai up ${option} ${port + 1}`,
    });
  }
}

/** The home is about another chain than the one whose state it holds. */
export class StaleError extends BaseError {
  override readonly name = 'startChain.StaleError';
  constructor(home: Home.Home, cause: unknown) {
    super(`The files in ${home.folder} do not belong together: the addresses are of another chain than the state.`, {
      code: 'up.stale',
      cause,
      hint: 'Begin anew; the former folder is set aside, not deleted: agorai up --fresh',
    });
  }
}

/** The state of the chain cannot be read. */
export class DamagedError extends BaseError {
  override readonly name = 'startChain.DamagedError';
  constructor(home: Home.Home, cause: unknown) {
    super(`The state of the chain in ${home.chain.folder} is damaged.`, {
      code: 'up.stale',
      cause,
      hint: 'Restore it, or begin anew; the former folder is set aside, not deleted: agorai up --fresh',
    });
  }
}

/** There is an address book, and no chain that it could be about. */
export class NoStateError extends BaseError {
  override readonly name = 'startChain.NoStateError';
  constructor(home: Home.Home) {
    super(`The state of the chain is missing in ${home.chain.folder}.`, {
      code: 'up.stale',
      hint: 'Restore it, or begin anew; the former folder is set aside, not deleted: agorai up --fresh',
    });
  }
}
