import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Makes a server of a test listen on a free port. Answers its address, and notes how to end it. */
export async function listen(server: Server, stops: (() => unknown)[]): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  stops.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
