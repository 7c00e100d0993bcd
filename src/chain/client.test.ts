import { createServer, type Server } from 'node:http';
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from './client.ts';
import { startDevchain } from './devchain.ts';

const account = mnemonicToAccount('test test test test test test test test test test test junk');

let chain: startDevchain.ReturnType;
const servers: Server[] = [];

beforeAll(async () => {
  chain = await startDevchain({ port: 0 });
});

afterAll(async () => {
  for (const server of servers) server.close();
  await chain.stop();
});

/** A node that says it is a chain. */
async function nodeOf(chainId: number) {
  const server = createServer((_, response) =>
    response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: `0x${chainId.toString(16)}` })),
  );
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
}

describe('createClient', () => {
  test('reads without an account and signs with one', async () => {
    const reader = await createClient({ rpcUrl: chain.url });
    expect(reader.account).toBeUndefined();
    expect(await reader.getBlockNumber()).toBe(0n);
    const writer = await createClient({ rpcUrl: chain.url, account });
    const hash = await writer.sendTransaction({ to: account.address, value: 1n });
    expect((await writer.waitForTransactionReceipt({ hash })).status).toBe('success');
  });

  test('A-143 refuses plain http to another machine before it says a word to it', async () => {
    await expect(createClient({ rpcUrl: 'http://example.invalid' })).rejects.toMatchObject({
      code: 'chain.plain_http',
    });
  });

  test('A-143 refuses a chain that it does not know', async () => {
    await expect(createClient({ rpcUrl: await nodeOf(1) })).rejects.toMatchObject({ code: 'chain.unknown' });
  });

  test('A-143 refuses a published development key on a chain with real money', async () => {
    const rpcUrl = await nodeOf(8453);
    await expect(createClient({ rpcUrl, account })).rejects.toMatchObject({ code: 'chain.practice_account' });
    await createClient({ rpcUrl, account: privateKeyToAccount(generatePrivateKey()) });
  });

  test('A-143 names the host of a silent node and keeps the rest of its address to itself', async () => {
    const error = await createClient({ rpcUrl: 'http://127.0.0.1:9/v2/secret-key', timeout: 500 }).catch(
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code: 'client.unreachable' });
    expect(error.message).toContain('127.0.0.1:9');
    expect(JSON.stringify(error) + error.stack + String(error.cause)).not.toContain('secret-key');
  });
});
