import { expect, test } from 'vitest';
import { plant } from '../source/plant.ts';
import { egress } from './egress.ts';
import { format } from './Finding.ts';

async function check(text: string, file = 'src/infer/engines/remote.ts'): Promise<string[]> {
  await using tree = await plant({ [file]: text });
  return (await egress(tree.root)).map(format);
}

test('accepts what goes through the module, a fetch of something else, words, and tests', async () => {
  const text =
    "// fetch()\nimport { openEgress } from '../../internal/node/egress.ts';\npayer.fetch('x'); store.fetch();";
  expect(await check(text)).toEqual([]);
  const types = [
    "import type { Server } from 'node:http';",
    "import { type AddressInfo } from 'node:net';",
    "export type { Socket } from 'node:net';",
    'export type Options = { readonly fetch?: typeof globalThis.fetch; readonly socket: WebSocket };',
    "const client = { async fetch(url: string) { return url.startsWith('http'); } };",
    'globalThis.crypto.randomUUID();',
  ];
  expect(await check(types.join('\n'))).toEqual([]);
  expect(await check("import 'node:http'; fetch('x');", 'src/infer/engines/remote.test.ts')).toEqual([]);
  expect(await check("import 'node:https';", 'src/internal/node/egress.ts')).toEqual([]);
});

test.each([
  ["import { request } from 'node:http';", 'imports node:http'],
  ["import net from 'net';", 'imports net'],
  ["const { connect } = await import('node:tls');", 'imports node:tls'],
  ["import { lookup } from 'node:dns/promises';", 'imports node:dns/promises'],
  ["import { request } from 'undici';", 'imports undici'],
  ["await fetch('https://example.com');", 'uses fetch'],
  ["await globalThis.fetch('https://example.com');", 'uses fetch'],
  ["new WebSocket('wss://example.com');", 'uses WebSocket'],
  ["const f = fetch; f('x');", 'uses fetch'],
  ['setUp({ send: fetch });', 'uses fetch'],
  ['export const given = { fetch };', 'uses fetch'],
  ["globalThis['fetch']('x');", 'uses fetch'],
  ['const { fetch: f } = globalThis;', 'uses globalThis as a whole'],
  ["const all = globalThis; all.fetch('x');", 'uses globalThis as a whole'],
  ["globalThis[name]('x');", 'uses globalThis as a whole'],
  ["Reflect.get(globalThis, 'fetch');", 'uses globalThis as a whole'],
  ["(fetch as typeof send)('x');", 'uses fetch'],
  ["new EventSource('x');", 'uses EventSource'],
  ['class Socket extends WebSocket {}', 'uses WebSocket'],
  ['await import(`node:http2`);', 'imports node:http2'],
  ["require('node:dgram');", 'imports node:dgram'],
  ["createRequire(import.meta.url)('https');", 'imports https'],
  ["const load = createRequire(import.meta.url); load('net');", 'imports net'],
  ["process.getBuiltinModule('node:http');", 'imports node:http'],
  ["export { request } from 'node:http';", 'imports node:http'],
  ["export * from 'undici';", 'imports undici'],
  ["import { type Server, request } from 'node:http';", 'imports node:http'],
  ["import 'ws';", 'imports ws'],
])('A-018: refuses %s', async (text, message) => {
  expect(await check(`\n${text}`)).toEqual([`src/infer/engines/remote.ts:2 ${message}; requests go through egress`]);
});

test('an exemption that is not needed is a finding', async () => {
  expect(await check('export {};', 'src/cli/findGateway.ts')).toEqual([
    'src/cli/findGateway.ts is exempt from the rule of egress and does not need to be',
  ]);
  expect(await check("fetch('x');", 'src/cli/findGateway.ts')).toEqual([]);
});
