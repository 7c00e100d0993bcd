import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Address, Hex } from 'viem';
import type { Addresses } from '../../chain/Addresses.ts';
import { testDollarAbi } from '../../chain/abi/index.ts';
import { type Client, createClient } from '../../chain/client.ts';
import { BaseError, messageOf } from '../../internal/Errors.ts';
import type { Log } from '../../internal/node/log.ts';
import { sign, verifier } from '../../internal/node/secp256k1.ts';
import type { ProgressReader } from '../../pay/Outbox.ts';
import { openLedger } from '../../pay/openLedger.ts';
import type { Listing } from '../Listing.ts';
import * as Receipt from '../Receipt.ts';
import { createAnchor } from './anchor.ts';
import { createApp } from './app.ts';
import { createCommitter } from './commit.ts';
import type { Deps, Point } from './Deps.ts';
import * as Keeper from './Keeper.ts';
import { limits } from './Limits.ts';
import { createQuoteBook } from './quotes.ts';
import { followChannels, readAnchored, readChain } from './readChain.ts';
import type { Seller } from './Seller.ts';
import { createSalts } from './salts.ts';
import { releaseExpired } from './serve.ts';
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
  const seller = await describeSeller(options, client);
  const closing = new AbortController();
  const ledger = openLedger(options.ledgerFile);
  const deps = createDeps(options, { client, seller, ledger, closing: closing.signal });
  const host = options.host ?? '127.0.0.1';
  const server = createServer(slowness, getRequestListener(createApp(deps), { hostname: host }));
  const answering = countAnswers(server);
  try {
    // The port is taken first: a second gateway started by mistake ends here and touches nothing of the first.
    const url = await listen(server, host, options.port ?? 0);
    await (options.keeper ?? Keeper.none).begin(ledger);
    const lost = await releaseExpired(deps, Number.MAX_SAFE_INTEGER);
    if (lost > 0) log.warn({ code: 'request.lost', count: lost }, 'ended requests that were being served at the crash');
    log.info({ url, verifier, listings: listings.map((listing) => listing.model) }, 'gateway is listening');
    const loops = startLoops(options, deps, client);
    return { url, deps, stop: () => stop(options, { deps, server, answering, closing, loops }) };
  } catch (error) {
    server.close();
    await ledger.close();
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
    anchorMs?: number;
    /** Keeps a copy of the ledger elsewhere; none unless given. */
    keeper?: Keeper.Keeper;
    log: Log;
    /** Told at named points of a paid request. */
    onPoint?: (point: Point) => void;
  };
}

/** How long a client may take to send; without the interval nobody looks at the clock for half a minute. */
const slowness = {
  headersTimeout: limits.headersMs,
  requestTimeout: limits.requestMs,
  connectionsCheckingInterval: 1_000,
} as const;

type Parts = Pick<Deps, 'seller' | 'ledger' | 'closing'> & { readonly client: Client };

function createDeps(options: startGateway.Options, { client, seller, ledger, closing }: Parts): Deps {
  const signWith = (digest: Hex) => sign(digest, options.receiptKey);
  const now = () => Date.now();
  return {
    seller,
    ledger,
    closing,
    listings: options.listings,
    progress: options.progress,
    chain: readChain(client, options.addresses),
    recent: new Set(),
    quotes: createQuoteBook({ seller, sign: signWith, now }),
    committer: createCommitter({ ledger, seller, sign: signWith }),
    sign: signWith,
    saltOf: createSalts(options.receiptKey),
    now,
    log: options.log,
    at: (point) => options.onPoint?.(point),
  };
}

function startLoops(options: startGateway.Options, deps: Deps, client: Client): readonly Promise<void>[] {
  const { addresses, anchorMs = limits.anchorMs } = options;
  const feed = followChannels(client, addresses);
  const anchor = createAnchor(deps, () => readAnchored(client, addresses.logs, deps.seller.address, deps.seller.log));
  return [
    repeat(deps.closing, limits.watchMs, () => watchChannels(deps, feed)),
    repeat(deps.closing, anchorMs, () => guarded(deps, anchor)),
    repeat(deps.closing, limits.watchMs, () => guarded(deps, () => releaseExpired(deps, deps.now()))),
    repeat(deps.closing, limits.keepMs, () => guarded(deps, () => (options.keeper ?? Keeper.none).update())),
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
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const begun = Date.now();
  const lasted = () => Date.now() - begun;
  while (answering() > 0 && lasted() < limits.drainMs + limits.abortMs) {
    if (lasted() >= limits.drainMs) closing.abort();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  server.closeAllConnections();
  await closed;
  closing.abort();
  await Promise.all(loops);
  for (const listing of options.listings) await listing.engine.close();
  await guarded(deps, () => (options.keeper ?? Keeper.none).update());
  await options.progress.close();
  await deps.ledger.close();
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
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, pauseMs);
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
    });
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
