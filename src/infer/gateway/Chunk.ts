/**
 * Pieces of a streamed answer in OpenAI's shape, as server-sent events. What is ours travels in a piece that adds nothing
 * to the answer, because clients of that shape read every event as a piece, whatever its name. Source: OpenAI API
 * reference, chat completion chunks.
 */
import * as ServerSentEvent from '../../internal/ServerSentEvent.ts';
import { receiptEvent } from '../../pay/followStream.ts';
import type { Units } from '../Engine.ts';
import * as Meter from '../Meter.ts';
import type * as Receipt from '../Receipt.ts';
import { ProblemError, problemBody } from './Problem.ts';

/** Media type of a stream. */
export const contentType = 'text/event-stream';

type Shape = Readonly<Record<string, unknown>>;

/** A piece with the tokens of the whole answer, for clients that asked for it. */
export function usage(last: unknown, units: Units): Shape {
  return { ...headOf(last), choices: [], usage: Meter.usage(units) };
}

/** The first piece of a stream whose data events are `body`. */
export function firstOf(body: Uint8Array): unknown {
  const [first] = ServerSentEvent.createReader()(body);
  return first && JSON.parse(first.data);
}

/** The last events of a stream: the receipt, and its end as clients know it, or why it ended before. */
export function closing(like: unknown, receipt: unknown, status: Receipt.Status): readonly Uint8Array[] {
  // In a piece that is like the others and says nothing.
  const carrier = { ...headOf(like), choices: [silence(like)], agorai: receipt };
  const end = status === 'OK' ? '[DONE]' : { error: problemBody(faults[status]).error };
  return [ServerSentEvent.encode(carrier, receiptEvent), ServerSentEvent.encode(end)];
}

const cutOff = new ProblemError(499, 'The client left before the end. It is charged for what it has got.', {
  code: 'request.aborted',
});

/** Why a stream ended early, in the shape in which OpenAI's clients throw it. */
const faults: Readonly<Record<Exclude<Receipt.Status, 'OK'>, ProblemError>> = {
  IDLE: cutOff,
  CLIENT_ABORT: cutOff,
  TIMEOUT: new ProblemError(504, 'The model took too long. You are charged for what you have got.', {
    code: 'engine.timeout',
  }),
  PROVIDER_ERROR: new ProblemError(502, 'The model failed to go on. You are not charged, or get your money back.', {
    code: 'engine.failed',
  }),
};

function headOf(chunk: unknown): Shape {
  const { choices: _, usage: __, ...head } = isShape(chunk) ? chunk : {};
  return head;
}

/** A choice without content, so that a client that reads the first choice of every piece finds one. */
function silence(chunk: unknown): Shape {
  const [choice] = isShape(chunk) && Array.isArray(chunk.choices) ? (chunk.choices as unknown[]) : [];
  const isText = isShape(choice) && 'text' in choice;
  return { index: 0, ...(isText ? { text: '' } : { delta: {} }), finish_reason: null };
}

function isShape(value: unknown): value is Shape {
  return typeof value === 'object' && value !== null;
}
