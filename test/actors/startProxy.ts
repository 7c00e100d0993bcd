/** An HTTP proxy in front of a node that loses answers: the request arrives, the answer does not. */

import { once } from 'node:events';
import { createServer } from 'node:http';

/** Starts a proxy. `loses` decides by the request's body whether its answer is lost. */
export async function startProxy(target: string, loses: (body: string) => boolean) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const lost = loses(body);
    const answer = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const text = await answer.text();
    if (lost) return void request.socket.destroy();
    response.setHeader('content-type', 'application/json');
    response.end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
