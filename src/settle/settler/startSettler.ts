import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import type { PrivateKeyAccount, PublicClient } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { BaseError, messageOf } from '../../internal/Errors.ts';
import { createLog, type Log } from '../../internal/node/log.ts';
import { pause } from '../../internal/node/pause.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import { openLedger } from '../../pay/openLedger.ts';
import { assertCurrent } from '../exit/assertCurrent.ts';
import * as Config from './Config.ts';
import { type Context, type Demand, dayOf, type Point } from './Context.ts';
import { type Connection, connect, type NotRegisteredError } from './connect.ts';
import { type Jobs, openJobs } from './jobs.ts';
import { outstanding } from './planClaims.ts';
import { createRpc, reasonOf } from './rpc.ts';
import { type Health, serve } from './serve.ts';
import { type Pace, step } from './step.ts';

const { limits } = Config;

/**
 * Starts the settler of one seller. It takes what the gateway wrote into the outbox, claims vouchers and harvests
 * payout addresses, and keeps every signed transaction until it is final. A node that does not answer is asked again;
 * a chain that is another one, or a seller who has not registered the key, is an error at once.
 */
export async function startSettler(
  config: Config.Config,
  options: startSettler.Options = {},
): Promise<startSettler.ReturnType> {
  const parts = open(config, options);
  await connectOnce(parts).catch(async (error: unknown) => {
    if (error instanceof BaseError) {
      await parts.jobs.close();
      throw error;
    }
    parts.state.lastError = reasonOf(error);
  });
  const server = config.port === undefined ? undefined : await serve(config.port, () => healthOf(parts));
  const stopping = new AbortController();
  const done = loop(parts, stopping.signal);
  return {
    port: portOf(server),
    settleNow: () => {
      parts.demand.all = true;
    },
    async stop() {
      stopping.abort();
      await done;
      server?.close();
      await parts.state.ledger?.close();
      await parts.jobs.close();
    },
  };
}

export declare namespace startSettler {
  type Options = {
    log?: Log;
    /** Told at named points of a step. */
    onPoint?: (point: Point) => void;
  };
  type ReturnType = {
    /** Port of health and metrics, undefined when there is none. */
    readonly port: number | undefined;
    /** Claims and harvests everything at the next step, whatever the policy says. */
    settleNow(): void;
    /** Finishes the current step and closes the files. */
    stop(): Promise<void>;
  };
  type ErrorType = NotRegisteredError;
}

type Parts = {
  readonly config: Config.Config;
  readonly options: startSettler.Options;
  readonly client: PublicClient;
  readonly account: PrivateKeyAccount;
  readonly jobs: Jobs;
  readonly log: Log;
  readonly demand: Demand;
  readonly postponed: Context['postponed'];
  readonly sentAt: Context['sentAt'];
  readonly clock: Context['clock'];
  readonly pace: Pace;
  readonly state: {
    connection: Connection | undefined;
    ledger: Ledger.Ledger | undefined;
    /** Whether the ledger was found to be no old backup. */
    current: boolean;
    ok: boolean;
    lastError: string | undefined;
  };
};

function open(config: Config.Config, options: startSettler.Options): Parts {
  return {
    config,
    options,
    client: createRpc(config.rpcUrl),
    account: privateKeyToAccount(config.key),
    jobs: openJobs(config.file),
    log: options.log ?? createLog('settler'),
    demand: { claims: new Set(), harvests: new Set(), all: false },
    postponed: new Map(),
    sentAt: new Map(),
    clock: { time: 0n, secondsPerBlock: 0, wei: 0n },
    pace: { head: undefined, harvestedAt: 0, counted: new Map(), raisedAt: new Map() },
    state: { connection: undefined, ledger: undefined, current: false, ok: false, lastError: undefined },
  };
}

/** Looks at the chain again after every failure: the node that answers now may be another one. */
async function connectOnce(parts: Parts): Promise<Connection> {
  parts.state.connection ??= await connect(parts.client, parts.config, parts.account.address);
  return parts.state.connection;
}

async function loop(parts: Parts, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await round(parts);
      parts.state.ok = true;
      failures = 0;
    } catch (error) {
      const reason = error instanceof BaseError ? messageOf(error) : reasonOf(error);
      if (failures === 0 || parts.state.lastError !== reason) parts.log.error({ error: reason }, 'step failed');
      parts.state.connection = undefined;
      parts.state.ok = false;
      parts.state.lastError = reason;
      failures++;
    }
    const longest = Math.max(limits.backoffMs, parts.config.pollMs);
    await pause(Math.min(parts.config.pollMs * 2 ** Math.min(failures, 10), longest), signal);
  }
}

async function round(parts: Parts): Promise<void> {
  const { config, client, account, jobs, log, demand, postponed, sentAt, clock, options, state } = parts;
  // The gateway creates the ledger; until it has started there is nothing to do.
  if (!state.ledger && !existsSync(config.ledgerFile)) return;
  state.ledger ??= openLedger(config.ledgerFile, { readOnly: true });
  const { addresses } = config;
  const connection = await connectOnce(parts);
  // An old backup of the ledger would have deposits and credits passed over, and refunds made of what is claimed.
  if (!state.current) await assertCurrent(state.ledger, { place: { client, config }, cursor: jobs.cursor() });
  state.current = true;
  const context: Context = {
    ...connection,
    config,
    client,
    account,
    place: { chainId: addresses.chainId, settlement: addresses.settlement },
    jobs,
    ledger: state.ledger,
    log,
    demand,
    postponed,
    sentAt,
    clock,
    now: Date.now,
    at: (point) => options.onPoint?.(point),
  };
  await step(context, parts.pace);
}

function healthOf({ jobs, state, config, clock }: Parts): Health {
  const open = state.ledger && { ledger: state.ledger, jobs };
  const { atoms, since, deadline } = open ? outstanding(open) : { atoms: 0n, since: 0n, deadline: undefined };
  return {
    ok: state.ok,
    counts: jobs.counts(),
    unclaimedAtoms: atoms,
    oldestUnclaimedMs: since === 0n ? 0 : Math.max(0, Date.now() - Number(since)),
    deadlineSeconds: deadline === undefined ? undefined : Number(deadline - clock.time),
    poisoned: jobs.poisoned(),
    repriced: jobs.repriced(),
    day: spentOn(jobs, dayOf(Date.now())),
    caps: config.caps,
    wei: clock.wei,
    lastError: state.lastError,
  };
}

function spentOn(jobs: Jobs, day: number): Health['day'] {
  return { gas: jobs.day(day).gas, given: { refund: jobs.given(day, 'refund'), credit: jobs.given(day, 'credit') } };
}

function portOf(server: Server | undefined): number | undefined {
  const address = server?.address();
  return typeof address === 'object' && address ? address.port : undefined;
}
