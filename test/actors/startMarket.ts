import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, encodeAbiParameters, getAbiItem, type Hex, keccak256, parseEther, stringToHex } from 'viem';
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import type { Addresses } from '../../src/chain/Addresses.ts';
import {
  assetsAbi,
  authorizersAbi,
  licensesAbi,
  logsAbi,
  testDollarAbi,
  vaultsAbi,
} from '../../src/chain/abi/index.ts';
import { type Client, createClient } from '../../src/chain/client.ts';
import { deploy } from '../../src/chain/deploy.ts';
import { startDevchain } from '../../src/chain/devchain.ts';
import { openEngine } from '../../src/infer/engines/openEngine.ts';
import { startGateway } from '../../src/infer/gateway/startGateway.ts';
import type { Listing } from '../../src/infer/Listing.ts';
import { createLog } from '../../src/internal/node/log.ts';
import * as Prices from '../../src/license/Prices.ts';
import { readFolder } from '../../src/publish/readFolder.ts';
import { openProgress } from '../../src/settle/settler/openProgress.ts';
import { startSettler } from '../../src/settle/settler/startSettler.ts';

process.env.AGORAI_LOG ??= 'silent';

/** A seller on a local chain with both built-in models, a gateway and a settler, and a buyer with practice money. */
export type Market = Awaited<ReturnType<typeof startMarket>>;

/** People of the market: each has a key of its own. */
const roles = ['operator', 'seller', 'settler', 'receipts', 'contributor', 'evaluator', 'buyer', 'stranger'] as const;

export type People = Readonly<Record<(typeof roles)[number], PrivateKeyAccount & { key: Hex }>>;

/** Prices of the two models in atoms per million units: $0.0002 a call, and $0.0001 a call plus $0.10 a million tokens. */
export const prices = {
  digits: Prices.from({ perCall: 200_000_000n }),
  embeddings: Prices.from({ perCall: 100_000_000n, perInputToken: 100_000n }),
};

export async function startMarket(options: startMarket.Options = {}) {
  const home = mkdtempSync(join(tmpdir(), 'agorai-'));
  const chain = await startDevchain({ port: 0, ...options.chain });
  const people = createPeople();
  const { addresses, client } = await deployFor(chain.url, home, people);
  const models = options.models ?? ['digits'];
  const listings: Listing[] = [];
  for (const model of models) listings.push(await publish(client, addresses, people, model, options));
  await registerKeys(client, addresses, people);
  const files = { ledger: join(home, 'ledger.db'), settler: join(home, 'settler.db') };
  const receiverAuthorizer = await client.readContract({
    address: addresses.authorizers,
    abi: authorizersAbi,
    functionName: 'addressOf',
    args: [people.seller.address],
  });
  const log = createLog('test');
  const startGatewayHere = () =>
    startGateway({
      rpcUrl: chain.url,
      addresses,
      seller: people.seller.address,
      receiverAuthorizer,
      receiptKey: people.receipts.key,
      listings,
      ledgerFile: files.ledger,
      progress: openProgress(files.settler),
      anchorMs: 200,
      log,
    });
  const startSettlerHere = () =>
    startSettler(
      {
        rpcUrl: chain.url,
        addresses,
        seller: people.seller.address,
        accounts: [...listings.map((listing) => listing.asset), BigInt(people.seller.address)],
        tokens: [addresses.token],
        ledgerFile: files.ledger,
        file: files.settler,
        key: people.settler.key,
        policy: {
          threshold: 10n ** 12n,
          maxAgeMs: 3_600_000,
          harvestThreshold: 1n,
          harvestAgeMs: 0,
          ...options.policy,
        },
        confirmations: 0,
        finality: 64,
        caps: { dailyAtoms: 10n ** 12n, dailyGas: 10n ** 19n },
        pollMs: 50,
      },
      { log },
    );
  const gateway = await startGatewayHere();
  const settler = await startSettlerHere();
  return {
    home,
    files,
    chain,
    people,
    addresses,
    client,
    listings,
    gateway,
    settler,
    receiverAuthorizer,
    async stop() {
      await gateway.stop();
      await settler.stop();
      await chain.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export declare namespace startMarket {
  type Options = {
    models?: readonly (keyof typeof prices)[];
    /** Models whose terms sell a licence that a payer must hold. */
    licensed?: readonly (keyof typeof prices)[];
    chain?: Partial<Parameters<typeof startDevchain>[0]>;
    policy?: Partial<{ threshold: bigint; maxAgeMs: number; harvestThreshold: bigint; harvestAgeMs: number }>;
  };
}

function createPeople(): People {
  const entries = roles.map((role) => {
    const key = generatePrivateKey();
    return [role, { ...privateKeyToAccount(key), key }] as const;
  });
  return Object.fromEntries(entries) as unknown as People;
}

async function deployFor(rpcUrl: string, home: string, people: People) {
  const client = await createClient({ rpcUrl, account: people.operator });
  for (const role of roles) {
    await client.request({
      method: 'anvil_setBalance' as never,
      params: [people[role].address, `0x${parseEther('100').toString(16)}`] as never,
    });
  }
  const { addresses } = await deploy(client, { bookFile: join(home, 'addresses.json') });
  await transact(client, people.operator, {
    address: addresses.token,
    abi: testDollarAbi,
    functionName: 'mint',
    args: [people.buyer.address, 1_000_000_000n],
  });
  return { addresses, client: client as unknown as Client };
}

/** Shares of the three parties in basis points; zero is the owner of the account. */
export const shares = { owner: 7_000, contributor: 2_000, evaluator: 1_000 };

/** Payees of the market's split, ascending by account as the contract wants them. */
export function payees(people: People): readonly { account: Address; bps: number }[] {
  return [
    { account: `0x${'0'.repeat(40)}` as Address, bps: shares.owner },
    { account: people.contributor.address, bps: shares.contributor },
    { account: people.evaluator.address, bps: shares.evaluator },
  ].sort((a, b) => (BigInt(a.account) < BigInt(b.account) ? -1 : 1));
}

async function publish(
  client: Client,
  addresses: Addresses,
  people: People,
  model: keyof typeof prices,
  options: startMarket.Options,
): Promise<Listing> {
  const folder = await readFolder(join(import.meta.dirname, '../../models', model));
  const engine = await openEngine(folder);
  const licensed = options.licensed?.includes(model) ?? false;
  const publication = {
    kind: 0,
    manifestRoot: folder.manifest.root,
    salt: keccak256(stringToHex(model)),
    uri: `agorai:${folder.manifest.root}`,
  };
  const asset = await client.readContract({
    address: addresses.assets,
    abi: assetsAbi,
    functionName: 'idOf',
    args: [people.seller.address, publication.kind, publication.manifestRoot, publication.salt],
  });
  const terms = termsOf(addresses, asset, model, licensed);
  const offer = getAbiItem({ abi: licensesAbi, name: 'offer' }).inputs;
  const offers = encodeAbiParameters(
    [
      { type: 'tuple[]', components: offer[0].components },
      { type: 'tuple[]', components: offer[1].components },
    ],
    [[terms], [prices[model]]],
  );
  const split = encodeAbiParameters(
    [
      {
        type: 'tuple[]',
        components: [
          { name: 'account', type: 'address' },
          { name: 'bps', type: 'uint16' },
        ],
      },
      { type: 'uint40' },
    ],
    [payees(people), 30],
  );
  await transact(client, people.seller, {
    address: addresses.assets,
    abi: assetsAbi,
    functionName: 'publish',
    args: [
      publication,
      [
        { module: addresses.licenses, data: offers },
        { module: addresses.vaults, data: split },
      ],
    ],
  });
  const [termsId, payTo] = await Promise.all([
    client.readContract({ address: addresses.licenses, abi: licensesAbi, functionName: 'idOf', args: [terms] }),
    client.readContract({
      address: addresses.vaults,
      abi: vaultsAbi,
      functionName: 'payoutOf',
      args: [BigInt(people.seller.address)],
    }),
  ]);
  return {
    model,
    asset,
    version: 1,
    manifestRoot: folder.manifest.root,
    termsId,
    licenceRequired: licensed,
    prices: prices[model],
    token: addresses.token,
    payTo,
    engine,
  };
}

/** Terms of the market's offers: a right for its route, and a 30-day licence for $0.05 where one is sold. */
export function termsOf(addresses: Addresses, asset: bigint, model: keyof typeof prices, licensed: boolean) {
  const zero: Hex = `0x${'0'.repeat(64)}`;
  return {
    asset,
    version: 1,
    rights: model === 'digits' ? 1 : 2,
    duties: 0,
    price: licensed ? 50_000n : 0n,
    pricesHash: Prices.hash(prices[model]),
    currency: addresses.token,
    period: licensed ? 30 * 86_400 : 0,
    noticePeriod: 0,
    trial: 0,
    quota: 0n,
    overageBps: 0,
    seats: 0,
    maxSupply: 0,
    resaleRoyaltyBps: 0,
    maxResales: 0,
    derivativeShareBps: 0,
    refundPolicy: 0,
    refundWindow: 0,
    refundPenaltyBps: 0,
    slaId: zero,
    policyRoot: zero,
    textHash: zero,
    checker: `0x${'0'.repeat(40)}` as Address,
  };
}

async function registerKeys(client: Client, addresses: Addresses, people: People): Promise<void> {
  const { timestamp } = await client.getBlock();
  await transact(client, people.seller, {
    address: addresses.logs,
    abi: logsAbi,
    functionName: 'register',
    args: [people.receipts.address, Number(timestamp), 2 ** 40 - 1, 10n ** 9n],
  });
  await transact(client, people.seller, {
    address: addresses.authorizers,
    abi: authorizersAbi,
    functionName: 'register',
    args: [people.settler.address],
  });
  await transact(client, people.seller, {
    address: addresses.vaults,
    abi: vaultsAbi,
    functionName: 'configure',
    args: [BigInt(people.seller.address), payees(people), 30, []],
  });
}

/** Sends one transaction of a person and waits until it succeeded. */
export async function transact(client: Client, account: PrivateKeyAccount, call: object): Promise<Hex> {
  const hash = await (client as Client).writeContract({ ...(call as { abi: never }), account } as never);
  const receipt = await client.waitForTransactionReceipt({ hash });
  if (receipt.status !== 'success') throw new Error(`transaction ${hash} reverted`);
  return hash;
}
