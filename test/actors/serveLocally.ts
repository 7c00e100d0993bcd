import { once } from 'node:events';
import type { Server } from 'node:http';

/** Lets a server listen on a free port of the loopback interface. */
export async function serveLocally(server: Server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    origin: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The same for a test that ends everything by one list. Answers its address. */
export async function listenUntil(server: Server, stops: (() => unknown)[]): Promise<string> {
  const { origin, stop } = await listen(server);
  stops.push(stop);
  return origin;
}
