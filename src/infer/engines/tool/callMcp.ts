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

/** Longest that a server is asked to end a session, in milliseconds. */
const END = 5_000;

/**
 * Opens a session, calls the tool, ends the session however the call ended.
 *
 * @throws {ToolError} when the server or the tool says that it failed.
 * @throws {MalformedError} when the server does not speak the protocol.
 */
export async function callMcp(connection: Connection, call: callMcp.Call): Promise<Called> {
  const { limits } = call;
  const talk = (method: 'POST' | 'DELETE', { headers, message, signal = call.signal }: Message) =>
    connection.send('', {
      method,
      headers: { accept: 'application/json, text/event-stream', ...headers },
      ...(message ? { body: Json.stringify({ jsonrpc: '2.0', ...message }) } : {}),
      signal,
      limits,
    });
  const clientInfo = { name: 'agorai', version: '0.1.0' };
  const opening = { protocolVersion: VERSION, capabilities: {}, clientInfo };
  const hello = await talk('POST', { message: { id: 1, method: 'initialize', params: opening } });
  const session = hello.header('mcp-session-id');
  let headers: Record<string, string> = session ? { 'mcp-session-id': session } : {};
  try {
    const { protocolVersion } = initialized.parse(await readResult(hello, 1));
    headers = { 'mcp-protocol-version': protocolVersion, ...headers };
    await drain(await talk('POST', { headers, message: { method: 'notifications/initialized' } }));
    const params = { name: call.tool, arguments: call.arguments };
    const answer = await talk('POST', { headers, message: { id: 2, method: 'tools/call', params } });
    const { isError, ...result } = called.parse(await readResult(answer, 2));
    if (isError) throw new ToolError('the tool says so');
    return result;
  } finally {
    // Nobody waits for it, and a refusal does not matter: the server forgets a session by itself some day.
    if (session) talk('DELETE', { headers, signal: AbortSignal.timeout(END) }).then(discard, () => {});
  }
}

type Message = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly message?: object;
  readonly signal?: AbortSignal;
};

export declare namespace callMcp {
  type Call = {
    readonly tool: string;
    readonly arguments: Readonly<Record<string, unknown>>;
    readonly signal: AbortSignal;
    readonly limits: NonNullable<send.Request['limits']>;
  };
}

function discard(answer: Answer): void {
  answer.discard();
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
