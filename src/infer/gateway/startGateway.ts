import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Address, Hex } from 'viem';
import type { Addresses } from '../../chain/Addresses.ts';
import { testDollarAbi } from '../../chain/abi/index.ts';
import * as Chain from '../../chain/Chain.ts';
import { type Client, createClient } from '../../chain/client.ts';
import { BaseError, messageOf } from '../../internal/Errors.ts';
import type { Log } from '../../internal/node/log.ts';
import { pause } from '../../internal/node/pause.ts';
import { sign, verifier } from '../../internal/node/secp256k1.ts';
import * as Right from '../../license/Right.ts';
import type { Ledger } from '../../pay/Ledger.ts';
import type { ProgressReader } from '../../pay/Outbox.ts';
import { openLedger } from '../../pay/openLedger.ts';
import type { Listing } from '../Listing.ts';
import * as Receipt from '../Receipt.ts';
import { createAnchor } from './anchor.ts';
import { createApp } from './app.ts';
import { createCommitter } from './commit.ts';
import { createStopwatch } from './createStopwatch.ts';
import type { Deps, FreeGrants, Point } from './Deps.ts';
import { releaseExpired } from './finish.ts';
import * as InFlight from './InFlight.ts';
import * as Keeper from './Keeper.ts';
import { limits as defaults, type Limits } from './Limits.ts';
import { createQuoteBook } from './quotes.ts';
import { followChannels, readAnchored, readChain } from './readChain.ts';
import type { Seller } from './Seller.ts';
import { createMac, createSalts } from './salts.ts';
import { watchChannels } from './watchChannels.ts';

/** A running gateway. */
export type Gateway = { readonly url: string; readonly deps: Deps; stop(): Promise<void> };

/**
 * Starts the gateway of one seller: opens the ledger, listens, ends what a killed predecessor left open. It holds one
 * key, the receipt key, which can sign quotes, receipts and credit notes and can move no money.
 */
export async function startGateway(options: startGateway.Options): Promise<Gateway> {
  const { addresses, log, listings } = options;
  const client = await createClient({ rpcUrl: options.rpcUrl, addresses });
  for (const listing of listings) assertRights(listing);
  const seller = await describeSeller(options, client);
  const closing = new AbortController();
  const host = options.host ?? '127.0.0.1';
  const bounds = { ...defaults, ...options.limits };
  const server = createServer(slownessOf(bounds));
  // A connection on which nothing moves for as long as a reservation lives is given up.
  server.timeout = bounds.leaseMs;
  const answering = countAnswers(server);
  // The port is taken first: a second gateway started by mistake ends here and touches nothing of the first.
  const url = await listen(server, host, options.port ?? 0);
  let ledger: Ledger | undefined;
  try {
    ledger = openLedger(options.ledgerFile);
    await (options.keeper ?? Keeper.none).begin(ledger);
    const deps = createDeps(options, { client, seller, ledger, closing: closing.signal, url });
    const app = createApp(deps);
    const listener = getRequestListener((request, { outgoing }) => app(request, () => outgoing.destroy()), {
      hostname: host,
    });
    server.on('request', listener);
    const lost = await releaseExpired(deps, Number.MAX_SAFE_INTEGER);
    if (lost > 0) log.warn({ code: 'request.lost', count: lost }, 'ended requests that were being served at the crash');
    log.info({ url, verifier, listings: listings.map((listing) => listing.model) }, 'gateway is listening');
    const loops = startLoops(options, deps, client);
    return { url, deps, stop: () => stop(options, { deps, server, answering, closing, loops }) };
  } catch (error) {
    await shut(server);
    await ledger?.close();
    throw error;
  }
}

export declare namespace startGateway {
  type Options = {
    rpcUrl: string;
    addresses: Addresses;
    seller: Address;
    receiverAuthorizer: Address;
    /** Key that signs quotes, receipts and credit notes; registered in `Logs`. */
    receiptKey: Hex;
    /** Number of the receipt log, 0 for a seller's first gateway. */
    logNumber?: number;
    /** Seconds between the start and the end of a payer's withdrawal, at least 900. */
    withdrawDelay?: number;
    listings: readonly Listing[];
    ledgerFile: string;
    /** The settler's answers. */
    progress: ProgressReader;
    host?: string;
    port?: number;
    /** Keeps a copy of the ledger elsewhere; none unless given. */
    keeper?: Keeper.Keeper;
    /** Where clients find this gateway, e.g. `https://example.com`; where it listens unless given. Sign-ins are bound to it. */
    origin?: string;
    /** What is given away, nothing unless given. */
    free?: FreeGrants;
    /** Limits that differ from `limits`. */
    limits?: Partial<Limits>;
    log: Log;
    /** The wall clock, unix milliseconds; that of the machine unless given. */
    now?: () => number;
    /** Told at named points of a paid request. */
    onPoint?: (point: Point) => void;
  };
}

/** How long a client may take to send, and how much before the body; without the interval nobody looks at the clock for half a minute. */
const slownessOf = ({ headersMs, requestMs, headerBytes }: Limits) => ({
  headersTimeout: headersMs,
  requestTimeout: requestMs,
  maxHeaderSize: headerBytes,
  connectionsCheckingInterval: 1_000,
});

type Parts = Pick<Deps, 'seller' | 'ledger' | 'closing'> & { readonly client: Client; readonly url: string };

function createDeps(options: startGateway.Options, { client, seller, ledger, closing, url }: Parts): Deps {
  const { receiptKey, addresses, origin = url } = options;
  const signWith = (digest: Hex) => sign(digest, receiptKey);
  const { now = Date.now } = options;
  const passed = createStopwatch(now);
  const confirmations = Chain.isLocal(addresses.chainId) ? 0 : defaults.confirmations;
  const limits: Limits = { ...defaults, confirmations, ...options.limits };
  return {
    origin: new URL(origin).origin,
    free: options.free,
    limits,
    inFlight: InFlight.create(),
    macOf: createMac(receiptKey, 'challenges of sign-ins'),
    seller,
    ledger,
    closing,
    listings: options.listings,
    progress: options.progress,
    chain: readChain(client, addresses, limits, { now, passed }),
    recent: new Set(),
    seen: new Set(),
    look: { at: passed() },
    quotes: createQuoteBook({ seller, sign: signWith, now, quoteSeconds: limits.quoteSeconds }),
    committer: createCommitter({ ledger, seller, sign: signWith }),
    sign: signWith,
    saltOf: createSalts(receiptKey),
    now,
    passed,
    log: options.log,
    at: (point) => options.onPoint?.(point),
  };
}

function startLoops(options: startGateway.Options, deps: Deps, client: Client): readonly Promise<void>[] {
  const { addresses } = options;
  const { anchorMs, watchMs, keepMs } = deps.limits;
  const feed = followChannels(client, addresses);
  const anchor = createAnchor(deps, () => readAnchored(client, addresses.logs, deps.seller.address, deps.seller.log));
  return [
    repeat(deps.closing, watchMs, () => watchChannels(deps, feed)),
    repeat(deps.closing, anchorMs, () => guarded(deps, anchor)),
    repeat(deps.closing, watchMs, () => guarded(deps, () => releaseExpired(deps, deps.now()))),
    repeat(deps.closing, keepMs, () => guarded(deps, () => (options.keeper ?? Keeper.none).update())),
  ];
}

type Running = {
  readonly deps: Deps;
  readonly server: Server;
  /** Number of requests whose answers are not sent yet. */
  readonly answering: () => number;
  readonly closing: AbortController;
  readonly loops: readonly Promise<void>[];
};

/**
 * Requests in flight finish first, or are aborted when they take too long; then the loops end and the files close.
 * Whoever only holds a connection open is not waited for.
 */
async function stop(options: startGateway.Options, running: Running): Promise<void> {
  const { deps, server, answering, closing, loops } = running;
  const { drainMs, abortMs } = deps.limits;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const begun = deps.passed();
  const lasted = () => deps.passed() - begun;
  while (answering() > 0 && lasted() < drainMs + abortMs) {
    if (lasted() >= drainMs) closing.abort();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  server.closeAllConnections();
  await closed;
  closing.abort();
  await deps.inFlight.idle();
  await Promise.all(loops);
  for (const listing of options.listings) await listing.engine.close();
  await guarded(deps, () => (options.keeper ?? Keeper.none).update());
  await options.progress.close();
  await deps.ledger.close();
}

/** Ends a server and every connection to it. */
async function shut(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

function countAnswers(server: Server): () => number {
  let count = 0;
  server.on('request', (_, response: ServerResponse) => {
    count++;
    response.once('close', () => {
      count--;
    });
  });
  return () => count;
}

/** A route is only served under terms that permit its use. */
function assertRights({ model, engine, terms }: Listing): void {
  if (!Right.hasAny(terms.rights, engine.rights)) throw new RightError(model, engine.route, engine.rights);
}

async function describeSeller(options: startGateway.Options, client: Client): Promise<Seller> {
  const { addresses } = options;
  const token = { address: addresses.token, abi: testDollarAbi } as const;
  const [name, version] = await Promise.all([
    client.readContract({ ...token, functionName: 'name' }),
    client.readContract({ ...token, functionName: 'version' }),
  ]);
  return {
    address: options.seller,
    receiverAuthorizer: options.receiverAuthorizer,
    withdrawDelay: options.withdrawDelay ?? 900,
    place: { chainId: addresses.chainId, settlement: addresses.settlement },
    erc3009Collector: addresses.erc3009Collector,
    token: { address: addresses.token, name, version, chainId: addresses.chainId },
    domain: Receipt.domainOf(addresses.chainId, addresses.logs),
    log: options.logNumber ?? 0,
  };
}

async function guarded(deps: Deps, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    deps.log.warn(
      { code: 'gateway.background', reason: messageOf(error) },
      'background work failed and will be repeated',
    );
  }
}

async function repeat(signal: AbortSignal, pauseMs: number, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await work();
    await pause(pauseMs, signal);
  }
}

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(cause.code === 'EADDRINUSE' ? new PortTakenError(port) : cause);
    });
    server.listen(port, host, () => {
      const { port: bound } = server.address() as AddressInfo;
      resolve(`http://${host}:${bound}`);
    });
  });
}

/** The terms of a listing do not permit what its route does. */
export class RightError extends BaseError {
  override readonly name = 'startGateway.RightError';
  constructor(model: string, route: string, rights: readonly Right.Right[]) {
    super(`The terms of ${model} do not permit ${route}: none of the rights ${rights.join(', ')} is granted.`, {
      code: 'licence.right',
      docsPath: 'license.md',
      hint: `Offer terms with one of them: agorai publish <folder> --rights ${rights[0]}`,
    });
  }
}

/** Something else listens on the port. */
export class PortTakenError extends BaseError {
  override readonly name = 'startGateway.PortTakenError';
  constructor(port: number) {
    super(`Port ${port} is taken.`, {
      code: 'gateway.port_taken',
      hint: 'Stop what listens there, or choose another port.',
    });
  }
}
