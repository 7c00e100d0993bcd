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
])('A-018: refuses %s', async (text, message) => {
  expect(await check(`\n${text}`)).toEqual([`src/infer/engines/remote.ts:2 ${message}; requests go through egress`]);
});

test('an exemption that is not needed is a finding', async () => {
  expect(await check('export {};', 'src/cli/findGateway.ts')).toEqual([
    'src/cli/findGateway.ts is exempt from the rule of egress and does not need to be',
  ]);
  expect(await check("fetch('x');", 'src/cli/findGateway.ts')).toEqual([]);
});
