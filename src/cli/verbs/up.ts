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
import { readNames } from '../readNames.ts';
import { readRun } from '../readRun.ts';
import * as Table from '../Table.ts';
import { demonstrate } from '../up/demonstrate.ts';
import { assertFree, giveEther, type LocalChain, setAside, startChain } from '../up/startChain.ts';
import { type People, type Sellers, startSellers } from '../up/startSellers.ts';
import type { Context, Options, Run } from '../Verb.ts';

const ports = { gateway: '8402', chain: '8545' } as const;
/** Practice money: ten dollars for the buyer, one for the seller, who buys a licence itself. */
const allowances = { buyer: 10_000_000n, seller: 1_000_000n } as const;

/** `agorai up`: a whole market on this machine. The only place that wires processes together. */
export const run: Run = async (context, _, options) => {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort());
  const port = portOf(options.port, ports.gateway);
  const chainPort = portOf(options.chainPort, ports.chain);
  const { home, progress } = context;
  await assertNotRunning(home);
  if (options.fresh === true) await beginAnew(context);
  for (const taken of port === 0 ? [] : [port, port + 1]) await assertFree(taken, '--port');
  await mkdir(home.folder, { recursive: true, mode: 0o700 });

  progress(`  home       ${home.folder} · keys of practice accounts, and all state`);
  const chain = await startChain({ home, port: chainPort, progress });
  const run = Home.runOf(home, 'up');
  let sellers: Sellers | undefined;
  try {
    await writeFileAtomic(run, `${JSON.stringify({ pid: process.pid, url: chain.rpcUrl })}\n`);
    const open = async () => {
      const people = await openPeople(home, chain);
      sellers = await startSellers({ home, people, rpcUrl: chain.rpcUrl, port, progress });
      await tell(context, people, sellers);
      return sellers;
    };
    const { failed } = await Promise.race([open(), chain.failed, untilAborted(interrupt.signal)]);
    if (options.once !== true) {
      sayHowToGoOn(context, options);
      await Promise.race([chain.failed, failed, untilAborted(interrupt.signal).catch(ignoreStop)]);
    }
  } finally {
    progress('  stopping');
    await sellers?.stop();
    await chain.stop();
    await rm(run, { force: true });
  }
  return undefined;
};

/** Plays the demonstration the first time; later it says what there is and how to go on. */
async function tell(context: Context, people: People, sellers: Sellers): Promise<void> {
  const { home, progress } = context;
  const gateways = [];
  for (const name of Home.sellerNames) {
    const { url } = await sellers.of[name].gateway.running();
    await sellers.of[name].settler.running();
    progress(`  infer      gateway of ${name} at ${url}`);
    gateways.push(url);
  }
  const [gateway] = gateways;
  const marker = join(home.folder, 'demonstration.json');
  const isFirst = (await readJson(marker, z.object({ done: z.literal(true) }))) === undefined;
  if (isFirst) await demonstrate({ home, people, sellers: sellers.of, progress });
  const books = await audit(context, people);
  if (isFirst) {
    await writeFileAtomic(marker, '{"done":true}\n');
    const nameOf = await readNames(home, people.buyer);
    const text = books.map(
      ([name, report]) => `BOOKS OF ${name}\n\n${toText(report, nameOf, Table.widthOf(context.environment))}`,
    );
    context.emit({ value: { passed: true, gateway, books: Object.fromEntries(books) }, text: text.join('\n\n') });
  } else {
    const left = await balanceOf(people.buyer);
    const receipts = books.reduce((sum, [, report]) => sum + report.payments.length, 0);
    const text = `The market is open at ${gateways.join(' and ')}. The buyer's account holds ${Amount.format(left)}. All ${receipts} receipts add up.`;
    context.emit({ value: { passed: true, gateway, buyer: left, receipts }, text });
  }
}

/** Audits the books of both sellers. */
async function audit(context: Context, people: People): Promise<readonly (readonly [string, Report.Report])[]> {
  const reports = [];
  for (const name of Home.sellerNames) {
    const market = people[name];
    const report = await auditBooks(market, Home.sellerOf(context.home, name).ledger, market.client.account.address);
    if (!Report.passed(report)) {
      context.progress(toText(report, await readNames(context.home, market), Table.widthOf(context.environment)));
      throw new ResidualError(report);
    }
    reports.push([name, report] as const);
  }
  return reports;
}

function sayHowToGoOn({ home, progress }: Context, options: Options): void {
  progress('\n  try        in another terminal:');
  if (options.home !== undefined) progress(`             export AGORAI_HOME=${home.folder}`);
  progress('             npx agorai call embeddings "good morning" "good evening"');
  progress('             npx agorai call breast-cancer 19');
  progress('             npx agorai balance, npx agorai earnings, npx agorai audit verify');
  progress('  stop       Ctrl-C');
}

async function openPeople(home: Home.Home, chain: LocalChain): Promise<People> {
  const { rpcUrl, addresses, operator } = chain;
  const open = async (person: Home.Person): Promise<Signing> => {
    const account = await openPracticeKeystore({ path: Home.keystoreOf(home, person) });
    await giveEther(operator, account.address);
    return { rpcUrl, addresses, person, client: await createClient({ rpcUrl, account, addresses }) };
  };
  const entries = await Promise.all(Home.people.map(async (person) => [person, await open(person)] as const));
  const people = Object.fromEntries(entries) as People;
  for (const name of ['buyer', 'seller'] as const) await giveDollars(people[name], operator, allowances[name]);
  return people;
}

/** Practice money, once: an account that has sent anything has had it. */
async function giveDollars(person: Signing, operator: LocalChain['operator'], amount: bigint): Promise<void> {
  const { address } = person.client.account;
  const sent = await person.client.getTransactionCount({ address });
  if (sent > 0 || (await balanceOf(person)) > 0n) return;
  const token = { address: person.addresses.token, abi: testDollarAbi } as const;
  await send(operator, { ...token, functionName: 'mint', args: [address, amount] });
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
  if (!/^[0-9]{1,5}$/.test(text) || port >= 65_535) throw new PortError(text);
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
      hint: 'Use a number from 0 to 65534; 0 picks a free one.',
    });
  }
}
