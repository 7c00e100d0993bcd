import { type Hex, type TransactionReceipt, TransactionReceiptNotFoundError } from 'viem';
import { parseTransaction } from 'viem/utils';
import * as Config from './Config.ts';
import { type Context, dayOf } from './Context.ts';
import * as Exposure from './Exposure.ts';
import type { Job, Signed } from './jobs.ts';
import { kinds } from './kinds/index.ts';
import { explainAt, prices } from './rpc.ts';
import { broadcast, signTransaction } from './sendQueued.ts';
import { type Urgency, urgenciesOf } from './urgencyOf.ts';

const { limits } = Config;

/** What reconciling remembers between two steps; it is not needed after a restart. */
export type Memory = {
  /** Head at which everything was looked at. */
  head: Hex | undefined;
  /** Deposits and payments that count, and the blocks on top of each; one that is not here lies on top. */
  readonly counted: Map<string, number>;
  /** Block at which the price of an unmined transaction was raised last, by job. */
  readonly raisedAt: Map<string, bigint>;
};

/**
 * Compares every transaction that is not final with the chain. One that is not there, because it never arrived, was
 * forgotten with the last blocks or dropped in a reorganisation, is sent again as it was signed, in order of nonces.
 * Returns whether anything was confirmed.
 */
export async function reconcile(context: Context, memory: Memory): Promise<boolean> {
  const { client, jobs, account, now } = context;
  const [latest, block] = await Promise.all([
    client.getTransactionCount({ address: account.address, blockTag: 'latest' }),
    client.getBlock({ blockTag: 'latest' }),
  ]);
  const forgotten = await jobs.reopen(latest, now());
  if (forgotten > 0) context.log.warn({ count: forgotten, nonce: latest }, 'the chain lost final transactions');
  const moved = memory.head !== block.hash;
  if (moved) await readClock(context, block);
  let confirmed = false;
  const open = jobs.open();
  const urgencies = urgenciesOf(context, open);
  for (const [at, job] of open.entries()) {
    const urgency = urgencies[at] as Urgency;
    if ((job.nonce as number) >= latest) await pursue(context, memory, job, { urgency, head: block.number });
    else if (moved || job.blockHash === undefined) {
      const found = await inspect(context, memory, job, block.number);
      confirmed ||= found && job.state === 'sent';
    }
  }
  memory.head = block.hash;
  return confirmed;
}

/** Records what became of a job whose nonce the chain has passed. Returns whether its transaction is there. */
async function inspect(context: Context, memory: Memory, job: Job, head: bigint): Promise<boolean> {
  const { jobs, now } = context;
  memory.raisedAt.delete(job.key);
  const receipt = await findReceipt(context, job);
  if (!receipt) {
    await replace(context, job, head);
    return false;
  }
  context.at('mined');
  const depth = head > receipt.blockNumber ? head - receipt.blockNumber : 0n;
  const reverted = receipt.status === 'reverted';
  const deep = depth >= BigInt(context.config.confirmations) && (reverted || isCounted(context, memory, job, depth));
  const state = !deep ? 'sent' : reverted ? 'failed' : 'confirmed';
  const final = depth >= BigInt(context.config.finality) && deep;
  if (final) memory.counted.delete(job.key);
  if (job.state === state && job.final === final && job.blockHash === receipt.blockHash) return true;
  const error = reverted ? await explain(context, job, receipt) : undefined;
  const { transactionHash: hash, blockHash, gasUsed, effectiveGasPrice } = receipt;
  await jobs.settle(job.key, { state, hash, blockHash, final, fee: gasUsed * effectiveGasPrice, error }, now());
  if (job.state !== state) context.log.info({ key: job.key, hash, state, error }, 'transaction mined');
  for (const signed of jobs.signed(job.key)) context.sentAt.delete(signed.hash);
  context.at('recorded');
  return true;
}

/** Whether a deposit or payment lies deep enough for its size. One that counted before is not taken back for its depth. */
function isCounted(context: Context, { counted }: Memory, job: Job, depth: bigint): boolean {
  const atoms = kinds[job.kind]?.atRisk?.(job);
  const { exposure = [] } = context.config;
  if (atoms === undefined || exposure.length === 0) return true;
  const sum = { atoms, depth: Number(depth) };
  if (job.state !== 'confirmed' && !Exposure.allows(exposure, sum, othersOf(context, counted, job))) return false;
  counted.set(job.key, sum.depth);
  return true;
}

/** What counts already and may still vanish. */
function othersOf({ jobs }: Context, counted: Memory['counted'], job: Job): readonly Exposure.Sum[] {
  const confirmed = jobs.open().filter(({ key, state }) => key !== job.key && state === 'confirmed');
  return confirmed.flatMap((other) => {
    const atoms = kinds[other.kind]?.atRisk?.(other);
    return atoms === undefined ? [] : [{ atoms, depth: counted.get(other.key) ?? 0 }];
  });
}

/** Blocks over which the pace of the chain is measured. */
const paceBlocks = 20n;

async function readClock(
  { client, clock, account }: Context,
  { number, timestamp }: { number: bigint; timestamp: bigint },
) {
  clock.time = timestamp;
  clock.wei = await client.getBalance({ address: account.address });
  const past = number < paceBlocks ? number : paceBlocks;
  if (past === 0n) return;
  const before = await client.getBlock({ blockNumber: number - past });
  clock.secondsPerBlock = Number(timestamp - before.timestamp) / Number(past);
}

async function findReceipt(context: Context, job: Job): Promise<TransactionReceipt | undefined> {
  for (const { hash } of context.jobs.signed(job.key)) {
    const receipt = await getReceipt(context, hash);
    if (receipt) return receipt;
  }
  return undefined;
}

async function getReceipt(context: Context, hash: Hex): Promise<TransactionReceipt | undefined> {
  try {
    return await context.client.getTransactionReceipt({ hash });
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return undefined;
    throw error;
  }
}

/**
 * The nonce was used but not by us: the key sends from elsewhere too, or the node is behind itself. When that lasts for
 * the time of finality, the old transaction can never be mined and the job is sent with another nonce.
 */
async function replace(context: Context, job: Job, head: bigint): Promise<void> {
  const { jobs, log, now, config } = context;
  if (job.displacedAt === undefined || job.displacedAt > head) {
    log.warn({ key: job.key, nonce: job.nonce }, 'another transaction has the nonce');
    await jobs.unsettle(job.key, now());
    return await jobs.displaced(job.key, head);
  }
  if (head - job.displacedAt < BigInt(Math.max(config.finality, config.confirmations, 1))) return;
  await jobs.requeue(job.key, now());
}

async function explain(context: Context, job: Job, receipt: TransactionReceipt): Promise<string> {
  const signed = context.jobs.signed(job.key).find(({ hash }) => hash === receipt.transactionHash);
  const { to, data } = signed ? parseTransaction(signed.raw) : {};
  const before: Hex = `0x${(receipt.blockNumber - 1n).toString(16)}`;
  const reason =
    to && data
      ? await explainAt(context.client, { from: context.account.address, to, data }, before).catch(() => undefined)
      : undefined;
  return reason ?? 'The transaction was mined but had no effect.';
}

type Situation = { readonly urgency: Urgency; readonly head: bigint };

/**
 * Sends an unmined transaction again, at a higher price when it has been stuck for long and a block came without it.
 * Where no blocks are made no price helps.
 */
async function pursue(context: Context, memory: Memory, job: Job, { urgency, head }: Situation): Promise<void> {
  const { jobs, now } = context;
  if (job.state !== 'sent' || job.blockHash !== undefined || job.displacedAt !== undefined) {
    await jobs.unsettle(job.key, now());
    await jobs.displaced(job.key, undefined);
  }
  const [newest] = jobs.signed(job.key);
  if (!newest) return;
  const { stuckMs = Config.stuckMs } = context.config;
  const isStuck = now() - newest.createdAt >= (urgency === 'closing' ? Math.min(stuckMs, limits.resendMs) : stuckMs);
  if (isStuck && memory.raisedAt.get(job.key) !== head) {
    const dearer = await reprice(context, job, newest, urgency !== 'none');
    if (dearer) {
      memory.raisedAt.set(job.key, head);
      return await broadcast(context, job.key, dearer);
    }
  }
  if (now() - (context.sentAt.get(newest.hash) ?? 0) < limits.resendMs) return;
  await broadcast(context, job.key, newest);
}

/** Signs the same call with the same nonce at a higher price; the earlier transactions are kept, any may be mined. */
async function reprice(context: Context, job: Job, newest: Signed, urgent: boolean): Promise<Signed | undefined> {
  const { to, data } = parseTransaction(newest.raw);
  const fees = within(urgent ? undefined : context.config.caps.feePerGas, newest, await prices(context.client));
  if (!fees) return undefined;
  const signed = await signTransaction(context, {
    to: to as Hex,
    data: data ?? '0x',
    gas: newest.gas,
    nonce: newest.nonce,
    ...fees,
  });
  const gas = signed.gas * signed.maxFeePerGas;
  await context.jobs.sign(job.key, signed, { day: dayOf(context.now()), gas, atoms: 0n });
  context.log.warn({ key: job.key, nonce: signed.nonce, hash: signed.hash }, 'stuck transaction repriced');
  return signed;
}

type Fees = Pick<Signed, 'maxFeePerGas' | 'maxPriorityFeePerGas'>;

/**
 * What a replacement offers: no more than the cap, and than some times what the network asks. Nodes refuse one that is
 * hardly dearer, so that there is none when this leaves no room.
 */
function within(limit: bigint | undefined, before: Fees, current: Fees): Fees | undefined {
  const most = current.maxFeePerGas * limits.mostTimes;
  const cap = limit !== undefined && limit < most ? limit : most;
  const maxFeePerGas = higher(before.maxFeePerGas, current.maxFeePerGas);
  const maxPriorityFeePerGas = higher(before.maxPriorityFeePerGas, current.maxPriorityFeePerGas);
  if (maxFeePerGas <= cap) return { maxFeePerGas, maxPriorityFeePerGas };
  const isEnough = cap * 100n >= before.maxFeePerGas * (100n + limits.leastBumpPercent) && maxPriorityFeePerGas <= cap;
  return isEnough ? { maxFeePerGas: cap, maxPriorityFeePerGas } : undefined;
}

function higher(before: bigint, current: bigint): bigint {
  const bumped = (before * (100n + limits.bumpPercent)) / 100n + 1n;
  return bumped > current ? bumped : current;
}
