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
  yield* events(new Uint8Array(), true);
}

const [lf, cr] = [0x0a, 0x0d];

/**
 * Takes bytes and answers the events that are complete with them. Lines end with LF, CR or both; a CR at the end of the
 * bytes may be half of a line end, so that what follows is waited for unless these bytes are the last.
 *
 * @throws {TooLongError} when an event does not end.
 */
export function createReader(): (bytes: Uint8Array, last?: boolean) => readonly ServerSentEvent[] {
  let rest = new Uint8Array();
  /** Where the search goes on, and where the line begins that it is in. */
  let at = 0;
  let line = 0;
  return (bytes, last = false) => {
    rest = joined(rest, bytes);
    const events: ServerSentEvent[] = [];
    let start = 0;
    for (; at < rest.length; at++) {
      if (rest[at] !== lf && rest[at] !== cr) continue;
      if (rest[at] === cr && at + 1 === rest.length && !last) break;
      const isEmpty = at === line;
      if (rest[at] === cr && rest[at + 1] === lf) at++;
      line = at + 1;
      if (!isEmpty) continue;
      const event = parse(rest.slice(start, line));
      if (event) events.push(event);
      start = line;
    }
    rest = rest.slice(start);
    [at, line] = [at - start, line - start];
    if (rest.length > maxBytes) throw new TooLongError();
    return events;
  };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** An event, or nothing where there are comments only. */
function parse(bytes: Uint8Array): ServerSentEvent | undefined {
  const fields = decoder
    .decode(bytes)
    .split(/\r\n|\n|\r/)
    .map((text) => /^(?<name>[^:]*):? ?(?<value>.*)$/s.exec(text)?.groups ?? {});
  const of = (field: string) => fields.filter(({ name }) => name === field).map(({ value = '' }) => value);
  const data = of('data');
  return data.length === 0 ? undefined : { name: of('event').at(-1) ?? '', data: data.join('\n'), bytes };
}

/** An event that does not end. */
export class TooLongError extends BaseError {
  override readonly name = 'ServerSentEvent.TooLongError';
  constructor() {
    super(`An event of the stream has more than ${maxBytes} bytes.`, { code: 'stream.too_long' });
  }
}
