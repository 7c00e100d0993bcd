import { type Hex, type TransactionReceipt, TransactionReceiptNotFoundError } from 'viem';
import { parseTransaction } from 'viem/utils';
import * as Config from './Config.ts';
import { type Context, dayOf } from './Context.ts';
import type { Job, Signed } from './jobs.ts';
import { explainAt, prices } from './rpc.ts';
import { broadcast, signTransaction } from './sendQueued.ts';

const { limits } = Config;

/** What reconciling remembers between two steps; it is not needed after a restart. */
export type Memory = {
  /** Head at which everything was looked at. */
  head: Hex | undefined;
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
  let confirmed = false;
  for (const job of jobs.open()) {
    if ((job.nonce as number) >= latest) await pursue(context, job);
    else if (moved || job.blockHash === undefined) {
      const found = await inspect(context, job, block.number);
      confirmed ||= found && job.state === 'sent';
    }
  }
  memory.head = block.hash;
  return confirmed;
}

/** Records what became of a job whose nonce the chain has passed. Returns whether its transaction is there. */
async function inspect(context: Context, job: Job, head: bigint): Promise<boolean> {
  const { jobs, now } = context;
  const receipt = await findReceipt(context, job);
  if (!receipt) {
    await replace(context, job, head);
    return false;
  }
  context.at('mined');
  const depth = head > receipt.blockNumber ? head - receipt.blockNumber : 0n;
  const reverted = receipt.status === 'reverted';
  const deep = depth >= BigInt(context.config.confirmations);
  const state = !deep ? 'sent' : reverted ? 'failed' : 'confirmed';
  const final = depth >= BigInt(context.config.finality) && deep;
  if (job.state === state && job.final === final && job.blockHash === receipt.blockHash) return true;
  const error = reverted ? await explain(context, job, receipt) : undefined;
  const { transactionHash: hash, blockHash, gasUsed, effectiveGasPrice } = receipt;
  await jobs.settle(job.key, { state, hash, blockHash, final, fee: gasUsed * effectiveGasPrice, error }, now());
  if (job.state !== state) context.log.info({ key: job.key, hash, state, error }, 'transaction mined');
  for (const signed of jobs.signed(job.key)) context.sentAt.delete(signed.hash);
  context.at('recorded');
  return true;
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

/** Sends an unmined transaction again, at a higher price when it has been stuck for long. */
async function pursue(context: Context, job: Job): Promise<void> {
  const { jobs, now } = context;
  if (job.state !== 'sent' || job.blockHash !== undefined || job.displacedAt !== undefined) {
    await jobs.unsettle(job.key, now());
    await jobs.displaced(job.key, undefined);
  }
  const all = jobs.signed(job.key);
  const [newest] = all;
  if (!newest) return;
  const stuck = now() - newest.createdAt >= (context.config.stuckMs ?? Config.stuckMs);
  if (stuck && all.length < limits.replacements) {
    const dearer = await reprice(context, job, newest);
    return await broadcast(context, job.key, dearer);
  }
  if (now() - (context.sentAt.get(newest.hash) ?? 0) < limits.resendMs) return;
  await broadcast(context, job.key, newest);
}

/** Signs the same call with the same nonce at a higher price; the earlier transactions are kept, any may be mined. */
async function reprice(context: Context, job: Job, newest: Signed): Promise<Signed> {
  const { to, data } = parseTransaction(newest.raw);
  const current = await prices(context.client);
  const signed = await signTransaction(context, {
    to: to as Hex,
    data: data ?? '0x',
    gas: newest.gas,
    nonce: newest.nonce,
    maxFeePerGas: higher(newest.maxFeePerGas, current.maxFeePerGas),
    maxPriorityFeePerGas: higher(newest.maxPriorityFeePerGas, current.maxPriorityFeePerGas),
  });
  const gas = signed.gas * signed.maxFeePerGas;
  await context.jobs.sign(job.key, signed, { day: dayOf(context.now()), gas, atoms: 0n });
  context.log.warn({ key: job.key, nonce: signed.nonce, hash: signed.hash }, 'stuck transaction repriced');
  return signed;
}

function higher(before: bigint, current: bigint): bigint {
  const bumped = (before * (100n + limits.bumpPercent)) / 100n + 1n;
  return bumped > current ? bumped : current;
}
