import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, parseAbi, stringToHex } from 'viem';
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Addresses } from './Addresses.ts';
import { channelsAbi, testDollarAbi } from './abi/index.ts';
import { type Client, createClient } from './client.ts';
import { deploy } from './deploy.ts';
import { startDevchain } from './devchain.ts';
import { RevertedError, send } from './send.ts';

const account = mnemonicToAccount('test test test test test test test test test test test junk');
const friend = '0x00000000000000000000000000000000000000aa';

let folder: string;
let chain: startDevchain.ReturnType;
let client: Client<Account>;
let addresses: Addresses;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'send-'));
  chain = await startDevchain({ port: 0 });
  client = await createClient({ rpcUrl: chain.url, account });
  ({ addresses } = await deploy(client, { bookFile: join(folder, 'addresses.json') }));
});

afterAll(async () => {
  await chain.stop();
  await rm(folder, { recursive: true, force: true });
});

const nonce = () => client.getTransactionCount({ address: account.address });

const setAutomine = (on: boolean) =>
  client.request<{ Method: 'evm_setAutomine'; Parameters: [boolean]; ReturnType: null }>({
    method: 'evm_setAutomine',
    params: [on],
  });

describe('send', () => {
  test('sends, waits and gives the receipt', async () => {
    const { hash, receipt } = await send(client, {
      address: addresses.token,
      abi: testDollarAbi,
      functionName: 'mint',
      args: [account.address, 5_000_000n],
    });
    expect(receipt).toMatchObject({ status: 'success', transactionHash: hash });
    expect(
      await client.readContract({
        address: addresses.token,
        abi: testDollarAbi,
        functionName: 'balanceOf',
        args: [account.address],
      }),
    ).toBe(5_000_000n);
  });

  test('does not send what would fail, and says why in the words of the contract', async () => {
    const before = await nonce();
    const error = await send(client, {
      address: addresses.token,
      abi: testDollarAbi,
      functionName: 'transfer',
      args: [friend, 90_000_000n],
    }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(RevertedError);
    expect(error).toMatchObject({
      code: 'send.reverted',
      errorName: 'ERC20InsufficientBalance',
      args: [account.address, 5_000_000n, 90_000_000n],
      hash: undefined,
      shortMessage: `${account.address} has $5.00 and needs $90.00.`,
    });
    expect(await nonce()).toBe(before);
  });

  test('reads the errors of contracts that the called one calls', async () => {
    // The policy's interface has the error; the caller's interface here has none.
    const abi = parseAbi(['function set(bytes32 name, uint256 value)']);
    const name = stringToHex('protocolFeeBps', { size: 32 });
    await expect(
      send(client, { address: addresses.policy, abi, functionName: 'set', args: [name, 501n] }),
    ).rejects.toMatchObject({
      errorName: 'Policy_OutOfBounds',
      args: [name, 501n, 0n, 500n],
      shortMessage: 'Parameter protocolFeeBps cannot be 501: it must be between 0 and 500.',
    });
    await expect(
      send(client, { address: addresses.settlement, abi: channelsAbi, functionName: 'claim', args: [[]] }),
    ).rejects.toMatchObject({ errorName: 'EmptyBatch', args: [] });
  });

  test('says when a contract gives no reason', async () => {
    await expect(
      send(client, { address: addresses.logs, abi: parseAbi(['function absent()']), functionName: 'absent', args: [] }),
    ).rejects.toMatchObject({ errorName: 'Unknown', shortMessage: 'The contract refused without saying why.' });
  });

  test('names the error of a transaction that failed in its block', async () => {
    const other = await createClient({ rpcUrl: chain.url, account: privateKeyToAccount(generatePrivateKey()) });
    await client.sendTransaction({ to: other.account.address, value: 10n ** 18n });
    const dollar = { address: addresses.token, abi: testDollarAbi } as const;
    await send(client, { ...dollar, functionName: 'approve', args: [other.account.address, 5_000_000n] });
    await setAutomine(false);
    // The simulation passes; then somebody who pays more for the place takes the money first.
    const late = send(client, { ...dollar, functionName: 'transfer', args: [friend, 5_000_000n] }).catch(
      (thrown) => thrown,
    );
    const before = await nonce();
    await expect
      .poll(() => client.getTransactionCount({ address: account.address, blockTag: 'pending' }), { timeout: 10_000 })
      .toBe(before + 1);
    await other.writeContract({
      ...dollar,
      functionName: 'transferFrom',
      args: [account.address, other.account.address, 5_000_000n],
      gas: 200_000n,
      maxPriorityFeePerGas: 10n ** 11n,
      maxFeePerGas: 10n ** 12n,
    });
    await setAutomine(true);
    await client.request<{ Method: 'evm_mine'; Parameters: []; ReturnType: null }>({ method: 'evm_mine', params: [] });
    expect(await late).toMatchObject({
      code: 'send.reverted',
      errorName: 'ERC20InsufficientBalance',
      args: [account.address, 0n, 5_000_000n],
      hash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    });
  });

  test('passes on what is not the word of a contract', async () => {
    const poor = await createClient({ rpcUrl: chain.url, account: privateKeyToAccount(generatePrivateKey()) });
    const error = await send(poor, {
      address: addresses.token,
      abi: testDollarAbi,
      functionName: 'mint',
      args: [poor.account.address, 1n],
    }).catch((thrown) => thrown);
    expect(error).not.toBeInstanceOf(RevertedError);
    expect(error.message).toMatch(/insufficient funds|exceeds the balance/i);
  });
});
