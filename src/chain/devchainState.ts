import { type FileHandle, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';
import { BaseError } from '../internal/Errors.ts';
import { hasCode, InvalidFileError, readJson, writeFileAtomic } from '../internal/node/files.ts';
import { type Generations, recoverGenerations, rotateGenerations } from '../internal/node/generations.ts';

/** Seconds between two saves by the node. What a killed chain loses was done in the last three of them at most. */
export const saveInterval = 2;

const orphanTimeout = 30_000;

const hexNumber = z.templateLiteral(['0x', z.hex()]).transform(Number);

const stateSchema = z.looseObject({
  block: z.looseObject({ number: z.string() }),
  accounts: z.record(z.string(), z.unknown()),
  best_block_number: z.union([z.number(), z.string()]),
  blocks: z.array(z.looseObject({ header: z.looseObject({ number: hexNumber, timestamp: hexNumber }) })).min(1),
  transactions: z.array(z.unknown()),
});

const lockSchema = z.object({
  /** Process that started the chain. */
  owner: z.int().positive(),
  /** The node, once it runs. */
  node: z.int().positive().optional(),
});

type Lock = z.output<typeof lockSchema>;

/**
 * Takes a state file for this process and settles on its newest complete generation. Returns the time of the genesis
 * block of the state to go on from, if there is one. A node whose starter was killed is ended first, so that it saves.
 */
export async function openState(state: Generations): Promise<number | undefined> {
  await mkdir(dirname(state.file), { recursive: true });
  await takeLock(state);
  try {
    const found = await recoverGenerations(state, isComplete);
    return found ? await readGenesisTime(state.file) : undefined;
  } catch (error) {
    await dropLock(state);
    throw error;
  }
}

export declare namespace openState {
  type ErrorType = StateInUseError | InvalidStateError;
}

/** Notes which process writes the state. */
export async function recordNode(state: Generations, node: number): Promise<void> {
  const lock: Lock = { owner: process.pid, node };
  await writeFileAtomic(lockOf(state), JSON.stringify(lock));
}

/** Gives up a state file whose chain did not start. */
export async function dropLock(state: Generations): Promise<void> {
  await rm(lockOf(state), { force: true });
}

/** Writes a node's whole state, so that a complete generation exists from the first moment on. */
export async function saveFirst(state: Generations, dump: string): Promise<void> {
  const packed = Buffer.from(dump.slice(2), 'hex');
  await writeFileAtomic(state.file, await promisify(gunzip)(packed));
}

/** Rotates the generations on a timer. Returns the function that ends it, after a rotation under way. */
export function keepSaving(state: Generations, onError: (error: unknown) => void): () => Promise<void> {
  let rotation = Promise.resolve();
  const timer = setInterval(() => {
    rotation = rotation.then(() => rotateGenerations(state)).catch(onError);
  }, saveInterval * 1000);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await rotation;
  };
}

/** Makes what the node wrote last the state file and gives the file up. */
export async function closeState(state: Generations): Promise<void> {
  await recoverGenerations(state, isComplete);
  await dropLock(state);
}

function lockOf(state: Generations): string {
  return `${state.file}.lock`;
}

async function isComplete(path: string): Promise<boolean> {
  return await readGenesisTime(path).then(
    () => true,
    () => false,
  );
}

async function readGenesisTime(path: string): Promise<number> {
  try {
    const saved = await readJson(path, stateSchema);
    const genesis = saved?.blocks.find(({ header }) => header.number === 0);
    if (!genesis) throw new InvalidFileError({ path, reason: 'it holds no first block' });
    return genesis.header.timestamp;
  } catch (cause) {
    throw new InvalidStateError({ path, cause });
  }
}

async function takeLock(state: Generations): Promise<void> {
  const path = lockOf(state);
  for (;;) {
    const file = await create(path);
    if (file) {
      const lock: Lock = { owner: process.pid };
      await file.writeFile(JSON.stringify(lock)).finally(() => file.close());
      return;
    }
    await clearStale(state, await readLock(path));
  }
}

async function create(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx');
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return undefined;
    throw error;
  }
}

/** A lock that was cut short when its writer was killed holds nothing. */
async function readLock(path: string): Promise<Lock | undefined> {
  try {
    return await readJson(path, lockSchema);
  } catch (error) {
    if (error instanceof InvalidFileError) return undefined;
    throw error;
  }
}

async function clearStale(state: Generations, lock: Lock | undefined): Promise<void> {
  if (lock?.node !== undefined && (await isNode(lock.node, state))) {
    if (isAlive(lock.owner)) throw new StateInUseError({ file: state.file, pid: lock.node });
    await endOrphan(state, lock.node);
  } else if (lock && lock.node === undefined && lock.owner !== process.pid && isAlive(lock.owner)) {
    throw new StateInUseError({ file: state.file, pid: lock.owner });
  }
  await dropLock(state);
}

async function endOrphan(state: Generations, pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM');
  for (let waited = 0; waited < orphanTimeout; waited += 50) {
    if (!(await isNode(pid, state))) return;
    await sleep(50);
  }
  throw new StateInUseError({ file: state.file, pid });
}

/** Whether a process is the node of this state. Where the command line can be read, a reused id is told apart. */
async function isNode(pid: number, state: Generations): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') return true;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.split('\0').includes(state.live);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** A state file that is not the saved state of a local chain. */
export class InvalidStateError extends BaseError {
  override readonly name = 'devchain.InvalidStateError';
  constructor(options: { path: string; cause: unknown }) {
    super(`The file ${options.path} is not the saved state of a local chain.`, {
      code: 'devchain.invalid_state',
      cause: options.cause,
      hint: 'It was left untouched. Restore it from a copy, or name another state file to begin a new chain.',
      metaMessages: options.cause instanceof BaseError ? [options.cause.shortMessage] : [],
    });
  }
}

/** A state file that a running chain writes to. */
export class StateInUseError extends BaseError {
  override readonly name = 'devchain.StateInUseError';
  constructor(options: { file: string; pid: number }) {
    super(`The state file ${options.file} is in use by process ${options.pid}.`, {
      code: 'devchain.state_in_use',
      hint: 'Stop that chain first, or name another state file.',
    });
  }
}
