/** Server-sent events as bytes: written as JSON, read as they arrive. Source: WHATWG HTML, section 9.2. */
import { BaseError } from './Errors.ts';
import * as Json from './Json.ts';

/** An event that was read, with the exact bytes it came in. */
export type ServerSentEvent = {
  /** Name of the event, empty where none is given. */
  readonly name: string;
  readonly data: string;
  readonly bytes: Uint8Array;
};

/** Most bytes of one event that is read. */
export const maxBytes = 1_048_576;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The bytes of an event whose data is a value as JSON, or a text without line breaks as it is. */
export function encode(value: unknown, name?: string): Uint8Array {
  const data = typeof value === 'string' ? value : Json.stringify(value);
  return encoder.encode(`${name === undefined ? '' : `event: ${name}\n`}data: ${data}\n\n`);
}

/** Reads events from bytes as they arrive. What follows the last empty line is no event. */
export async function* read(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const events = createReader();
  for await (const chunk of bytes) yield* events(chunk);
}

/** Takes bytes and answers the events that are complete with them. */
export function createReader(): (bytes: Uint8Array) => readonly ServerSentEvent[] {
  let rest = new Uint8Array();
  return (bytes) => {
    const joined = new Uint8Array(rest.length + bytes.length);
    joined.set(rest);
    joined.set(bytes, rest.length);
    const events: ServerSentEvent[] = [];
    let start = 0;
    // The end may lie across two chunks, so the search goes on one byte before what is new.
    for (let at = Math.max(0, rest.length - 1); at + 1 < joined.length; at++) {
      if (joined[at] !== 0x0a || joined[at + 1] !== 0x0a) continue;
      events.push(parse(joined.slice(start, at + 2)));
      start = at + 2;
      at++;
    }
    rest = joined.slice(start);
    if (rest.length > maxBytes) throw new TooLongError();
    return events;
  };
}

function parse(bytes: Uint8Array): ServerSentEvent {
  const lines = decoder.decode(bytes).split('\n');
  const of = (field: string) =>
    lines.filter((line) => line.startsWith(`${field}:`)).map((line) => line.slice(field.length + 1).replace(/^ /, ''));
  return { name: of('event').at(-1) ?? '', data: of('data').join('\n'), bytes };
}

/** An event that does not end. */
export class TooLongError extends BaseError {
  override readonly name = 'ServerSentEvent.TooLongError';
  constructor() {
    super(`An event of the stream has more than ${maxBytes} bytes.`, { code: 'stream.too_long' });
  }
}
