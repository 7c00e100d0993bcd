/**
 * Engine of models that another server runs: anything that speaks OpenAI's API, such as Ollama, vLLM, the server of
 * llama.cpp or a hosted service. Its usage is not read: the meter counts what went in and what came out.
 */
import { BaseError } from '../../internal/Errors.ts';
import * as Json from '../../internal/Json.ts';
import type { Answer } from '../../internal/node/egress.ts';
import * as ServerSentEvent from '../../internal/ServerSentEvent.ts';
import type { Folder } from '../../publish/readFolder.ts';
import type { Engine, Units } from '../Engine.ts';
import { blame, type Connection, MalformedError, openUpstream, readJson } from './openUpstream.ts';
import * as Chat from './remote/Chat.ts';
import * as Completion from './remote/Completion.ts';
import * as Declared from './remote/Declared.ts';
import * as Generation from './remote/Generation.ts';
import type { Protocol } from './remote/Protocol.ts';
import * as Vectors from './remote/Vectors.ts';
import { takeFile } from './takeFile.ts';
import type { Upstream } from './Upstream.ts';

/** The format of a card whose weights are elsewhere. */
export const FORMAT = 'remote';

/** Longer than the gateway waits, so that its own limit decides; a silent upstream is given up earlier. */
const times = { totalMs: 600_000, idleMs: 30_000 };

const protocols: Readonly<Record<string, (declared: Declared.Declared, name: string) => Protocol>> = {
  [Chat.kind.route]: (declared, name) => Generation.protocol(Chat.kind, declared, name),
  [Completion.kind.route]: (declared, name) => Generation.protocol(Completion.kind, declared, name),
  '/v1/embeddings': Vectors.protocol,
};

/**
 * Opens the adapter of a folder whose files were verified, towards the upstream of the seller's configuration.
 *
 * @throws {RouteError} when the card names a route that OpenAI's API does not have or that is not adapted.
 * @throws {Declared.MalformedError} when `declared.json` is not valid.
 * @throws {openUpstream.MissingError} when the configuration names no upstream.
 */
export async function openRemote({ card, manifest, files }: Folder, upstream: Upstream | undefined): Promise<Engine> {
  const create = Object.hasOwn(protocols, card.route) ? protocols[card.route] : undefined;
  if (!create) throw new RouteError(card.route);
  const protocol = create(Declared.parse(takeFile(files, Declared.FILE)), card.name);
  const connection = await openUpstream(upstream);
  const { stream } = protocol;
  return {
    manifestRoot: manifest.root,
    route: protocol.route,
    rights: protocol.rights,
    inputSchema: protocol.inputSchema,
    bound: protocol.bound,
    async run(input, signal) {
      const answer = await ask(connection, protocol, { input, stream: false, signal });
      const body = await readJson(answer);
      return checked(() => protocol.answer(body, input));
    },
    ...(stream && {
      stream: (input, signal) => flow(connection, protocol, { input, stream: true, signal }),
    }),
    close: async () => connection.close(),
  };
}

type Call = { readonly input: unknown; readonly stream: boolean; readonly signal: AbortSignal };

function ask(connection: Connection, protocol: Protocol, { input, stream, signal }: Call): Promise<Answer> {
  return connection.send(protocol.route.replace(/^\/v1/, ''), {
    method: 'POST',
    headers: { accept: stream ? 'text/event-stream' : 'application/json' },
    body: Json.stringify(protocol.ask(input, stream)),
    signal,
    limits: { ...times, maxBytes: protocol.maxBytes(input, stream) },
  });
}

async function* flow(
  connection: Connection,
  protocol: Protocol,
  call: Call,
): AsyncGenerator<{ chunk: unknown; units: Units }> {
  const reader = protocol.stream?.(call.input);
  if (!reader) throw new RouteError(protocol.route);
  const answer = await ask(connection, protocol, call);
  let done = false;
  for await (const { data } of ServerSentEvent.read(answer.body)) {
    done = data === '[DONE]';
    if (done) break;
    const piece = checked(() => reader.read(Json.parse(data)));
    if (piece) yield { chunk: piece.body, units: piece.units };
  }
  call.signal.throwIfAborted();
  if (!done && !reader.finished()) throw new MalformedError('the stream was cut');
}

function checked<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw blame(cause);
  }
}

/** A remote card names a route that is not adapted. */
export class RouteError extends BaseError {
  override readonly name = 'remote.RouteError';
  constructor(route: string) {
    super(`No upstream is asked for ${route}.`, {
      code: 'infer.remote-route',
      docsPath: 'infer.md',
      metaMessages: [`routes: ${Object.keys(protocols).join(', ')}`],
    });
  }
}
