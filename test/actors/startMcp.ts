/** An MCP server with the official library over streamable HTTP: with sessions or without, in streams or in JSON. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import * as z from 'zod';
import { serveLocally } from './serveLocally.ts';

function createTools(): McpServer {
  const server = new McpServer({ name: 'calculator', version: '1.0.0' }, { capabilities: { logging: {} } });
  const numbers = { a: z.number(), b: z.number() };
  server.registerTool(
    'divide',
    { description: 'Divides.', inputSchema: numbers },
    async ({ a, b }, { sendNotification }) => {
      await sendNotification({ method: 'notifications/message', params: { level: 'info', data: 'dividing' } });
      if (b === 0) return { content: [{ type: 'text', text: 'there is no such number' }], isError: true };
      return { content: [{ type: 'text', text: String(a / b) }], structuredContent: { quotient: a / b } };
    },
  );
  server.registerTool(
    'write',
    { description: 'Writes.', inputSchema: { letters: z.number() } },
    async ({ letters }) => ({
      content: [{ type: 'text', text: 'x'.repeat(letters) }],
    }),
  );
  server.registerTool('wait', { description: 'Waits until nobody does.' }, async ({ signal }) => {
    await once(signal, 'abort');
    return { content: [] };
  });
  return server;
}

export async function startMcp({ sessions = true, json = false } = {}) {
  const state = { methods: [] as string[], open: 0, sessions: new Map<string, StreamableHTTPServerTransport>() };
  const server = createServer(async (request, response) => {
    state.methods.push(request.method ?? '');
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? state.sessions.get(id) : undefined;
    if (id && !known) return void response.writeHead(404).end();
    const transport = known ?? (await connect());
    await transport.handleRequest(request, response, await read(request));
  });
  server.on('connection', (socket) => {
    state.open++;
    socket.on('close', () => state.open--);
  });
  async function connect() {
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      enableJsonResponse: json,
      ...(sessions ? { sessionIdGenerator: randomUUID } : { sessionIdGenerator: undefined as unknown as () => string }),
      onsessioninitialized: (id) => void state.sessions.set(id, transport),
      onsessionclosed: (id) => void state.sessions.delete(id),
    });
    await createTools().connect(transport as unknown as Parameters<McpServer['connect']>[0]);
    return transport;
  }
  const place = await serveLocally(server);
  return { state, ...place, url: `${place.origin}/mcp` };
}

async function read(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : JSON.parse(text);
}
