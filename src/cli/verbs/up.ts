import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import * as Report from '../../audit/Report.ts';
import { testDollarAbi } from '../../chain/abi/index.ts';
import { createClient } from '../../chain/client.ts';
import { send } from '../../chain/send.ts';
import * as Amount from '../../internal/Amount.ts';
import { BaseError } from '../../internal/Errors.ts';
import { readJson, writeFileAtomic } from '../../internal/node/files.ts';
import { openPracticeKeystore } from '../../internal/node/keystore.ts';
import { auditBooks, ResidualError, toText } from '../auditMarket.ts';
import * as Home from '../Home.ts';
import type { Signing } from '../openMarket.ts';
import { readServable } from '../ownModels.ts';
import { readNames } from '../readNames.ts';
import { readRun } from '../readRun.ts';
import * as Table from '../Table.ts';
import { demonstrate } from '../up/demonstrate.ts';
import { prepareSeller } from '../up/prepareSeller.ts';
import { assertFree, giveEther, type LocalChain, setAside, startChain } from '../up/startChain.ts';
import { type Processes, startProcesses } from '../up/startProcesses.ts';
import type { Context, Options, Run } from '../Verb.ts';

const ports = { gateway: '8402', chain: '8545' } as const;
/** Practice money of the buyer: ten dollars. */
const allowance = 10_000_000n;

type People = Readonly<Record<(typeof Home.people)[number], Signing>>;

/** `agorai up`: a whole market on this machine. The only place that wires processes together. */
export const run: Run = async (context, _, options) => {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort());
  const port = portOf(options.port, ports.gateway);
  const chainPort = portOf(options.chainPort, ports.chain);
  const { home, progress } = context;
  await assertNotRunning(home);
  if (options.fresh === true) await beginAnew(context);
  await assertFree(port, '--port');
  await mkdir(home.folder, { recursive: true, mode: 0o700 });

  progress(`  home       ${home.folder} · keys of practice accounts, and all state`);
  const chain = await startChain({ home, port: chainPort, progress });
  const run = Home.runOf(home, 'up');
  let processes: Processes | undefined;
  try {
    await writeFileAtomic(run, `${JSON.stringify({ pid: process.pid, url: chain.rpcUrl })}\n`);
    const open = async () => {
      const people = await openPeople(home, chain);
      processes = await startSelling(context, people, { rpcUrl: chain.rpcUrl, port });
      await tell(context, people, processes);
      return processes;
    };
    const { failed } = await Promise.race([open(), chain.failed, untilAborted(interrupt.signal)]);
    if (options.once !== true) {
      sayHowToGoOn(context, options);
      await Promise.race([chain.failed, failed, untilAborted(interrupt.signal).catch(ignoreStop)]);
    }
  } finally {
    progress('  stopping');
    await processes?.stop();
    await chain.stop();
    await rm(run, { force: true });
  }
  return undefined;
};

/** Publishes the models and starts the gateway and the settler of the seller. */
async function startSelling(
  { home, progress }: Context,
  people: People,
  place: { readonly rpcUrl: string; readonly port: number },
): Promise<Processes> {
  const addressOf = (person: keyof People) => people[person].client.account.address;
  const market = people.seller;
  const models = await prepareSeller({
    home,
    market,
    keys: { settler: addressOf('settler'), receipts: addressOf('receipts') },
    shares: { contributor: addressOf('contributor'), evaluator: addressOf('evaluator') },
    progress,
  });
  const seller = addressOf('seller');
  const own = await readServable({ home, person: 'seller', market, seller, besides: models, progress });
  return startProcesses({ home, name: 'seller', seller, ...place, models: [...models, ...own], progress });
}

/** Plays the demonstration the first time; later it says what there is and how to go on. */
async function tell(context: Context, people: People, processes: Processes): Promise<void> {
  const { home, progress } = context;
  const { url } = await processes.gateway.running();
  await processes.settler.running();
  progress(`  infer      gateway at ${url}`);
  const marker = join(home.folder, 'demonstration.json');
  if ((await readJson(marker, z.object({ done: z.literal(true) }))) === undefined) {
    const { buyer, seller, contributor, evaluator } = people;
    const payees = [seller, contributor, evaluator];
    const stage = { home, buyer, payees, seller: seller.client.account.address, ...processes, progress };
    const report = await demonstrate(stage);
    const text = toText(report, await readNames(home, buyer), Table.widthOf(context.environment));
    if (!Report.passed(report)) {
      progress(text);
      throw new ResidualError(report);
    }
    await writeFileAtomic(marker, '{"done":true}\n');
    context.emit({ value: { passed: true, gateway: url, ...report }, text });
  } else {
    const { buyer, seller } = people;
    const report = await auditBooks(seller, Home.sellerOf(home, 'seller').ledger, seller.client.account.address);
    if (!Report.passed(report)) throw new ResidualError(report);
    const left = await balanceOf(buyer);
    const receipts = report.payments.length;
    const text = `The market is open at ${url}. The buyer's account holds ${Amount.format(left)}. All ${receipts} receipts add up.`;
    context.emit({ value: { passed: true, gateway: url, buyer: left, receipts }, text });
  }
}

function sayHowToGoOn({ home, progress }: Context, options: Options): void {
  progress('\n  try        in another terminal:');
  if (options.home !== undefined) progress(`             export AGORAI_HOME=${home.folder}`);
  progress('             npx agorai call embeddings "good morning" "good evening"');
  progress('             npx agorai balance, npx agorai earnings, npx agorai audit verify');
  progress('  stop       Ctrl-C');
}

async function openPeople(home: Home.Home, chain: LocalChain): Promise<People> {
  const { rpcUrl, addresses, operator } = chain;
  const open = async (person: (typeof Home.people)[number]): Promise<Signing> => {
    const account = await openPracticeKeystore({ path: Home.keystoreOf(home, person) });
    await giveEther(operator, account.address);
    return { rpcUrl, addresses, person, client: await createClient({ rpcUrl, account, addresses }) };
  };
  const entries = await Promise.all(Home.people.map(async (person) => [person, await open(person)] as const));
  const people = Object.fromEntries(entries) as People;
  await giveDollars(people.buyer, operator);
  return people;
}

/** Practice money, once: an account that has sent anything has had it. */
async function giveDollars(buyer: Signing, operator: LocalChain['operator']): Promise<void> {
  const { address } = buyer.client.account;
  const sent = await buyer.client.getTransactionCount({ address });
  if (sent > 0 || (await balanceOf(buyer)) > 0n) return;
  const token = { address: buyer.addresses.token, abi: testDollarAbi } as const;
  await send(operator, { ...token, functionName: 'mint', args: [address, allowance] });
}

function balanceOf({ client, addresses }: Signing): Promise<bigint> {
  const token = { address: addresses.token, abi: testDollarAbi } as const;
  return client.readContract({ ...token, functionName: 'balanceOf', args: [client.account.address] });
}

async function beginAnew({ home, progress }: Context): Promise<void> {
  const aside = await setAside(home);
  if (aside !== undefined) progress(`  home       the former one is now ${aside}`);
}

/** Its processes may outlive it by moments, so whether it runs is told by a file of its own. */
async function assertNotRunning(home: Home.Home): Promise<void> {
  if ((await readRun(home, 'up')) === undefined) return;
  throw new RunningError(home, (await readRun(home, 'gateway-seller'))?.url);
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, fail) => {
    const stop = () => fail(new StoppedError());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
}

function ignoreStop(error: unknown): void {
  if (!(error instanceof StoppedError)) throw error;
}

function portOf(option: Options[string], fallback: string): number {
  const text = typeof option === 'string' ? option : fallback;
  const port = Number(text);
  if (!/^[0-9]{1,5}$/.test(text) || port > 65_535) throw new PortError(text);
  return port;
}

/** Ctrl-C before the demonstration was over. */
export class StoppedError extends BaseError {
  override readonly name = 'up.StoppedError';
  constructor() {
    super('Interrupted.', { code: 'interrupted', hint: 'Start again: it goes on where it ended.' });
  }
}

/** The market of the home is open already. */
export class RunningError extends BaseError {
  override readonly name = 'up.RunningError';
  constructor({ folder }: Home.Home, gateway: string | undefined) {
    super(`The market of ${folder} is running${gateway === undefined ? '' : `, its gateway at ${gateway}`}.`, {
      code: 'up.running',
      hint: 'Use it from this terminal, or end it with Ctrl-C where it runs: agorai balance',
    });
  }
}

/** Text that is no port. */
export class PortError extends BaseError {
  override readonly name = 'up.PortError';
  constructor(text: string) {
    super(`${JSON.stringify(text.slice(0, 20))} is not a port.`, {
      code: 'usage.port',
      hint: 'Use a number from 0 to 65535; 0 picks a free one.',
    });
  }
}
