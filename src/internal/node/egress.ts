/**
 * The one way out. Every request that a seller's process makes for somebody else goes through here: the destination is
 * vetted when it is named and again when the connection is made, which goes to the very address that was vetted. No
 * connection is used twice, so there is none that was not vetted for its request.
 */
import { lookup, Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { BaseError } from '../Errors.ts';
import * as Destination from './Destination.ts';

/** Times in milliseconds, sizes in bytes. */
export type Limits = {
  /** From the call to the last byte. */
  readonly totalMs: number;
  /** Silence on the connection, also before the first byte. */
  readonly idleMs: number;
  readonly maxBytes: number;
  readonly maxHeaderBytes: number;
};

/** Limits of a request that names none. */
export const limits: Limits = { totalMs: 60_000, idleMs: 30_000, maxBytes: 8_388_608, maxHeaderBytes: 16_384 };

/** An answer whose body has not been read. It is read or discarded; else it ends with `totalMs`. */
export type Answer = {
  readonly status: number;
  /** A header by its lower-case name. Nothing of them is passed on unless the caller does it by name. */
  header(name: string): string | undefined;
  /** The body as it comes. Ends with an error when it is cut, too large or too slow. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Closes the connection instead of reading. */
  discard(): void;
};

/** The way out. */
export type Egress = {
  /** Sends a request and answers when the head of the answer is there. Redirects are refused, not followed. */
  send(url: string, request: send.Request): Promise<Answer>;
  /** The URL when it would not be refused for its form; what its name resolves to is seen when it is sent. */
  vet(url: string): URL;
};

/**
 * Opens a way out.
 *
 * Compression is refused: what is asked for is the plain bytes, so no answer is larger than what was received.
 */
export function openEgress(options: openEgress.Options = {}): Egress {
  const allowed = new Set((options.allow ?? []).map(originOf));
  const find = options.dns ? asking(options.dns) : system;
  // Sessions of TLS are kept, connections are not.
  const agent = new HttpsAgent({ keepAlive: false, maxCachedSessions: 64 });
  return {
    vet: (url) => Destination.parse(url, allowed),
    async send(text, request) {
      const url = Destination.parse(text, allowed);
      const guard = watch({ ...limits, ...request.limits }, request.signal);
      guard.signal.throwIfAborted();
      const message = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
        method: request.method ?? 'GET',
        headers: { ...request.headers, 'accept-encoding': 'identity', 'user-agent': 'agorai' },
        signal: guard.signal,
        timeout: guard.bounds.idleMs,
        maxHeaderSize: guard.bounds.maxHeaderBytes,
        insecureHTTPParser: false,
        lookup: vetted(find, allowed.has(url.origin)),
        agent: url.protocol === 'https:' ? agent : false,
        ...(url.protocol === 'https:' ? { rejectUnauthorized: true, minVersion: 'TLSv1.2' as const } : {}),
        ...(options.ca === undefined ? {} : { ca: options.ca }),
      });
      return head(message, request.body, guard);
    },
  };
}

export declare namespace openEgress {
  type Options = {
    /**
     * Origins, e.g. `http://127.0.0.1:11434`, that may be reached by plain HTTP, on any port and at any address. Only
     * from the seller's own configuration; nothing that a buyer sends may come here.
     */
    readonly allow?: readonly string[];
    /** Name servers (`address` or `address:port`) to ask instead of the system's resolver. */
    readonly dns?: readonly string[];
    /** Certificates, in PEM, to trust instead of those that Node ships. */
    readonly ca?: string;
  };
}

export declare namespace send {
  type Request = {
    readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly signal?: AbortSignal;
    readonly limits?: Partial<Limits>;
  };
}

/** The whole body of an answer. */
export async function readAll(answer: Answer): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

type Find = (hostname: string) => Promise<readonly string[]>;

/** What ends a request: its limits and the caller, in one signal. */
type Guard = { readonly bounds: Limits; readonly signal: AbortSignal; stop(reason: BaseError): void; end(): void };

function watch(bounds: Limits, cancel: AbortSignal | undefined): Guard {
  const own = new AbortController();
  const stop = (reason: BaseError) => own.abort(reason);
  const timer = setTimeout(() => stop(new LimitError(`longer than ${bounds.totalMs} ms`)), bounds.totalMs).unref();
  const signal = cancel ? AbortSignal.any([own.signal, cancel]) : own.signal;
  return { bounds, signal, stop, end: () => clearTimeout(timer) };
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url !== undefined && /^https?:$/.test(url.protocol) && url.origin === text.replace(/\/$/, '');
  if (!plain) throw new OriginError(text);
  return url.origin;
}

async function system(hostname: string): Promise<readonly string[]> {
  return (await lookup(hostname, { all: true })).map(({ address }) => address);
}

function asking(servers: readonly string[]): Find {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers(servers);
  return async (hostname) => {
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const [first] = answers;
    if (found.length === 0 && first.status === 'rejected') throw first.reason;
    return found;
  };
}

/**
 * The lookup of one connection: resolves once, and hands over only what was vetted. A name with one address inside is
 * refused whole, since an honest one has none.
 */
function vetted(find: Find, isAllowed: boolean): LookupFunction {
  return (hostname, { all, family }, callback) => {
    const answer = async () => {
      const addresses = await find(hostname);
      const inside = isAllowed ? undefined : addresses.find((address) => !Destination.isPublic(address));
      if (inside !== undefined) throw new Destination.RefusedError(`${hostname}, which leads to ${inside}`);
      const fits = addresses.map((address) => ({ address, family: isIP(address) }));
      const wanted = family === 4 || family === 6 ? fits.filter((entry) => entry.family === family) : fits;
      const [first] = wanted;
      if (!first) throw new FailedError('its name has no address');
      return { wanted, first };
    };
    answer().then(
      ({ wanted, first }) => (all ? callback(null, wanted) : callback(null, first.address, first.family)),
      (error) => callback(error, '', 0),
    );
  };
}

async function head(message: ClientRequest, body: string | undefined, guard: Guard): Promise<Answer> {
  message.on('close', guard.end);
  message.on('timeout', () => guard.stop(new LimitError(`silent for ${guard.bounds.idleMs} ms`)));
  message.on('upgrade', (_, socket) => {
    socket.destroy();
    guard.stop(new FailedError('it switches protocols'));
  });
  // What fails after the head is told to whoever reads the body.
  message.on('error', () => {});
  message.end(body);
  let response: IncomingMessage;
  try {
    [response] = await once(message, 'response', { signal: guard.signal });
  } catch (error) {
    throw explain(error, guard);
  }
  const refusal = refuse(response, guard.bounds);
  if (refusal) {
    message.destroy();
    throw refusal;
  }
  return {
    status: response.statusCode ?? 0,
    header: (name) => response.headersDistinct[name]?.join(', '),
    body: read(response, guard),
    discard: () => void message.destroy(),
  };
}

function refuse({ statusCode = 0, headers }: IncomingMessage, { maxBytes }: Limits): BaseError | undefined {
  if (statusCode >= 300 && statusCode < 400)
    return new FailedError(`it redirects (${statusCode}), which is not followed`);
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return new FailedError('its answer is compressed unasked');
  if (Number(headers['content-length'] ?? 0) > maxBytes) return new LimitError(`longer than ${maxBytes} bytes`);
  return undefined;
}

async function* read(response: IncomingMessage, guard: Guard): AsyncGenerator<Uint8Array> {
  let left = guard.bounds.maxBytes;
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      left -= chunk.length;
      if (left < 0) throw new LimitError(`longer than ${guard.bounds.maxBytes} bytes`);
      yield chunk;
    }
  } catch (error) {
    throw explain(error, guard);
  } finally {
    response.destroy();
  }
}

/** What ended the request, when that was the caller or a limit; the errors of sockets as errors of this module. */
function explain(error: unknown, { bounds, signal }: Guard): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof BaseError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error';
  if (code === 'HPE_HEADER_OVERFLOW')
    return new LimitError(`a head of more than ${bounds.maxHeaderBytes} bytes`, error);
  return new FailedError(code, error);
}

/** An entry of `allow` is not an origin. */
export class OriginError extends BaseError {
  override readonly name = 'egress.OriginError';
  constructor(text: string) {
    super(`${JSON.stringify(text)} is not an origin such as http://127.0.0.1:11434.`, {
      code: 'egress.origin',
      docsPath: 'infer.md',
    });
  }
}

/** An upstream exceeded a limit of time or size. */
export class LimitError extends BaseError {
  override readonly name = 'egress.LimitError';
  constructor(what: string, cause?: unknown) {
    super(`The upstream was cut off: ${what}.`, { code: 'egress.limit', docsPath: 'infer.md', cause });
  }
}

/** An upstream cannot be reached or does not speak HTTP as it must. */
export class FailedError extends BaseError {
  override readonly name = 'egress.FailedError';
  constructor(what: string, cause?: unknown) {
    super(`The upstream failed: ${what}.`, { code: 'egress.failed', docsPath: 'infer.md', cause });
  }
}
