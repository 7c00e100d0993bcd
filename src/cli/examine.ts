/** Looks for what is wrong with a home and its market. Each check says what is so, or what is not and how to mend it. */

import { readdir, statfs } from 'node:fs/promises';
import { authorizersAbi, logsAbi } from '../chain/abi/index.ts';
import { BaseError, messageOf } from '../internal/Errors.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';
import { readAddress } from '../internal/node/keystore.ts';
import { askUnpaid, findGateways, readServed } from './findGateway.ts';
import * as Home from './Home.ts';
import { type Market, openMarket } from './openMarket.ts';
import { readStatus } from './readStatus.ts';
import type { Context } from './Verb.ts';

/** What a check found. */
export type Finding = { readonly ok: boolean; readonly sentence: string; readonly fix: string | undefined };

/** Seconds by which the chain's clock may differ from this machine's: signatures are valid for a minute. */
const maxSkew = 60;
/** Free bytes that a market on this machine should have. */
const minFree = 200_000_000;

/** Every check, also after one that failed. */
export async function examine(context: Context): Promise<readonly Finding[]> {
  const { home } = context;
  const findings = [...(await checkKeys(home)), await checkDisk(home)];
  let market: Market;
  try {
    market = await openMarket(context);
  } catch (error) {
    return [...findings, failed(error)];
  }
  const { addresses, rpcUrl } = market;
  findings.push(well(`the node at ${new URL(rpcUrl).host} serves chain ${addresses.chainId} of the address book`));
  const checks = [checkClock(market), checkProcesses(home), checkRegistered(home, market), checkGateways(context)];
  const rest = await Promise.all(checks.map((check) => check.catch((error: unknown) => [failed(error)])));
  return [...findings, ...rest.flat()];
}

async function checkKeys(home: Home.Home): Promise<readonly Finding[]> {
  const files = (await readdir(Home.keysOf(home)).catch(() => [])).filter((file) => file.endsWith('.json'));
  const faults: Finding[] = [];
  for (const file of files) {
    // Reading the address opens the file with every check that signing makes, and needs no password.
    await readAddress(Home.keystoreOf(home, file.slice(0, -'.json'.length))).catch((error: unknown) => {
      faults.push(failed(error));
    });
  }
  return faults.length > 0 ? faults : [well(`${files.length} keys can be read by nobody else`)];
}

async function checkDisk(home: Home.Home): Promise<Finding> {
  const { bavail, bsize } = await statfs(home.folder);
  const free = `${Math.floor((bavail * bsize) / 1e6)} MB are free where the home is`;
  return bavail * bsize >= minFree ? well(free) : bad(`only ${free}`, 'Make room: a full disk stops the gateway.');
}

async function checkClock({ client }: Market): Promise<readonly Finding[]> {
  const { timestamp } = await client.getBlock();
  const skew = Number(timestamp) - Math.round(Date.now() / 1_000);
  if (Math.abs(skew) <= maxSkew) return [well('the clocks of the chain and of this machine agree')];
  const sentence = `the clock of the chain is ${Math.abs(skew)} s ${skew < 0 ? 'behind' : 'ahead of'} this machine's`;
  return [bad(sentence, 'Set the clock of this machine; a local chain catches up when it is started again: agorai up')];
}

async function checkProcesses(home: Home.Home): Promise<readonly Finding[]> {
  const processes = await readStatus(home);
  return processes.map(({ name, ok, detail }) => {
    const fix = `Read ${name === 'chain' ? home.chain.log : Home.logOf(home, name)}, or start it: agorai up`;
    return ok ? well(`${name}: ${detail}`) : bad(`${name} ${detail}`, fix);
  });
}

/** The keys of the home's sellers must be those that the chain knows, or its claims and receipts are refused. */
async function checkRegistered(home: Home.Home, market: Market): Promise<readonly Finding[]> {
  return (await Promise.all(Home.sellerNames.map((name) => checkSeller(home, market, name)))).flat();
}

async function checkSeller(
  home: Home.Home,
  { client, addresses }: Market,
  name: Home.SellerName,
): Promise<readonly Finding[]> {
  const people = Home.sellers[name];
  const [seller, settler, receipts] = await Promise.all(
    [name, people.settler, people.receipts].map((person) => readAddress(Home.keystoreOf(home, person))),
  );
  if (!seller || !settler || !receipts) return [];
  const authorizers = { address: addresses.authorizers, abi: authorizersAbi } as const;
  const logs = { address: addresses.logs, abi: logsAbi } as const;
  const now = Math.floor(Date.now() / 1_000);
  const [registered, isKey] = await Promise.all([
    client.readContract({ ...authorizers, functionName: 'settlerOf', args: [seller] }),
    client.readContract({ ...logs, functionName: 'isKeyAt', args: [seller, receipts, now] }),
  ]);
  const isSettler = isSameAddress(registered, settler);
  const fix = 'Register it again: agorai up';
  return [
    isSettler
      ? well(`the settler key of ${name} is registered`)
      : bad(`the settler key of ${name} is not the registered one`, fix),
    isKey
      ? well(`the receipt key of ${name} is registered and valid now`)
      : bad(`the receipt key of ${name} is not valid now`, fix),
  ];
}

/** Each model must answer somebody who has not paid, normally with 402 and the ways to pay. */
async function checkGateways(context: Context): Promise<readonly Finding[]> {
  const findings = (await findGateways(context, {})).map((url) =>
    checkGateway(url).catch(() => [bad(`the gateway ${new URL(url).host} does not answer`, gatewayFix)]),
  );
  return (await Promise.all(findings)).flat();
}

const gatewayFix = 'Read the log of the gateway.';

async function checkGateway(url: string): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const served of await readServed(url)) {
    const { status } = await askUnpaid(served);
    const sentence = `${served.model} answers an unpaid call with ${status}`;
    findings.push(status < 500 && status !== 404 ? well(sentence) : bad(sentence, gatewayFix));
  }
  return findings;
}

function well(sentence: string): Finding {
  return { ok: true, sentence, fix: undefined };
}

function bad(sentence: string, fix: string | undefined): Finding {
  return { ok: false, sentence, fix };
}

function failed(error: unknown): Finding {
  return bad(messageOf(error), error instanceof BaseError ? error.hint : undefined);
}
