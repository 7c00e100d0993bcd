/** Finds who serves an asset, and asks what a call needs. */
import { readdir } from 'node:fs/promises';
import type { Address } from 'viem';
import { z } from 'zod';
import { authorizersAbi, vaultsAbi } from '../chain/abi/index.ts';
import { BaseError } from '../internal/Errors.ts';
import * as Json from '../internal/Json.ts';
import { chooseWay } from '../pay/chooseWay.ts';
import { RefusedError, type Setup, type Way } from '../pay/Payer.ts';
import * as X402 from '../pay/X402.ts';
import { readLineage } from '../publish/readLineage.ts';
import * as Home from './Home.ts';
import type { Market } from './openMarket.ts';
import { readRun } from './readRun.ts';
import type { Context, Options } from './Verb.ts';

/** An asset as a gateway serves it. What it says is checked where it matters: against the chain and by receipts. */
export type Served = {
  readonly url: string;
  readonly model: string;
  readonly route: string;
  readonly asset: bigint;
  readonly version: number;
  readonly seller: Address;
  readonly licenceRequired: boolean;
};

/** Longest waits for an answer and for a list of models, in milliseconds, and largest answer, in characters. */
const limits = { wait: 10_000, list: 5_000, answer: 1_000_000 } as const;

const decimal = z.string().regex(/^(0|[1-9][0-9]{0,77})$/);
const models = z.object({
  data: z
    .array(
      z.object({
        id: z.string().max(200),
        agorai: z.object({
          route: z.string().regex(/^\/v1(\/[a-z0-9-]+)+$/),
          asset: decimal.transform(BigInt),
          version: z.int().positive(),
          seller: z
            .string()
            .regex(/^0x[0-9a-fA-F]{40}$/)
            .transform((text) => text as Address),
          licenceRequired: z.boolean(),
        }),
      }),
    )
    .max(1_000),
});

/** The gateways of a home, that of `seller` first, or the one that was named. */
export async function findGateways({ home }: Pick<Context, 'home'>, options: Options): Promise<readonly string[]> {
  if (typeof options.gateway === 'string') return [checkedUrl(options.gateway)];
  const files = await readdir(Home.runsOf(home)).catch(() => []);
  const runs = files.filter((file) => file.startsWith('gateway-') && file.endsWith('.json'));
  const first = (file: string) => Number(file === 'gateway-seller.json');
  runs.sort((a, b) => first(b) - first(a));
  const found = await Promise.all(runs.map((file) => readRun(home, file.slice(0, -5))));
  return found.flatMap((run) => (run ? [run.url] : []));
}

function checkedUrl(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) throw new UrlError(text);
  return text;
}

/** What a gateway serves. */
export async function readServed(url: string): Promise<readonly Served[]> {
  const response = await fetch(new URL('/v1/models', url), { signal: AbortSignal.timeout(limits.list) });
  const found = models.safeParse(await readJson(response)).data;
  if (!response.ok || !found) throw new NoGatewayError(`${new URL(url).host} does not answer as a gateway`);
  return found.data.map(({ id, agorai }) => ({ url, model: id, ...agorai }));
}

/** The JSON of an answer, `undefined` when it is none or goes on for longer than an answer may. */
async function readJson(response: Response): Promise<unknown> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const part of response.body ?? []) {
    text += decoder.decode(part, { stream: true });
    if (text.length > limits.answer) return undefined;
  }
  try {
    return Json.parse(text);
  } catch {
    return undefined;
  }
}

/** What all known gateways serve, in their order. One that does not answer in time is told, and holds up no other. */
export async function readAllServed(
  context: Pick<Context, 'home' | 'progress'>,
  options: Options,
): Promise<readonly Served[]> {
  const urls = await findGateways(context, options);
  const answers = await Promise.allSettled(urls.map(readServed));
  const failed = answers.filter((answer) => answer.status === 'rejected');
  if (failed[0] && failed.length === answers.length) throw failed[0].reason;
  return answers.flatMap((answer, at) => {
    if (answer.status === 'fulfilled') return answer.value;
    context.progress(`  gateway    ${new URL(urls[at] as string).host} does not answer`);
    return [];
  });
}

/** The first gateway that serves an asset. */
export async function findServed(
  context: Pick<Context, 'home' | 'progress'>,
  options: Options,
  asset: bigint,
): Promise<Served> {
  const served = (await readAllServed(context, options)).find((candidate) => candidate.asset === asset);
  if (!served) throw new NoGatewayError('no gateway that is known here and answers serves it');
  return served;
}

/** What a gateway answers to somebody who has not paid: normally 402 with the ways to pay. */
export function askUnpaid(served: Served): Promise<Response> {
  const url = new URL(served.route, served.url);
  url.searchParams.set('model', served.model);
  return fetch(url, { signal: AbortSignal.timeout(limits.wait) });
}

/**
 * How a seller wants to be paid through a channel. Who gets the money and who may claim it is compared with the chain: a
 * gateway cannot send deposits anywhere else.
 */
export async function askWay(market: Market, setup: Setup, served: Served): Promise<Way> {
  const response = await askUnpaid(served);
  const header = response.headers.get(X402.headers.required);
  if (header === null) throw new NoGatewayError(`${new URL(served.url).host} asks for no payment`);
  const way = chooseWay(setup, X402.parseRequired(header), 'batch-settlement');

  const { client, addresses } = market;
  const vaults = { address: addresses.vaults, abi: vaultsAbi } as const;
  const authorizers = { address: addresses.authorizers, abi: authorizersAbi } as const;
  const [ofAsset, ofSeller, { parents }, authorizer] = await Promise.all([
    client.readContract({ ...vaults, functionName: 'payoutOf', args: [served.asset] }),
    client.readContract({ ...vaults, functionName: 'payoutOf', args: [BigInt(served.seller)] }),
    readLineage(client, { addresses, asset: served.asset }),
    client.readContract({ ...authorizers, functionName: 'addressOf', args: [served.seller] }),
  ]);
  const same = (a: unknown, b: string) => typeof a === 'string' && a.toLowerCase() === b.toLowerCase();
  // Paid anywhere else than at its own address, a derived asset would pass nothing on to its parents.
  if (!same(way.payTo, ofAsset) && (parents.length > 0 || !same(way.payTo, ofSeller)))
    throw new RefusedError('it names a payout address that is not the seller’s');
  if (!same(way.extra.receiverAuthorizer, authorizer))
    throw new RefusedError('it names an authorizer that is not the seller’s');
  return way;
}

/** Text that is no address of a gateway. */
export class UrlError extends BaseError {
  override readonly name = 'findGateway.UrlError';
  constructor(text: string) {
    super(`${JSON.stringify(text.slice(0, 100))} is not the address of a gateway.`, {
      code: 'usage.url',
      hint: 'Give one such as http://127.0.0.1:8402',
    });
  }
}

/** Nobody serves what was asked for. */
export class NoGatewayError extends BaseError {
  override readonly name = 'findGateway.NoGatewayError';
  constructor(reason: string) {
    super(`There is no gateway to ask: ${reason}.`, {
      code: 'network.no_gateway',
      hint: 'Name one with --gateway, or start the market of this home: agorai up',
    });
  }
}
