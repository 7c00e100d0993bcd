import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { listenUntil } from '../../test/actors/serveLocally.ts';
import * as ServerSentEvent from '../internal/ServerSentEvent.ts';
import { followStream, receiptEvent } from './followStream.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const payment = { success: true, transaction: '', network: 'eip155:31337', extra: { chargedAmount: '8' } };
const piece = ServerSentEvent.encode({ choices: [] });
const receipt = ServerSentEvent.encode({ agorai: { payment } }, receiptEvent);

/** A server that begins a stream; answers it as it is followed, and the end of the connection on the server's side. */
async function begin(signal?: AbortSignal) {
  const answering = Promise.withResolvers<ServerResponse>();
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(piece);
    answering.resolve(response);
  });
  const url = await listenUntil(server, stops);
  const { response, payment } = followStream(await fetch(url, signal ? { signal } : {}));
  const connection = await answering.promise;
  return { response, payment, connection, gone: once(connection, 'close') };
}

describe('a stream', () => {
  it('that is read to its end says what was charged', async () => {
    const { response, payment, connection } = await begin();
    connection.end(receipt);
    expect(await response.text()).toContain(receiptEvent);
    expect((await payment)?.extra?.chargedAmount).toBe(8n);
  });

  it('that its reader gives up is let go on the connection, and holds nothing up', async () => {
    const { response, payment, gone } = await begin();
    await response.body?.cancel();
    expect(await payment).toBeUndefined();
    await gone;
  });

  it('that is aborted while nobody reads holds nothing up', async () => {
    const leave = new AbortController();
    const { response, payment, gone } = await begin(leave.signal);
    // One piece is taken ahead; nothing more is asked for until it is read.
    await new Promise((resolve) => setTimeout(resolve, 50));
    leave.abort();
    expect(await payment).toBeUndefined();
    await gone;
    await expect(response.text()).rejects.toThrow();
  });

  it('that breaks says what was known until then', async () => {
    const { response, payment, connection } = await begin();
    connection.write(receipt);
    const reader = response.body?.getReader();
    for (let size = 0; size < piece.length + receipt.length; ) size += (await reader?.read())?.value?.length ?? 0;
    connection.destroy();
    await expect(reader?.read()).rejects.toThrow();
    expect((await payment)?.extra?.chargedAmount).toBe(8n);
  });

  it('whose receipt cannot be read is let go on the connection', async () => {
    const { response, payment, connection, gone } = await begin();
    connection.write(`event: ${receiptEvent}\ndata: {"agorai":\n\n`);
    await expect(response.text()).rejects.toMatchObject({ code: 'json.invalid' });
    expect(await payment).toBeUndefined();
    await gone;
  });
});
