/** The command line among hostile files, gateways and chains. */
import { spawn } from 'node:child_process';
import { chmod, rename, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anvilPath } from '../src/chain/devchain.ts';
import { createKeystore } from '../src/internal/node/keystore.ts';
import { agorai, jsonAt, jsonOf } from './actors/agorai.ts';
import { listenUntil } from './actors/serveLocally.ts';
import { startUp, type Up } from './actors/startUp.ts';

let up: Up;
const stops: (() => unknown)[] = [];

beforeAll(async () => {
  up = await startUp();
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await up?.stop();
});

describe('what others can write', () => {
  test('A-140: a key that others can read is refused with 4, and the remedy is named', async () => {
    const home = await up.copy();
    const key = join(home, 'keys', 'buyer.json');
    await chmod(key, 0o644);
    const outcome = await jsonAt(home, 'balance');
    const hint = expect.stringContaining(`chmod 600 ${key}`);
    expect(outcome).toMatchObject({ code: 4, error: { code: 'private_files.insecure', hint } });
  });

  test.each(['addresses.json', 'keys/buyer.json'])(
    'A-140: a link in the place of %s is refused with 4',
    async (file) => {
      const home = await up.copy();
      const elsewhere = join(home, 'elsewhere.json');
      await rename(join(home, file), elsewhere);
      await symlink(elsewhere, join(home, file));
      const outcome = await jsonAt(home, 'balance');
      expect(outcome).toMatchObject({
        code: 4,
        error: { code: 'private_files.insecure' },
      });
    },
  );

  test('A-140: an address book that others can change is refused with 4', async () => {
    const home = await up.copy();
    await chmod(join(home, 'addresses.json'), 0o666);
    const outcome = await jsonAt(home, 'search');
    expect(outcome).toMatchObject({
      code: 4,
      error: { code: 'private_files.insecure' },
    });
  });

  test('A-140: what a gateway writes can neither move the cursor nor fill the screen', async () => {
    const { id, owner } = await up.json('show', 'digits');
    const model = {
      route: '/v1/classify',
      asset: BigInt(id).toString(),
      version: 1,
      seller: owner,
      licenceRequired: false,
    };
    const problem = {
      title: '\u001b[2J\u001b]0;owned\u0007Paid.\u202e',
      code: 'x\u001b[31m',
      hint: '\u001b[1mPay more\n'.repeat(99),
    };
    const server = createServer((request, response) => {
      if (request.url === '/v1/models')
        return response.end(JSON.stringify({ data: [{ id: 'digits', agorai: model }] }));
      return response.writeHead(400, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
    });
    const gateway = await listenUntil(server, stops);

    const hostile = await up.verb('call', 'digits', '7', '--gateway', gateway);
    expect(hostile).toMatchObject({ code: 1, stdout: '' });
    expect(hostile.stderr).toMatch(/^error {2}x {2}Paid\.\n {7}fix {2}Pay more/);
    expect(hostile.stderr).not.toMatch(/[^\n\x20-\x7e…]/);
    expect(hostile.stderr.length).toBeLessThan(1_000);
  });

  test('A-140: an answer without an end is cut off', async () => {
    const server = createServer((_, response) => {
      const timer = setInterval(() => response.write(' '.repeat(100_000)), 1);
      response.once('close', () => clearInterval(timer));
    });
    const outcome = await up.json('call', 'digits', '7', '--gateway', await listenUntil(server, stops));
    expect(outcome).toMatchObject({ code: 5, error: { code: 'network.no_gateway' } });
  });
});

describe('A-143: another chain than the one meant', () => {
  async function startChain(id: number): Promise<string> {
    const child = spawn(anvilPath(), ['--port', '0', '--chain-id', String(id)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    stops.push(() => child.kill('SIGKILL'));
    for await (const part of child.stdout.setEncoding('utf8')) {
      const address = /Listening on (127\.0\.0\.1:\d+)/.exec(part)?.[1];
      if (address) return `http://${address}`;
    }
    throw new Error('anvil did not start');
  }

  test('a local chain that is not the one of the home is refused with 6', async () => {
    const { code, error } = await up.json('balance', '--rpc', await startChain(31337));
    expect({ code, error }).toMatchObject({ code: 6, error: { code: 'addresses.foreign_chain' } });
    expect(error.detail).toMatch(/book: .+\nnode: /);
  });

  test('a key that everybody knows is refused with 4 where money is real', async () => {
    const home = await up.copy();
    const path = join(home, 'keys', 'known.json');
    const privateKey = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
    await createKeystore({ path, password: 'known', privateKey });
    const env = { AGORAI_HOME: home, AGORAI_PASSWORD: 'known', AGORAI_RPC: await startChain(8453) };
    const outcome = await agorai(['balance', '--as', 'known', '--json'], { env });
    const value = { code: outcome.code, ...jsonOf(outcome) };
    expect(value).toMatchObject({ code: 4, error: { code: 'chain.practice_account' } });
  });

  test.each([
    ['http://node.example', 4, 'chain.plain_http'],
    ['node.example', 2, 'chain.rpc_url'],
    ['http://127.0.0.1:1', 5, 'client.unreachable'],
  ])('the node %s exits with %i: %s', async (rpc, exit, code) => {
    expect(await up.json('balance', '--rpc', rpc)).toMatchObject({ code: exit, error: { code } });
  });

  test.each(['gateway', 'settler'])('%s without its configuration exits with 2', async (process) => {
    const { code, error } = await up.json(process, '--config', join(up.home, 'nothing.json'));
    expect({ code, error }).toMatchObject({ code: 2, error: { code: 'usage.config' } });
  });
});
