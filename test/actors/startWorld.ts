import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, type Hex, parseEther, zeroAddress } from 'viem';
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { testDollarAbi } from '../../src/chain/abi/index.ts';
import { type Client, createClient } from '../../src/chain/client.ts';
import { deploy } from '../../src/chain/deploy.ts';
import { startDevchain } from '../../src/chain/devchain.ts';
import { send } from '../../src/chain/send.ts';

process.env.AGORAI_LOG ??= 'silent';

const roles = [
  'operator',
  'seller',
  'settler',
  'receipts',
  'contributor',
  'evaluator',
  'hospital',
  'pathologist',
  'buyer',
  'stranger',
] as const;

/** People of a test, by what they do; each has a key of its own and ether for fees. */
export type People = Readonly<Record<(typeof roles)[number], PrivateKeyAccount & { readonly key: Hex }>>;

/** A local chain with every contract deployed, and a buyer with 1,000 practice dollars. */
export type World = Awaited<ReturnType<typeof startWorld>>;

export async function startWorld(options: Parameters<typeof startDevchain>[0] = {}) {
  const home = mkdtempSync(join(tmpdir(), 'agorai-'));
  const chain = await startDevchain({ port: 0, ...options });
  const people = Object.fromEntries(
    roles.map((role) => {
      const key = generatePrivateKey();
      return [role, { ...privateKeyToAccount(key), key }];
    }),
  ) as unknown as People;
  const operator = await createClient({ rpcUrl: chain.url, account: people.operator });
  for (const role of roles) {
    const params = [people[role].address, `0x${parseEther('100').toString(16)}`];
    await operator.request({ method: 'anvil_setBalance', params } as never);
  }
  const { addresses } = await deploy(operator, { bookFile: join(home, 'addresses.json') });
  await send(operator, {
    address: addresses.token,
    abi: testDollarAbi,
    functionName: 'mint',
    args: [people.buyer.address, 1_000_000_000n],
  });
  return {
    home,
    chain,
    addresses,
    people,
    /** A client that only reads. */
    client: operator as unknown as Client,
    /** A client that signs as one of the people. */
    connect: (role: keyof People) => createClient({ rpcUrl: chain.url, account: people[role] }),
    /** Balance of an address in atoms of the token. */
    dollarsOf: (holder: Address) =>
      operator.readContract({
        address: addresses.token,
        abi: testDollarAbi,
        functionName: 'balanceOf',
        args: [holder],
      }),
    /** Moves the chain's clock. */
    async passTime(seconds: number) {
      await operator.request({ method: 'evm_increaseTime', params: [seconds] } as never);
      await operator.request({ method: 'evm_mine', params: [] } as never);
    },
    async stop() {
      await chain.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** 70 % for the owner of the account, 20 % for a contributor, 10 % for an evaluator, in the contract's order. */
export function payees(people: People) {
  return [
    { account: zeroAddress, bps: 7_000 },
    { account: people.contributor.address, bps: 2_000 },
    { account: people.evaluator.address, bps: 1_000 },
  ].sort((a, b) => (BigInt(a.account) < BigInt(b.account) ? -1 : 1));
}
