import type { Hex } from 'viem';
import { concat } from 'viem/utils';
import { BaseError } from '../../internal/Errors.ts';
import * as ServerSentEvent from '../../internal/ServerSentEvent.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import * as X402 from '../../pay/X402.ts';
import type { Engine, Piece, Units } from '../Engine.ts';
import * as Meter from '../Meter.ts';
import type * as Receipt from '../Receipt.ts';
import type { Ticket } from './Admission.ts';
import * as Chunk from './Chunk.ts';
import type { Deps } from './Deps.ts';
import { elapsed, finish, type Result } from './finish.ts';
import type { Offer } from './offer.ts';
import { chargeOf, receiptOf, served, settlementOf } from './respond.ts';
import { failed, type Work } from './serve.ts';
import { settled } from './settled.ts';

/** Whether a request asks for its answer in pieces. */
export function wantsStream(input: unknown): boolean {
  return isRecord(input) && input.stream === true;
}

/**
 * Serves an admitted request piece by piece. The answer begins with the first piece, every piece is metered as it is
 * handed to the connection, and however the stream ends (at its end, cut off by the client, left unread, too slow, or by
 * a fault of the engine) what was delivered until then is committed with one receipt.
 */
export async function serveStream(deps: Deps, offer: Offer, ticket: Ticket, work: Work): Promise<Response> {
  const { progress, refused } = await settled(deps, ticket);
  const transaction = progress?.transaction;
  const commit = (result: Result) => {
    deps.at('served');
    const end = { prices: offer.quote.quote, bound: offer.bound, paid: refused === undefined };
    return finish(deps, ticket, result, end).finally(() => deps.at('committed'));
  };
  const whole = async (result: Result) =>
    served(deps, offer, ticket, { answer: result.answer, receipt: await commit(result), transaction });
  if (refused) return whole(refused);
  const run = start(deps, offer.listing.engine, work);
  try {
    const first = await run.next();
    if (first.done) throw new StoppedError();
    const ttftMs = elapsed(deps, ticket);
    const state: State = { run, work, ttftMs, sent: [], units: undefined, last: undefined, gone: false };
    const envelope = (row: Ledger.ReceiptRow) => receiptOf(deps, row, chargeOf(offer, ticket, row, transaction));
    const body = bodyOf(deps, offer, state, first.value, { commit, envelope });
    return new Response(body, { headers: headersOf(deps, ticket, transaction) });
  } catch (error) {
    run.stop();
    return whole(failed(deps, offer, { error, gone: work.signal.aborted, late: run.late() }));
  }
}

/** A transfer that was settled is stated at once; what a channel is charged is known at the end only. */
function headersOf(deps: Deps, { payer }: Ticket, transaction: Hex | undefined): Record<string, string> {
  const settlement = transaction && X402.encode(settlementOf(deps, { payer, transaction }));
  return {
    'content-type': Chunk.contentType,
    // Stated, so that the server hands on piece by piece instead of looking ahead for a short answer.
    'transfer-encoding': 'chunked',
    ...(settlement ? { [X402.headers.response]: settlement } : {}),
  };
}

type Run = {
  next(): Promise<IteratorResult<Piece>>;
  readonly signal: AbortSignal;
  late(): boolean;
  /** Tells the engine to stop. */
  stop(): void;
};

/** Starts the engine. What it is asked for ends with the signal even where it does not look at it. */
function start(deps: Deps, engine: Engine, { input, signal: gone }: Work): Run {
  const timeout = AbortSignal.timeout(deps.limits.serviceMs);
  const stopped = new AbortController();
  const signal = AbortSignal.any([gone, timeout, deps.closing, stopped.signal]);
  const pieces = (engine.stream as NonNullable<Engine['stream']>)(input, signal)[Symbol.asyncIterator]();
  const aborted = new Promise<never>((_, reject) => {
    whenAborted(signal, () => reject(new StoppedError()));
  });
  aborted.catch(() => undefined);
  return {
    next: () => Promise.race([pieces.next(), aborted]),
    signal,
    late: () => timeout.aborted,
    stop() {
      stopped.abort();
      pieces.return?.().catch(() => undefined);
    },
  };
}

function whenAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
}

type State = {
  readonly run: Run;
  readonly work: Work;
  readonly ttftMs: number;
  /** The exact bytes that were handed to the connection. */
  readonly sent: Uint8Array[];
  units: Units | undefined;
  last: unknown;
  /** Whether nobody takes anything from the stream any more. */
  gone: boolean;
};

type Controller = ReadableStreamDefaultController<Uint8Array>;

type Means = {
  commit(result: Result): Promise<Ledger.ReceiptRow>;
  envelope(row: Ledger.ReceiptRow): unknown;
};

function bodyOf(deps: Deps, offer: Offer, state: State, first: Piece, means: Means): ReadableStream<Uint8Array> {
  let waiting: Piece | undefined = first;
  let ending: Promise<void> | undefined;
  let idle: NodeJS.Timeout | undefined;
  const ended = Promise.withResolvers<void>();
  deps.inFlight.track(ended.promise);

  function end(status: Receipt.Status, controller?: Controller): Promise<void> {
    clearTimeout(idle);
    // Later, because to stop the engine ends the stream a second time while it is being ended.
    ending ??= Promise.resolve()
      .then(() => close(deps, state, status, means, controller))
      .finally(ended.resolve);
    return ending;
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        whenAborted(state.run.signal, () => end(causeOf(state), controller));
      },
      async pull(controller) {
        clearTimeout(idle);
        try {
          const step = waiting ? { done: false as const, value: waiting } : await state.run.next();
          waiting = undefined;
          if (ending) return;
          if (step.done) return await end('OK', controller);
          controller.enqueue(take(state, step.value, state.work.most));
          idle = setTimeout(() => end('IDLE', controller), deps.limits.idleMs);
        } catch (error) {
          if (!ending) failed(deps, offer, { error, gone: false, late: false });
          await end('PROVIDER_ERROR', controller);
        }
      },
      cancel() {
        state.gone = true;
        return end('CLIENT_ABORT');
      },
    },
    // Nothing is asked of the engine before the connection takes it.
    { highWaterMark: 0 },
  );
}

/** Meters a piece and keeps its bytes. What was delivered stays delivered, whatever a later piece claims. */
function take(state: State, { chunk, units }: Piece, bound: Units): Uint8Array {
  const bytes = ServerSentEvent.encode(chunk);
  state.units = Meter.atLeast(Meter.within(units, bound), state.units);
  state.last = chunk;
  state.sent.push(bytes);
  return bytes;
}

function causeOf({ run, work }: State): Receipt.Status {
  if (work.signal.aborted) return 'CLIENT_ABORT';
  return run.late() ? 'TIMEOUT' : 'PROVIDER_ERROR';
}

/** Stops the engine, commits what was delivered, and tells a client that is still there. */
async function close(
  deps: Deps,
  state: State,
  status: Receipt.Status,
  means: Means,
  controller: Controller | undefined,
): Promise<void> {
  state.run.stop();
  const tail = status === 'OK' && state.units && wantsUsage(state.work.input) ? [usageOf(state, state.units)] : [];
  const answer = { status: 200, contentType: Chunk.contentType, body: concat([...state.sent, ...tail]) };
  const committed = await means
    .commit({ answer, units: state.units, status, ttftMs: state.ttftMs })
    // Without books there is no charge: the lease ends the request.
    .catch((error: unknown) => void deps.log.error({ code: codeOf(error) }, 'a stream could not be committed'));
  if (state.gone || state.work.signal.aborted) return;
  if (!committed || status === 'IDLE') return state.work.cut();
  const closing = Chunk.closing(state.last, means.envelope(committed), status);
  for (const bytes of [...tail, ...closing]) controller?.enqueue(bytes);
  controller?.close();
}

function codeOf(error: unknown): string {
  return error instanceof BaseError ? error.code : 'internal';
}

function usageOf(state: State, units: Units): Uint8Array {
  return ServerSentEvent.encode(Chunk.usage(state.last, units));
}

function wantsUsage(input: unknown): boolean {
  return isRecord(input) && isRecord(input.stream_options) && input.stream_options.include_usage === true;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The stream was told to stop. */
class StoppedError extends BaseError {
  override readonly name = 'serveStream.StoppedError';
  constructor() {
    super('The stream was stopped.', { code: 'stream.stopped' });
  }
}
