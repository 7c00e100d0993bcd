/**
 * Pieces of a streamed answer in OpenAI's shape, as server-sent events. What is ours travels in a piece that adds nothing
 * to the answer, because clients of that shape read every event as a piece, whatever its name. Source: OpenAI API
 * reference, chat completion chunks.
 */
import * as ServerSentEvent from '../../internal/ServerSentEvent.ts';
import type { Units } from '../Engine.ts';

/** Media type of a stream. */
export const contentType = 'text/event-stream';

/** Name of the event that carries the receipt. */
export const receiptEvent = 'agorai-receipt';

type Shape = Readonly<Record<string, unknown>>;

/** A piece with the tokens of the whole answer, for clients that asked for it. */
export function usage(last: unknown, { inputTokens, outputTokens }: Units): Shape {
  const [prompt, completion] = [Number(inputTokens), Number(outputTokens)];
  const counts = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  return { ...headOf(last), choices: [], usage: counts };
}

/** The last events of a stream whose data events are `body`: the receipt, and the end as clients know it. */
export function closing(body: Uint8Array, receipt: unknown): readonly Uint8Array[] {
  const [first] = ServerSentEvent.createReader()(body);
  return [carry(first ? JSON.parse(first.data) : {}, receipt), ServerSentEvent.encode('[DONE]')];
}

/** The receipt in a piece that is like the others and says nothing. */
export function carry(last: unknown, receipt: unknown): Uint8Array {
  return ServerSentEvent.encode({ ...headOf(last), choices: [silence(last)], agorai: receipt }, receiptEvent);
}

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
