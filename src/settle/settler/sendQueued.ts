import type { Hex } from 'viem';
import { z } from 'zod';
import { BaseError } from '../../internal/Errors.ts';
import { keccak } from '../../internal/Hash.ts';
import * as Call from './Call.ts';
import { limits } from './Config.ts';
import { type Context, dayOf } from './Context.ts';
import type { Job, Signed } from './jobs.ts';
import { kinds } from './kinds/index.ts';
import type { Kind } from './kinds/Kind.ts';
import { isUnreachable, prices, reasonOf, revertOf, simulate } from './rpc.ts';
import { urgencyOf } from './urgencyOf.ts';

/**
 * Sends what is queued with consecutive nonces: first the claims of channels whose payers are leaving, for which some
 * room is kept, then everything in order of arrival. A job that cannot be sent now is passed over, so that one bad job
 * never holds up the others. Throws only when the node cannot be asked.
 */
export async function sendQueued(context: Context): Promise<void> {
  const { jobs } = context;
  const claims = jobs.queued(limits.outboxRows, 'claim').filter((job) => urgencyOf(context, job) !== 'none');
  await sendAll(context, claims, limits.inFlight + limits.urgentInFlight);
  const urgent = new Set(claims.map(({ key }) => key));
  const others = jobs.queued(limits.outboxRows).filter(({ key }) => !urgent.has(key));
  await sendAll(context, others, limits.inFlight);
}

async function sendAll(context: Context, queued: readonly Job[], most: number): Promise<void> {
  let unmined = context.jobs.open().filter((job) => job.blockHash === undefined).length;
  for (const job of queued) {
    if (unmined >= most) return;
    if ((context.postponed.get(job.key) ?? 0) > context.now()) continue;
    context.postponed.delete(job.key);
    if (await sendJob(context, job, unmined > 0)) unmined++;
  }
}

/** Whether a transaction was sent. */
async function sendJob(context: Context, job: Job, hasPredecessors: boolean): Promise<boolean> {
  const kind = kinds[job.kind];
  if (!kind) {
    await fail(context, job, wordsOf(new Call.NotAllowedError(`the kind ${job.kind}`)));
    return false;
  }
  const ready = await prepare(context, kind, job, hasPredecessors).catch((error) => handle(context, job, error));
  if (!ready) return false;
  const { call, gas } = ready;
  const urgent = urgencyOf(context, job) !== 'none';
  const fees = await feesWithin(context, job, urgent);
  if (!fees) return false;
  const signed = await sign(context, call, (gas * 5n) / 4n + 20_000n, fees);
  const worst = signed.gas * signed.maxFeePerGas;
  if (!(urgent || (await fits(context, kind, job, call, worst)))) return false;
  const day = dayOf(context.now());
  await context.jobs.sign(job.key, signed, { day, gas: worst, atoms: call.atoms });
  context.log.info({ key: job.key, nonce: signed.nonce, hash: signed.hash }, 'transaction stored');
  context.at('stored');
  await broadcast(context, job.key, signed);
  context.at('sent');
  return true;
}

type Ready = { readonly call: Call.Call; readonly gas: bigint };

/** The call of a job and the gas it takes, when it can be sent now. */
async function prepare(context: Context, kind: Kind, job: Job, hasPredecessors: boolean): Promise<Ready | undefined> {
  const prepared = await kind.prepare(context, job);
  if ('wait' in prepared) return postpone(context, job, limits.waitMs);
  const { call } = prepared;
  Call.assertMethod(call, context.limits);
  const from = context.account.address;
  const simulated = await simulate(context.client, { from, to: call.to, data: call.data });
  if (!('revert' in simulated)) return { call, gas: simulated.gas };
  await refuse(context, kind, job, simulated.revert, hasPredecessors);
  return undefined;
}

/**
 * A job that is at fault fails, and a node that does not answer ends the step. What the node says it cannot do for this
 * job is tried some more times, behind the others.
 */
async function handle(context: Context, job: Job, error: unknown): Promise<undefined> {
  if (isUnreachable(error)) throw error;
  const refusal = revertOf(error) ?? refusalOf(error);
  const reason = refusal ?? reasonOf(error);
  if (refusal !== undefined || job.attempts >= limits.attempts) {
    await fail(context, job, reason);
    return undefined;
  }
  context.log.error({ key: job.key, error: reason }, 'job cannot be prepared');
  await context.jobs.attempt(job.key, reason, context.now());
  return postpone(context, job, limits.backoffMs);
}

/** Looks at a job again later. */
function postpone(context: Context, job: Job, ms: number): undefined {
  context.postponed.set(job.key, context.now() + ms);
}

function wordsOf(error: BaseError): string {
  return `${error.code}: ${error.shortMessage}`;
}

function refusalOf(error: unknown): string | undefined {
  if (error instanceof BaseError) return wordsOf(error);
  if (!(error instanceof z.ZodError)) return undefined;
  const issue = error.issues[0];
  return `settler.malformed: The payload is malformed: ${issue?.path.join('.')}: ${issue?.message}.`;
}

async function fail(context: Context, job: Job, error: string): Promise<void> {
  context.log.warn({ key: job.key, error }, 'job failed');
  await context.jobs.fail(job.key, error, context.now());
}

/** A call that would revert: perhaps a predecessor must be mined first, perhaps somebody else has done it. */
async function refuse(context: Context, kind: Kind, job: Job, revert: string, hasPredecessors: boolean): Promise<void> {
  const now = context.now();
  if (hasPredecessors && now - job.createdAt < limits.patienceMs) {
    await context.jobs.wait(job.key, revert, now);
    return postpone(context, job, limits.waitMs);
  }
  const hash = await kind.findDone?.(context, job);
  if (!hash) return await fail(context, job, revert);
  const receipt = await context.client.getTransactionReceipt({ hash });
  const head = await context.client.getBlockNumber();
  const { confirmations, finality } = context.config;
  // It is not looked at again, so that what others sent counts only once it is as deep as what is final.
  if (head - receipt.blockNumber < BigInt(kind.atRisk ? Math.max(confirmations, finality) : confirmations))
    return postpone(context, job, limits.backoffMs);
  context.log.info({ key: job.key, hash }, 'job done by somebody else');
  await context.jobs.done(job.key, hash, now);
}

/**
 * Whether the day's caps allow the call; else it waits for another day, unless none would do. Each kind has the atoms
 * of the day to itself, so that payers who leave do not use up what is there for credits.
 */
async function fits(context: Context, kind: Kind, job: Job, call: Call.Call, worst: bigint): Promise<boolean> {
  const { caps } = context.config;
  const day = dayOf(context.now());
  const given = context.jobs.given(day, job.kind);
  const isPlenty = call.atoms > 0n && given + call.atoms > caps.dailyAtoms;
  if (!isPlenty && context.jobs.day(day).gas + worst <= caps.dailyGas) return true;
  const what = isPlenty ? `${caps.dailyAtoms} atoms a day for a ${job.kind}` : `${caps.dailyGas} wei a day for gas`;
  const error = wordsOf(new Call.NotAllowedError(`more than ${what}`));
  if (isPlenty ? call.atoms > caps.dailyAtoms : kind.beyondGas === 'fail') await fail(context, job, error);
  else {
    await context.jobs.wait(job.key, error, context.now());
    postpone(context, job, limits.backoffMs);
  }
  return false;
}

type Fees = Pick<Signed, 'maxFeePerGas' | 'maxPriorityFeePerGas'>;

/** What to offer for a unit of gas, within the cap; none while the network asks for more, except where it is urgent. */
async function feesWithin(context: Context, job: Job, urgent: boolean): Promise<Fees | undefined> {
  const { feePerGas: cap } = context.config.caps;
  const { maxFeePerGas, maxPriorityFeePerGas, baseFeePerGas } = await prices(context.client);
  if (cap === undefined || maxFeePerGas <= cap) return { maxFeePerGas, maxPriorityFeePerGas };
  if (urgent) {
    context.log.warn(
      { key: job.key, feePerGas: `${maxFeePerGas}` },
      'above the cap of fees, sent because it is urgent',
    );
    return { maxFeePerGas, maxPriorityFeePerGas };
  }
  if (baseFeePerGas + maxPriorityFeePerGas <= cap) return { maxFeePerGas: cap, maxPriorityFeePerGas };
  await context.jobs.wait(
    job.key,
    wordsOf(new Call.NotAllowedError(`more than ${cap} wei a unit of gas`)),
    context.now(),
  );
  return postpone(context, job, limits.backoffMs);
}

async function sign(context: Context, call: Call.Call, gas: bigint, fees: Fees): Promise<Signed> {
  const nonce = await nextNonce(context);
  return await signTransaction(context, { to: call.to, data: call.data, gas, nonce, ...fees });
}

/** The first nonce that is neither in the chain nor in use by a transaction of ours. */
async function nextNonce(context: Context): Promise<number> {
  const used = new Set(context.jobs.open().map((job) => job.nonce));
  let nonce = await context.client.getTransactionCount({ address: context.account.address, blockTag: 'latest' });
  while (used.has(nonce)) nonce++;
  return nonce;
}

/** Signs a transaction of the settler's key. */
export async function signTransaction(context: Context, transaction: signTransaction.Options): Promise<Signed> {
  const raw = await context.account.signTransaction({
    ...transaction,
    type: 'eip1559',
    chainId: context.config.addresses.chainId,
    value: 0n,
  });
  const { nonce, gas, maxFeePerGas, maxPriorityFeePerGas } = transaction;
  return { hash: keccak(raw), raw, nonce, gas, maxFeePerGas, maxPriorityFeePerGas, createdAt: context.now() };
}

export declare namespace signTransaction {
  type Options = {
    readonly to: Hex;
    readonly data: Hex;
    readonly gas: bigint;
    readonly nonce: number;
    readonly maxFeePerGas: bigint;
    readonly maxPriorityFeePerGas: bigint;
  };
}

/** Sends a stored transaction. A node that refuses it changes nothing: it is sent again until its fate is known. */
export async function broadcast(context: Context, key: string, signed: Signed): Promise<void> {
  context.sentAt.set(signed.hash, context.now());
  try {
    await context.client.request({ method: 'eth_sendRawTransaction', params: [signed.raw] });
  } catch (error) {
    const reason = reasonOf(error);
    // The node has it, or has mined it: the next step will see.
    if (/already (known|imported)|nonce too low/i.test(reason)) return;
    context.log.warn({ key, hash: signed.hash, nonce: signed.nonce, error: reason }, 'sending failed');
    await context.jobs.attempt(key, reason, context.now());
  }
}
