/** A server below HTTP: writes the bytes that a test hands it, whatever the standard says. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** What the server does with a connection once the head of a request is there. */
export type Behaviour = (socket: Socket, head: string) => void;

/** Starts the server on a free port; `behave` can be exchanged while it runs. */
export async function startHostileServer(behave: Behaviour = () => {}) {
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  const state = { behave, heads, connections: 0, closed: 0 };
  const server = createServer((socket) => {
    state.connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      state.closed++;
    });
    let head = '';
    socket.on('data', (chunk) => {
      const before = head.includes('\r\n\r\n');
      head += chunk.toString('latin1');
      if (before || !head.includes('\r\n\r\n')) return;
      heads.push(head);
      state.behave(socket, head);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    state,
    port,
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
