/** Calls one tool of an MCP server over streamable HTTP, in a session of its own: no buyer meets the state of another. */
import * as z from 'zod';
import { BaseError } from '../../../internal/Errors.ts';
import * as Json from '../../../internal/Json.ts';
import type { Answer, send } from '../../../internal/node/egress.ts';
import * as ServerSentEvent from '../../../internal/ServerSentEvent.ts';
import { type Connection, MalformedError, readJson } from '../openUpstream.ts';

/** The version of the protocol that is spoken; a server may answer with an older one that works the same for calls. */
const VERSION = '2025-06-18';
const versions = z.enum([VERSION, '2025-03-26', '2025-11-25']);

const response = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.int(),
  result: z.unknown().optional(),
  error: z.object({ code: z.int() }).optional(),
});
const initialized = z.object({ protocolVersion: versions });
const called = z.object({
  content: z
    .array(z.looseObject({ type: z.string().max(50) }))
    .max(256)
    .default([]),
  structuredContent: z.record(z.string(), z.json()).optional(),
  isError: z.boolean().default(false),
});

/** What a tool gave. */
export type Called = Omit<z.infer<typeof called>, 'isError'>;

/**
 * Opens a session, calls the tool, ends the session.
 *
 * @throws {ToolError} when the server or the tool says that it failed.
 * @throws {MalformedError} when the server does not speak the protocol.
 */
export async function callMcp(connection: Connection, call: callMcp.Call): Promise<Called> {
  const { signal, limits } = call;
  const talk = (method: 'POST' | 'DELETE', headers: Record<string, string>, message?: object) =>
    connection.send('', {
      method,
      headers: { accept: 'application/json, text/event-stream', ...headers },
      ...(message ? { body: Json.stringify({ jsonrpc: '2.0', ...message }) } : {}),
      signal,
      limits,
    });
  const clientInfo = { name: 'agorai', version: '0.1.0' };
  const opening = { protocolVersion: VERSION, capabilities: {}, clientInfo };
  const hello = await talk('POST', {}, { id: 1, method: 'initialize', params: opening });
  const { protocolVersion } = initialized.parse(await readResult(hello, 1));
  const session = hello.header('mcp-session-id');
  const headers = { 'mcp-protocol-version': protocolVersion, ...(session ? { 'mcp-session-id': session } : {}) };
  await drain(await talk('POST', headers, { method: 'notifications/initialized' }));
  const params = { name: call.tool, arguments: call.arguments };
  const { isError, ...result } = called.parse(
    await readResult(await talk('POST', headers, { id: 2, method: 'tools/call', params }), 2),
  );
  // The server forgets a session by itself some day, so whether it is told to does not matter to the call.
  if (session) await talk('DELETE', headers).then(drain, () => {});
  if (isError) throw new ToolError('the tool says so');
  return result;
}

export declare namespace callMcp {
  type Call = {
    readonly tool: string;
    readonly arguments: Readonly<Record<string, unknown>>;
    readonly signal: AbortSignal;
    readonly limits: NonNullable<send.Request['limits']>;
  };
}

async function drain(answer: Answer): Promise<void> {
  for await (const _ of answer.body);
}

/** The result of one request, from a body of JSON or the first fitting message of a stream. */
async function readResult(answer: Answer, id: number): Promise<unknown> {
  for await (const message of messages(answer)) {
    const parsed = response.safeParse(message);
    if (!parsed.success || parsed.data.id !== id) continue;
    if (parsed.data.error) throw new ToolError(`code ${parsed.data.error.code}`);
    return parsed.data.result;
  }
  throw new MalformedError('it holds no response');
}

async function* messages(answer: Answer): AsyncGenerator<unknown> {
  if (!answer.header('content-type')?.startsWith('text/event-stream')) return yield await readJson(answer);
  for await (const { data } of ServerSentEvent.read(answer.body)) if (data !== '') yield Json.parse(data);
}

/** A tool failed. */
export class ToolError extends BaseError {
  override readonly name = 'callMcp.ToolError';
  constructor(reason: string) {
    super(`The tool failed: ${reason}.`, { code: 'tool.failed', docsPath: 'infer.md' });
  }
}
