import { describe, expect, test } from 'vitest';
import * as ServerSentEvents from './ServerSentEvents.ts';

async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function parse(body: AsyncIterable<Uint8Array>): Promise<string[]> {
  const events: string[] = [];
  for await (const data of ServerSentEvents.parse(body)) events.push(data);
  return events;
}

describe('parse', () => {
  const text = ': hello\r\n\r\ndata: ä€😀\r\n\ndata:two\rdata:  lines\rid: 7\r\rdata\n\nevent: x\n\ndata: cut';

  test.each([1, 2, 3, 5, 1_000])('gives the same events in pieces of %i bytes', async (size) => {
    expect(await parse(pieces(Buffer.from(text), size))).toEqual(['ä€😀', 'two\n lines', '']);
  });

  test('A-023: a line without end is given up', async () => {
    const endless = (async function* () {
      for (;;) yield Buffer.alloc(10_000, 'x');
    })();
    await expect(parse(endless)).rejects.toThrow(ServerSentEvents.LineError);
  });
});
