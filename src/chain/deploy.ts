import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, type Address, type Hash, isHex } from 'viem';
import {
  getBlock,
  getBlockNumber,
  getCode,
  getTransactionCount,
  readContract,
  sendTransaction,
  waitForTransactionReceipt,
} from 'viem/actions';
import { BaseError } from '../internal/Errors.ts';
import { readJson, writeFileAtomic } from '../internal/node/files.ts';
import * as Addresses from './Addresses.ts';
import * as Chain from './Chain.ts';
import type { Client } from './client.ts';
import * as Deployment from './Deployment.ts';

/** Milliseconds a node may take to show code whose receipt it has given, or to mine what was sent before. */
const patience = 120_000;

/**
 * Puts every contract on the chain that is not there yet and writes the address book.
 *
 * Every address follows from the contracts' code, so a run that was killed is finished by the next, whoever starts it,
 * and a run on a finished deployment sends nothing. No contract has a function that a stranger could call in between.
 */
export async function deploy(client: Client<Account>, options: deploy.Options): Promise<deploy.ReturnType> {
  const { bookFile, onProgress = () => undefined } = options;
  const chain = await identify(client);
  const owner = options.owner ?? client.account.address;
  const { steps, contracts, facts } = Deployment.from({ chainId: chain.chainId, owner });
  const book = await openBook(client, { bookFile, chain, contracts, steps });

  let sent = 0;
  await waitForPending(client);
  for (const [index, step] of steps.entries()) {
    const progress = { step, index, total: steps.length, sentence: Deployment.describe(step) };
    if (await isDone(client, step)) {
      await onProgress({ ...progress, status: 'found' });
    } else {
      await onProgress({ ...progress, status: 'sending' });
      const hash = await perform(client, step);
      if (hash) sent += 1;
      await onProgress({ ...progress, status: 'done', ...(hash ? { hash } : {}) });
    }
    // What others have deployed is looked at before anything is sent that builds on it.
    for (const fact of facts) if (fact.address === step.address) await assertFact(client, fact);
  }
  await closeBook(bookFile, book);
  return { addresses: book, sent };
}

export declare namespace deploy {
  type Options = {
    /** The address book: read when it exists, written at the end. */
    bookFile: string;
    /** First owner of the policy, the client's account unless given. */
    owner?: Address;
    /** Told before and after each step; what it throws ends the run, which can be started again. */
    onProgress?: (progress: Progress) => void | Promise<void>;
  };
  type Progress = {
    readonly step: Deployment.Step;
    readonly index: number;
    readonly total: number;
    readonly sentence: string;
    readonly status: 'found' | 'sending' | 'done';
    readonly hash?: Hash;
  };
  type ReturnType = {
    readonly addresses: Addresses.Addresses;
    /** Transactions this run sent. */
    readonly sent: number;
  };
  type ErrorType =
    | Addresses.ForeignChainError
    | Chain.RemoteLocalError
    | Deployment.NoDollarError
    | OutdatedBookError
    | MissingContractError
    | OtherCodeError
    | WrongFactError
    | FailedStepError
    | StuckError;
}

type Identity = { readonly chainId: number; readonly genesisHash: Hash };

async function identify(client: Client): Promise<Identity> {
  const chainId = await client.getChainId();
  Chain.assertPlace(chainId, client.transport.url ?? '');
  const { hash } = await getBlock(client, { blockNumber: 0n });
  return { chainId, genesisHash: hash };
}

type Plan = Pick<Deployment.Deployment, 'contracts' | 'steps'>;

/**
 * The book to be. A draft beside the book remembers, over kills, the block before the first contract. When both are
 * lost and there already are contracts, block 0 is the one that is surely before them.
 */
async function openBook(
  client: Client,
  { bookFile, chain, contracts, steps }: { bookFile: string; chain: Identity } & Plan,
): Promise<Addresses.Addresses> {
  const existing = await readJson(bookFile, Addresses.schema);
  if (existing) Addresses.assertChain(existing, chain);
  const planned = { ...chain, ...contracts, deployedAtBlock: 0n };
  if (existing && !Addresses.isSame(existing, planned)) throw new OutdatedBookError({ bookFile });
  if (existing) return existing;

  const draft = await readJson(draftOf(bookFile), Addresses.schema);
  if (draft && Addresses.isSame(draft, planned)) return draft;
  const created = steps.filter((step) => step.kind === 'create');
  const present = await Promise.all(created.map(({ address }) => hasCode(client, address)));
  const book = { ...planned, deployedAtBlock: present.includes(true) ? 0n : await getBlockNumber(client) };
  await writeFileAtomic(draftOf(bookFile), Addresses.serialize(book));
  return book;
}

async function closeBook(bookFile: string, book: Addresses.Addresses): Promise<void> {
  await writeFileAtomic(bookFile, Addresses.serialize(book));
  await rm(draftOf(bookFile), { force: true });
}

function draftOf(bookFile: string): string {
  return `${bookFile}.draft`;
}

async function isDone(client: Client, step: Deployment.Step): Promise<boolean> {
  const code = await getCode(client, { address: step.address });
  switch (step.kind) {
    case 'create':
      // The address is a hash of the creation code and its arguments: no other code can stand there.
      return code !== undefined;
    case 'expect':
      if (code === undefined) throw new MissingContractError({ step });
      return true;
    case 'copy':
    case 'place': {
      if (code === undefined) return false;
      const expected = step.kind === 'place' ? step.code : await getCode(client, { address: step.source });
      if (code !== expected) throw new OtherCodeError({ step });
      return true;
    }
  }
}

async function perform(client: Client<Account>, step: Deployment.Step): Promise<Hash | undefined> {
  if (step.kind === 'create') return await create(client, step);
  if (step.kind === 'expect') return undefined;
  const code = step.kind === 'place' ? step.code : await getCode(client, { address: step.source });
  if (!isHex(code)) throw new FailedStepError({ step });
  await client.request<{ Method: 'anvil_setCode'; Parameters: [Address, string]; ReturnType: null }>({
    method: 'anvil_setCode',
    params: [step.address, code],
  });
  return undefined;
}

async function create(client: Client<Account>, step: Extract<Deployment.Step, { kind: 'create' }>): Promise<Hash> {
  const nonce = await getTransactionCount(client, { address: client.account.address, blockTag: 'pending' });
  const hash = await sendTransaction(client, {
    account: client.account,
    chain: client.chain,
    to: Deployment.factory,
    data: Deployment.calldata(step),
    nonce,
  });
  const receipt = await waitForTransactionReceipt(client, { hash });
  await waitUntil(() => hasCode(client, step.address), receipt.status === 'success' ? patience : 0).catch(() => {
    throw new FailedStepError({ step, hash });
  });
  return hash;
}

/** A run that was killed may have left a transaction under way; sending the same again would waste its gas. */
async function waitForPending(client: Client<Account>): Promise<void> {
  const { address } = client.account;
  await waitUntil(async () => {
    const [mined, pending] = await Promise.all([
      getTransactionCount(client, { address, blockTag: 'latest' }),
      getTransactionCount(client, { address, blockTag: 'pending' }),
    ]);
    return mined >= pending;
  }, patience);
}

async function waitUntil(condition: () => Promise<boolean>, timeout: number): Promise<void> {
  const deadline = Date.now() + timeout;
  while (!(await condition())) {
    if (Date.now() >= deadline) throw new StuckError();
    await sleep(200);
  }
}

async function hasCode(client: Client, address: Address): Promise<boolean> {
  return (await getCode(client, { address })) !== undefined;
}

async function assertFact(client: Client, fact: Deployment.Fact): Promise<void> {
  const { address, abi, functionName, args } = fact;
  const actual = await readContract(client, { address, abi, functionName, args }).catch((cause: unknown) => {
    throw new WrongFactError({ fact, actual: 'no answer', cause });
  });
  if (String(actual) !== String(fact.expected)) throw new WrongFactError({ fact, actual: String(actual) });
}

/** An address book of other contracts than those planned. */
export class OutdatedBookError extends BaseError {
  override readonly name = 'deploy.OutdatedBookError';
  constructor(options: { bookFile: string }) {
    super(`The address book ${options.bookFile} is of another version of the contracts, or of another owner.`, {
      code: 'deploy.outdated_book',
      hint: 'Go on with the version and the owner that wrote it, or move it away to deploy beside the other.',
    });
  }
}

/** A contract of others that is not on the chain. */
export class MissingContractError extends BaseError {
  override readonly name = 'deploy.MissingContractError';
  constructor(options: { step: Deployment.Step }) {
    super(`There is no ${options.step.name} at ${options.step.address} on this chain.`, {
      code: 'deploy.missing_contract',
      hint: 'Agorai runs on chains that have it; choose another chain.',
    });
  }
}

/** Code at an address of the local recipe that is not what the recipe puts there. */
export class OtherCodeError extends BaseError {
  override readonly name = 'deploy.OtherCodeError';
  constructor(options: { step: Deployment.Step }) {
    super(`The code at ${options.step.address} is not ${options.step.name} as this version has it.`, {
      code: 'deploy.other_code',
      hint: 'Begin with a new local chain.',
    });
  }
}

/** A step that was sent and did not leave its contract. */
export class FailedStepError extends BaseError {
  override readonly name = 'deploy.FailedStepError';
  constructor(options: { step: Deployment.Step; hash?: Hash }) {
    super(`${options.step.name} was not made at ${options.step.address}.`, {
      code: 'deploy.failed_step',
      metaMessages: options.hash ? [`transaction ${options.hash}`] : [],
      hint: 'Start the deployment again: it goes on where it ended.',
    });
  }
}

/** A contract that does not answer what it was made with. */
export class WrongFactError extends BaseError {
  override readonly name = 'deploy.WrongFactError';
  constructor(options: { fact: Deployment.Fact; actual: string; cause?: unknown }) {
    const { name, address, functionName, expected } = options.fact;
    super(`${name} at ${address} does not answer ${functionName} as it must.`, {
      code: 'deploy.wrong_fact',
      cause: options.cause,
      metaMessages: [`expected ${String(expected)}`, `actual ${options.actual}`],
      hint: 'Do not use this chain.',
    });
  }
}

/** Something the chain did not do in time. */
export class StuckError extends BaseError {
  override readonly name = 'deploy.StuckError';
  constructor() {
    super('A transaction of the deploying account was not mined in time.', {
      code: 'deploy.stuck',
      hint: 'Look it up and raise its fee or wait, then start the deployment again.',
    });
  }
}
