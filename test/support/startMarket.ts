/** A local chain with every contract, and people with practice money, for tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address, LocalAccount } from 'viem';
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import type { Addresses } from '../../src/chain/Addresses.ts';
import { testDollarAbi } from '../../src/chain/abi/index.ts';
import { type Client, createClient } from '../../src/chain/client.ts';
import { deploy } from '../../src/chain/deploy.ts';
import { startDevchain } from '../../src/chain/devchain.ts';

/** A running market. */
export type Market = {
  readonly rpcUrl: string;
  readonly folder: string;
  readonly addresses: Addresses;
  /** Who deployed. */
  readonly operator: Client<LocalAccount>;
  /** A client of a new account with ether and some atoms of practice money. */
  person(atoms?: bigint): Promise<Client<LocalAccount>>;
  /** Moves the clock of the chain. */
  wait(seconds: number): Promise<void>;
  balanceOf(account: Address): Promise<bigint>;
  stop(): Promise<void>;
};

/** Starts a market in a folder of its own. */
export async function startMarket(): Promise<Market> {
  const folder = await mkdtemp(join(tmpdir(), 'market-'));
  const chain = await startDevchain({ port: 0 });
  const account = mnemonicToAccount('test test test test test test test test test test test junk');
  const operator = await createClient({ rpcUrl: chain.url, account });
  const { addresses } = await deploy(operator, { bookFile: join(folder, 'addresses.json') });
  const token = { address: addresses.token, abi: testDollarAbi } as const;
  const request = (method: string, params: readonly unknown[]) =>
    operator.request({ method, params } as unknown as Parameters<typeof operator.request>[0]);

  return {
    rpcUrl: chain.url,
    folder,
    addresses,
    operator,
    async person(atoms = 0n) {
      const person = privateKeyToAccount(generatePrivateKey());
      await request('anvil_setBalance', [person.address, '0xde0b6b3a7640000']);
      if (atoms > 0n) {
        const hash = await operator.writeContract({ ...token, functionName: 'mint', args: [person.address, atoms] });
        await operator.waitForTransactionReceipt({ hash });
      }
      return await createClient({ rpcUrl: chain.url, account: person, addresses });
    },
    async wait(seconds) {
      await request('evm_increaseTime', [seconds]);
      await request('evm_mine', []);
    },
    balanceOf: (of) => operator.readContract({ ...token, functionName: 'balanceOf', args: [of] }),
    async stop() {
      await chain.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
