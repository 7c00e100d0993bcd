import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BaseError } from '../internal/Errors.ts';
import { type Generations, generationsOf } from '../internal/node/generations.ts';
import { localId } from './Chain.ts';
import {
  closeState,
  dropLock,
  type InvalidStateError,
  keepSaving,
  openState,
  recordNode,
  type StateInUseError,
  saveFirst,
  saveInterval,
} from './devchainState.ts';

const defaultPort = 8545;
const startTimeout = 120_000;
/** Milliseconds after which a port that accepts and says nothing is asked again. */
const answerTimeout = 5_000;

/**
 * Starts a local chain (anvil) on this machine, chain id 31337.
 *
 * With a state file the chain goes on where it was, logs and clock included, also when it was killed. Balances and
 * storage as of former blocks are not kept over a restart: on a chain of a few hundred blocks, saving them would
 * rewrite a hundred megabytes every two seconds.
 */
export async function startDevchain(options: startDevchain.Options = {}): Promise<startDevchain.ReturnType> {
  if (options.stateFile === undefined) return await startAnywhere(options);
  const port = await choosePort(options.port ?? defaultPort);
  const state = generationsOf(resolve(options.stateFile));
  const genesisTime = await openState(state);
  return await start({ ...options, port, state, genesisTime }).catch(async (error) => {
    await dropLock(state);
    throw error;
  });
}

/** A port that was free a moment ago may be taken by now; where any will do, another is taken. */
async function startAnywhere(options: startDevchain.Options, tries = 3): Promise<startDevchain.ReturnType> {
  const port = await choosePort(options.port ?? defaultPort);
  return await start({ ...options, port }).catch((error: unknown) => {
    if (options.port !== 0 || tries === 0 || !(error instanceof PortTakenError)) throw error;
    return startAnywhere(options, tries - 1);
  });
}

type StartOptions = startDevchain.Options & { port: number; state?: Generations; genesisTime?: number | undefined };

async function start(options: StartOptions): Promise<startDevchain.ReturnType> {
  const { port, state } = options;
  const url = `http://127.0.0.1:${port}`;
  const child = await spawnAnvil(options);
  const failed = new Promise<unknown>((done) => child.once('error', done));
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const pid = child.pid;
  if (pid === undefined) throw new StartError({ reason: 'it could not be run', cause: await failed });
  const onExit = () => child.kill('SIGTERM');
  process.once('exit', onExit);
  child.once('exit', () => process.off('exit', onExit));
  try {
    if (state) await recordNode(state, pid);
    await waitUntilReady(child, url, port);
    if (options.genesisTime !== undefined) await request(url, 'evm_setTime', [Math.floor(Date.now() / 1000)]);
    else if (state) await saveFirst(state, String(await request(url, 'anvil_dumpState')));
  } catch (error) {
    await end(child, 'SIGKILL');
    throw error;
  }
  const stopSaving = state ? keepSaving(state, options.onSaveError ?? (() => undefined)) : async () => undefined;
  child.once('exit', stopSaving);
  const stop = async () => {
    await stopSaving();
    await end(child, 'SIGTERM');
    if (state) await closeState(state);
  };
  return { url, port, pid, ended, stop };
}

export declare namespace startDevchain {
  type Options = {
    /** TCP port on 127.0.0.1, 8545 unless given; 0 picks a free one. */
    port?: number;
    /** File the chain is saved to and continued from. Its folder is made when absent. Without it nothing is kept. */
    stateFile?: string;
    /** Seconds between empty blocks, which keep chain time moving. Transactions are mined at once either way. */
    blockTime?: number;
    /** Told when a save could not be kept, for example on a full disk. The next save tries again. */
    onSaveError?: (error: unknown) => void;
    /** File that the output of the node is appended to. */
    logFile?: string;
  };
  type ReturnType = {
    readonly url: string;
    readonly port: number;
    /** The node's own process id. */
    readonly pid: number;
    /** Resolves when the node has ended, by `stop` or by itself. */
    readonly ended: Promise<void>;
    /** Saves and ends the chain. */
    stop(): Promise<void>;
  };
  type ErrorType = PortTakenError | StartError | StateInUseError | InvalidStateError | NotInstalledError;
}

/** Path of the node's binary. The one on the path is a shim, whose process id and signals are not the node's. */
export function anvilPath(): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const executable = process.platform === 'win32' ? 'anvil.exe' : 'anvil';
  const name = `@foundry-rs/anvil-${process.platform}-${architecture}/bin/${executable}`;
  try {
    // The platform package is a dependency of the shim's package, so it is looked up from there.
    const shim = createRequire(createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json'));
    return shim.resolve(name);
  } catch (cause) {
    throw new NotInstalledError({ name, cause });
  }
}

async function spawnAnvil(options: StartOptions): Promise<ChildProcess> {
  const parameters = ['--host', '127.0.0.1', '--port', String(options.port), '--chain-id', String(localId)];
  parameters.push('--hardfork', 'prague');
  if (options.state) parameters.push('--dump-state', options.state.live, '--state-interval', String(saveInterval));
  // The node makes a first block before it loads the saved ones. With the former time it makes the same one again, so
  // that the hash of block 0 names the chain for good; its clock is set right as soon as it answers.
  if (options.state && options.genesisTime !== undefined)
    parameters.push('--load-state', options.state.file, '--timestamp', String(options.genesisTime));
  if (options.blockTime !== undefined) parameters.push('--mixed-mining', '--block-time', String(options.blockTime));
  // A chain that is kept is ended by `stop`, after those who use it: Ctrl-C in a terminal reaches its own group only.
  const detached = options.state !== undefined;
  if (options.logFile === undefined)
    return spawn(anvilPath(), [...parameters, '--silent'], { detached, stdio: ['ignore', 'ignore', 'ignore'] });
  const log = await open(options.logFile, 'a', 0o644);
  try {
    return spawn(anvilPath(), parameters, { detached, stdio: ['ignore', log.fd, log.fd] });
  } finally {
    await log.close();
  }
}

async function waitUntilReady(child: ChildProcess, url: string, port: number): Promise<void> {
  const deadline = Date.now() + startTimeout;
  while (Date.now() < deadline) {
    const answered = await answers(url);
    // The node is asked about after the answer: a node that found its port taken has ended by then.
    if (child.exitCode !== null || child.signalCode !== null) {
      if (!(await isFree(port))) throw new PortTakenError({ port });
      throw new StartError({ reason: `it ended with ${child.exitCode ?? child.signalCode}` });
    }
    if (answered) return;
    await sleep(20);
  }
  throw new StartError({ reason: 'it did not answer in time' });
}

async function answers(url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(answerTimeout);
  return (await request(url, 'eth_chainId', [], signal).catch(() => undefined)) === `0x${localId.toString(16)}`;
}

async function request(
  url: string,
  method: string,
  params: readonly unknown[] = [],
  signal: AbortSignal | null = null,
): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal });
  const answer: unknown = await response.json();
  return typeof answer === 'object' && answer !== null && 'result' in answer ? answer.result : undefined;
}

async function choosePort(port: number): Promise<number> {
  if (port !== 0) {
    if (await isFree(port)) return port;
    throw new PortTakenError({ port });
  }
  return await listenOnce(0);
}

async function isFree(port: number): Promise<boolean> {
  return await listenOnce(port).then(
    () => true,
    () => false,
  );
}

/** Opens and closes a port of the loopback address; gives its number. */
function listenOnce(port: number): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : port));
    });
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill(signal);
  await ended;
}

/** A port that another program listens on. */
export class PortTakenError extends BaseError {
  override readonly name = 'devchain.PortTakenError';
  constructor(options: { port: number }) {
    super(`Port ${options.port} of 127.0.0.1 is taken by another program.`, {
      code: 'devchain.port_taken',
      hint: 'Stop that program, or choose another port with the option `port`, for example 8546; 0 picks a free one.',
    });
  }
}

/** A node that did not come up. */
export class StartError extends BaseError {
  override readonly name = 'devchain.StartError';
  constructor(options: { reason: string; cause?: unknown }) {
    super(`The local chain did not start: ${options.reason}.`, {
      code: 'devchain.start',
      cause: options.cause,
      hint: 'Name a file with the option `logFile` and start again to read what the node says.',
    });
  }
}

/** A machine without the node's binary. */
export class NotInstalledError extends BaseError {
  override readonly name = 'devchain.NotInstalledError';
  constructor(options: { name: string; cause: unknown }) {
    super(`The local chain needs ${options.name}, which is not installed.`, {
      code: 'devchain.not_installed',
      cause: options.cause,
      hint: 'Install the dependencies with their optional packages: npm ci',
    });
  }
}
