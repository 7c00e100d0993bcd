import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ServerSentEvent from './ServerSentEvent.ts';

const join = (parts: readonly Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));

describe('createReader', () => {
  it('reads the same events wherever the bytes are cut', () => {
    const name = fc.option(fc.stringMatching(/^[a-z-]{1,12}$/), { nil: undefined });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.jsonValue(), name), { maxLength: 6 }),
        fc.infiniteStream(fc.nat(9)),
        (events, cuts) => {
          const bytes = join(events.map(([value, name]) => ServerSentEvent.encode({ value }, name)));
          const read = ServerSentEvent.createReader();
          const found: ServerSentEvent.ServerSentEvent[] = [];
          for (let at = 0; at < bytes.length; ) {
            const size = (cuts.next().value as number) + 1;
            found.push(...read(bytes.slice(at, at + size)));
            at += size;
          }
          expect(found.map(({ data }) => JSON.parse(data))).toEqual(
            events.map(([value]) => JSON.parse(JSON.stringify({ value }))),
          );
          expect(found.map(({ name }) => name)).toEqual(events.map(([, name]) => name ?? ''));
          expect(join(found.map((event) => event.bytes))).toEqual(bytes);
        },
      ),
    );
  });

  it('passes over comments, and gives no event that was not ended', () => {
    const read = ServerSentEvent.createReader();
    expect(read(new TextEncoder().encode(': alive\n\ndata: 1\n\ndata: 2\n')).map(({ data }) => data)).toEqual(['1']);
  });

  it.each([1, 2, 3, 5, 1_000])('takes every end of a line, in pieces of %i bytes', async (size) => {
    const text = ': hello\r\n\r\ndata: ä€😀\r\n\ndata:two\rdata:  lines\rid: 7\r\rdata\n\nevent: x\n\ndata: cut';
    const bytes = Buffer.from(text);
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }
    const found: string[] = [];
    for await (const { data } of ServerSentEvent.read(pieces())) found.push(data);
    expect(found).toEqual(['ä€😀', 'two\n lines', '']);
  });

  it('A-023 refuses an event that does not end', () => {
    const read = ServerSentEvent.createReader();
    expect(() => read(new Uint8Array(ServerSentEvent.maxBytes + 1).fill(97))).toThrow(ServerSentEvent.TooLongError);
  });
});
