/**
 * Engine of tools: one operation of an OpenAPI description, or one tool of an MCP server, called by a price a call. The
 * arguments are checked by the schema in the asset before anything is reserved.
 */
import * as z from 'zod';
import { BaseError } from '../../internal/Errors.ts';
import * as Json from '../../internal/Json.ts';
import type { Folder } from '../../publish/readFolder.ts';
import { type Engine, NO_UNITS } from '../Engine.ts';
import { blame, type Connection, openUpstream, readJson } from './openUpstream.ts';
import { takeFile } from './takeFile.ts';
import * as Arguments from './tool/Arguments.ts';
import { callMcp } from './tool/callMcp.ts';
import * as OpenApi from './tool/OpenApi.ts';
import type { Upstream } from './Upstream.ts';

/** Path of what a seller declares about a tool. */
export const FILE = 'tool.json';

const resultBytes = z.int().min(1).max(1_048_576).default(65_536);

/** `tool.json` of an operation whose description is `openapi.json`. */
const operationSchema = z.strictObject({ operation: z.string().min(1).max(200), resultBytes });

/** `tool.json` of a tool of an MCP server. */
const mcpSchema = z.strictObject({
  tool: z.string().min(1).max(200),
  arguments: z.record(z.string(), z.json()),
  resultBytes,
});

export const inputSchema = z.strictObject({
  model: z.string().min(1).max(200),
  arguments: z.record(z.string(), z.json()),
});

export const outputSchema = z.strictObject({ object: z.literal('tool.result'), model: z.string(), result: z.json() });

type Args = z.infer<typeof inputSchema>['arguments'];

/** What differs between the two kinds. */
type Caller = {
  readonly check: Arguments.Check;
  readonly resultBytes: number;
  call(connection: Connection, args: Args, signal: AbortSignal): Promise<unknown>;
};

/**
 * Opens an operation of an OpenAPI description.
 *
 * @throws {DeclarationError}, {OpenApi.MalformedError}, {Arguments.SchemaError} when the asset does not describe a tool.
 * @throws {openUpstream.MissingError} when the configuration names no upstream.
 */
export async function openOperation(folder: Folder, upstream: Upstream | undefined): Promise<Engine> {
  const declared = parse(operationSchema, takeFile(folder.files, FILE));
  const description = new TextDecoder().decode(takeFile(folder.files, 'openapi.json'));
  const operation = OpenApi.parse(description, declared.operation);
  const check = Arguments.compile(operation.schema);
  return open(folder, upstream, {
    check: (args) => check(args) ?? OpenApi.refuse(operation, args as Args),
    resultBytes: declared.resultBytes,
    async call(connection, args, signal) {
      const { path, ...rest } = OpenApi.toRequest(operation, args);
      const headers = { accept: 'application/json' };
      const limits = { maxBytes: declared.resultBytes };
      return readJson(await connection.send(path, { method: operation.method, headers, ...rest, signal, limits }));
    },
  });
}

/**
 * Opens a tool of an MCP server.
 *
 * @throws {DeclarationError}, {Arguments.SchemaError} when the asset does not describe a tool.
 * @throws {openUpstream.MissingError} when the configuration names no upstream.
 */
export async function openMcpTool(folder: Folder, upstream: Upstream | undefined): Promise<Engine> {
  const declared = parse(mcpSchema, takeFile(folder.files, FILE));
  return open(folder, upstream, {
    check: Arguments.compile(declared.arguments),
    resultBytes: declared.resultBytes,
    call: (connection, args, signal) =>
      callMcp(connection, { tool: declared.tool, arguments: args, signal, limits: { maxBytes: declared.resultBytes } }),
  });
}

async function open({ card, manifest }: Folder, upstream: Upstream | undefined, caller: Caller): Promise<Engine> {
  const connection = await openUpstream(upstream);
  const bound = { ...NO_UNITS, bytes: BigInt(caller.resultBytes) };
  return {
    manifestRoot: manifest.root,
    route: `/v1/tools/${card.name}`,
    rights: ['infer'],
    inputSchema: inputSchema.check(({ value, issues }) => {
      const message = caller.check(value.arguments);
      if (message !== undefined) issues.push({ code: 'custom', message, path: ['arguments'], input: value });
    }),
    bound: () => bound,
    async run(input, signal) {
      const { arguments: args } = inputSchema.parse(input);
      const result = await caller.call(connection, args, signal).catch((cause) => {
        throw blame(cause);
      });
      const bytes = Math.min(Buffer.byteLength(Json.stringify(result)), caller.resultBytes);
      return { body: { object: 'tool.result', model: card.name, result }, units: { ...bound, bytes: BigInt(bytes) } };
    },
    close: async () => connection.close(),
  };
}

function parse<T>(schema: z.ZodType<T>, content: Uint8Array): T {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(content)));
  } catch (cause) {
    throw new DeclarationError(cause);
  }
}

/** `tool.json` is not valid. */
export class DeclarationError extends BaseError {
  override readonly name = 'tool.DeclarationError';
  constructor(cause: unknown) {
    const metaMessages = cause instanceof z.ZodError ? z.prettifyError(cause).split('\n') : [];
    super(`${FILE} is malformed.`, { code: 'infer.tool-malformed', docsPath: 'infer.md', metaMessages, cause });
  }
}
