import { createServer } from 'node:http';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { serveLocally } from '../../../test/actors/serveLocally.ts';
import { startMcp } from '../../../test/actors/startMcp.ts';
import { description, startWeather } from '../../../test/actors/startWeather.ts';
import { LimitError } from '../../internal/node/egress.ts';
import { describeFiles } from '../../publish/readFolder.ts';
import type { Engine } from '../Engine.ts';
import { openEngine } from './openEngine.ts';
import { MalformedError, MissingError, StatusError } from './openUpstream.ts';
import { SchemaError } from './tool/Arguments.ts';
import { ToolError } from './tool/callMcp.ts';
import * as OpenApi from './tool/OpenApi.ts';
import { DeclarationError, outputSchema } from './tool.ts';
import type { Upstream } from './Upstream.ts';

const weather = await startWeather();
const mcp = await startMcp();
afterAll(async () => {
  await weather.stop();
  await mcp.stop();
});
beforeEach(() => {
  weather.state.answer = undefined;
  weather.state.status = 200;
  weather.state.urls.length = 0;
});

const { signal } = new AbortController();
const text = (value: unknown) => Buffer.from(JSON.stringify(value));

const card = {
  version: 1,
  kind: 'tool',
  title: 'A tool',
  summary: 'Does something.',
  input: {},
  output: {},
  licence: { weights: 'NONE', data: 'NONE' },
  sources: [{ title: 'Test', url: 'https://example.com/', licence: 'MIT', use: 'All.' }],
  intendedUse: ['Tests.'],
  limits: ['None.'],
};

async function open(own: object, files: Record<string, unknown>, upstream: Upstream | undefined): Promise<Engine> {
  const all = new Map(Object.entries(files).map(([name, value]) => [name, text(value)]));
  all.set('card.json', text({ ...card, ...own, files: Object.keys(files) }));
  return openEngine({ manifest: await describeFiles(all), files: all, upstream });
}

const allowed = (origin: string, url = origin): Upstream => ({ url, allow: [origin] });
const openOperation = (operation: string, more: { document?: object; upstream?: Upstream } = {}) =>
  open(
    { name: 'weather', task: 'openapi-operation', format: 'openapi', route: '/v1/tools/weather' },
    { 'tool.json': { operation, resultBytes: 2_000 }, 'openapi.json': more.document ?? description },
    'upstream' in more ? more.upstream : allowed(weather.origin, `${weather.origin}/`),
  );

const numbers = { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] };
const openMcp = (server: Pick<typeof mcp, 'origin' | 'url'>, declared: object = {}) =>
  open(
    { name: 'divide', task: 'mcp-tool', format: 'mcp', route: '/v1/tools/divide' },
    { 'tool.json': { tool: 'divide', arguments: numbers, ...declared } },
    allowed(server.origin, server.url),
  );

const call = async (engine: Engine, args: object) => {
  const { body, units } = await engine.run(engine.inputSchema.parse({ model: 'm', arguments: args }), signal);
  return { ...outputSchema.parse(body), units };
};
const accepts = (engine: Engine, args: unknown) =>
  engine.inputSchema.safeParse({ model: 'm', arguments: args }).success;

describe('an operation of OpenAPI', () => {
  test('is called with path, query and body, and only its JSON comes back', async () => {
    const get = await openOperation('getWeather');
    expect(get.route).toBe('/v1/tools/weather');
    expect(await call(get, { city: 'São Paulo/1?', unit: 'kelvin', day: [1, 2] })).toMatchInlineSnapshot(`
      {
        "model": "weather",
        "object": "tool.result",
        "result": {
          "city": "São Paulo/1?",
          "days": [
            "1",
            "2",
          ],
          "degrees": 23,
          "unit": "kelvin",
        },
        "units": {
          "bytes": 70n,
          "images": 0n,
          "inputTokens": 0n,
          "outputTokens": 0n,
        },
      }
    `);
    const report = await openOperation('report');
    expect((await call(report, { body: { city: 'Oslo', degrees: -3.5 } })).result).toEqual({
      taken: { city: 'Oslo', degrees: -3.5 },
    });
    expect(weather.state.urls).toEqual([
      'GET /cities/S%C3%A3o%20Paulo%2F1%3F/weather?unit=kelvin&day=1&day=2',
      'POST /reports',
    ]);
  });

  test.each([
    ['no city', {}],
    ['a city of another type', { city: 5 }],
    ['an unknown argument', { city: 'a', admin: true }],
    ['a unit that is not listed', { city: 'a', unit: 'rankine' }],
    ['a city that leads upwards', { city: '..' }],
    ['a city that stays', { city: '.' }],
    ['a city of nothing', { city: '' }],
    ['half a letter', { city: '\ud800' }],
    ['no object', 'city'],
  ])('refuses %s before anything is paid or sent', async (_, args) => {
    expect(accepts(await openOperation('getWeather'), args)).toBe(false);
  });

  const withPath = (path: string, item: object) => ({ ...description, paths: { [path]: item } });
  const inPath = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } });
  const inQuery = (name: string) => ({ name, in: 'query', schema: { type: 'string' } });
  const requestBody = { required: true, content: { 'application/json': { schema: { type: 'object' } } } };

  test('sends what stands in the path nowhere else, whatever it is called', async () => {
    const document = withPath('/notes/{body}/{city}', {
      get: { operationId: 'read', parameters: [inPath('body'), inPath('city')] },
    });
    const read = await openOperation('read', { document });
    const args = { body: '../%2e%2e/{city}\\', city: 'a/../b?c#d' };
    expect(accepts(read, args)).toBe(true);
    expect((await call(read, args)).result).toEqual({ taken: null });
    expect(weather.state.urls).toEqual(['GET /notes/..%2F%252e%252e%2F%7Bcity%7D%5C/a%2F..%2Fb%3Fc%23d']);
  });

  test('a parameter of the name of its body makes an operation that cannot be called', async () => {
    const parameters = [inPath('body')];
    const document = withPath('/notes/{body}', { post: { operationId: 'write', parameters, requestBody } });
    await expect(openOperation('write', { document })).rejects.toThrow(OpenApi.MalformedError);
  });

  test('nothing that every object inherits is an argument', async () => {
    const parameters = [inPath('constructor'), inQuery('valueOf')];
    const document = withPath('/notes/{constructor}', { get: { operationId: 'read', parameters } });
    const read = await openOperation('read', { document });
    expect(accepts(read, {})).toBe(false);
    expect(accepts(read, { constructor: 'a', toString: 'b' })).toBe(false);
    await call(read, { constructor: 'a' });
    expect(weather.state.urls).toEqual(['GET /notes/a']);
  });

  test('an operation says more of a parameter than its path does', async () => {
    const own = { ...inPath('city'), schema: { enum: ['Oslo'] } };
    const item = { parameters: [inPath('city')], get: { operationId: 'read', parameters: [own] } };
    const read = await openOperation('read', { document: withPath('/notes/{city}', item) });
    expect(accepts(read, { city: 'Rome' })).toBe(false);
    expect(accepts(read, { city: 'Oslo' })).toBe(true);
  });

  test('follows the references of its description', async () => {
    const report = await openOperation('report');
    expect(accepts(report, { body: { city: 'a', degrees: 101 } })).toBe(false);
    expect(accepts(report, { body: { city: 'a', degrees: 100 } })).toBe(true);
    expect(accepts(report, {})).toBe(false);
  });

  test('a failure of the service is not an answer, and repeats none of its words', async () => {
    const get = await openOperation('getWeather');
    weather.state.status = 404;
    weather.state.answer = '{"error":"account acme-42"}';
    const error = await call(get, { city: 'a' }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(StatusError);
    expect(error.message).not.toContain('acme');
    weather.state.status = 200;
    weather.state.answer = '<html>';
    await expect(call(get, { city: 'a' })).rejects.toThrow(MalformedError);
  });

  test('A-023: a result of more bytes than declared is cut off', async () => {
    const get = await openOperation('getWeather');
    weather.state.answer = JSON.stringify('x'.repeat(2_000));
    await expect(call(get, { city: 'a' })).rejects.toThrow(LimitError);
    expect(get.bound({ model: 'm', arguments: { city: 'a' } }).bytes).toBe(2_000n);
  });

  test.each([
    ['an operation that is not there', 'other', description, OpenApi.MalformedError],
    ['an operation that needs a header', 'secret', description, OpenApi.MalformedError],
    ['another version', 'getWeather', { ...description, openapi: '3.0.3' }, OpenApi.MalformedError],
    [
      'a reference to elsewhere',
      'report',
      { ...description, components: { schemas: { Report: { $ref: 'https://example.com/x' } } } },
      SchemaError,
    ],
  ])('does not open with %s', async (_, operation, document, error) => {
    await expect(openOperation(operation, { document })).rejects.toThrow(error);
  });

  test('does not open without an upstream: the servers of the description are not used', async () => {
    await expect(openOperation('getWeather', { upstream: undefined as unknown as Upstream })).rejects.toThrow(
      MissingError,
    );
  });
});

describe('a tool of an MCP server', () => {
  test.each<[string, NonNullable<Parameters<typeof startMcp>[0]>]>([
    ['with sessions', {}],
    ['without sessions', { sessions: false }],
    ['that answers in JSON', { json: true }],
  ])('is called at a server %s', async (_, options) => {
    const server = await startMcp(options);
    const { result, units } = await call(await openMcp(server), { a: 1, b: 4 });
    expect(result).toEqual({ content: [{ type: 'text', text: '0.25' }], structuredContent: { quotient: 0.25 } });
    expect(units.bytes).toBe(BigInt(JSON.stringify(result).length));
    // Each call has a session of its own, which ends with it.
    await vi.waitFor(() => expect(server.state.sessions.size).toBe(0));
    expect(server.state.methods).toEqual(['POST', 'POST', 'POST', ...(options.sessions === false ? [] : ['DELETE'])]);
    await server.stop();
  });

  test('what the tool calls a failure is one', async () => {
    await expect(call(await openMcp(mcp), { a: 1, b: 0 })).rejects.toThrow(ToolError);
    const missing = await openMcp(mcp, { tool: 'other' });
    await expect(call(missing, { a: 1, b: 1 })).rejects.toThrow(ToolError);
  });

  test.each<[string, object, object, number?]>([
    ['the tool fails', {}, { a: 1, b: 0 }],
    ['there is no such tool', { tool: 'other' }, { a: 1, b: 1 }],
    ['the result is too long', { tool: 'write', arguments: {}, resultBytes: 2_000 }, { letters: 10_000 }],
    ['the caller goes away', { tool: 'wait', arguments: {} }, {}, 300],
  ])('its session ends and no connection stays when %s', async (_, declared, args, ms = 60_000) => {
    const server = await startMcp();
    const engine = await openMcp(server, declared);
    const abort = AbortSignal.timeout(ms);
    await expect(engine.run({ model: 'm', arguments: args }, abort)).rejects.toThrow();
    await vi.waitFor(() => expect(server.state.methods.at(-1)).toBe('DELETE'));
    await vi.waitFor(() => expect(server.state.sessions.size).toBe(0));
    await vi.waitFor(() => expect(server.state.open).toBe(0));
    await server.stop();
  });

  test('a session ends also when the server greets in another protocol', async () => {
    const methods: string[] = [];
    const server = createServer((request, response) => {
      methods.push(`${request.method} ${request.headers['mcp-session-id'] ?? ''}`);
      response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 's-1' });
      response.end('{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"1999-01-01"}}');
    });
    const place = await serveLocally(server);
    const engine = await openMcp({ origin: place.origin, url: place.origin });
    await expect(call(engine, { a: 1, b: 2 })).rejects.toThrow(MalformedError);
    await vi.waitFor(() => expect(methods).toEqual(['POST ', 'DELETE s-1']));
    await place.stop();
  });

  test('refuses arguments that the declared schema does not take', async () => {
    const divide = await openMcp(mcp);
    expect(accepts(divide, { a: 1 })).toBe(false);
    expect(accepts(divide, { a: 1, b: '2' })).toBe(false);
    expect(accepts(divide, { a: 1, b: 2 })).toBe(true);
  });

  test('A-023: a result of more bytes than declared is cut off', async () => {
    const write = await openMcp(mcp, { tool: 'write', arguments: {}, resultBytes: 5_000 });
    expect((await call(write, { letters: 1_000 })).units.bytes).toBeGreaterThan(1_000n);
    await expect(call(write, { letters: 10_000 })).rejects.toThrow(LimitError);
  });

  test('a server that speaks something else is refused', async () => {
    const divide = await openMcp({ origin: weather.origin, url: `${weather.origin}/mcp` });
    await expect(call(divide, { a: 1, b: 2 })).rejects.toThrow(MalformedError);
  });

  test.each([
    ['no tool', { tool: '' }, DeclarationError],
    ['a schema that is none', { arguments: { type: 'thing' } }, SchemaError],
    ['an unknown field', { url: 'http://127.0.0.1' }, DeclarationError],
  ])('does not open with %s', async (_, declared, error) => {
    await expect(openMcp(mcp, declared)).rejects.toThrow(error);
  });
});
