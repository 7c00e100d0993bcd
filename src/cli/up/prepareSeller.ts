/** Makes a seller ready to sell: keys registered, shares configured, models published. Each step is done once. */
import { fileURLToPath } from 'node:url';
import type { Account, Address } from 'viem';
import { encodeAbiParameters } from 'viem/utils';
import type { Addresses } from '../../chain/Addresses.ts';
import { authorizersAbi, logsAbi, vaultsAbi } from '../../chain/abi/index.ts';
import type { Client } from '../../chain/client.ts';
import { send } from '../../chain/send.ts';
import { waitForPending } from '../../chain/waitForPending.ts';
import * as Prices from '../../license/Prices.ts';
import * as Right from '../../license/Right.ts';
import * as Terms from '../../license/Terms.ts';
import * as Asset from '../../publish/Asset.ts';
import { type Folder, readFolder } from '../../publish/readFolder.ts';
import type * as Split from '../../settle/Split.ts';
import type * as Home from '../Home.ts';
import type { Signing } from '../openMarket.ts';
import type { Model } from '../ownModels.ts';
import { publishFolder } from '../publishFolder.ts';

/** Who gets which part of everything the seller earns. */
export type Shares = { readonly contributor: Address; readonly evaluator: Address };

/** Seconds for which buyers can be refunded: the least that the local deployment allows. */
const window = 30;
/** Basis points. */
const shares = { seller: 7_000, contributor: 2_000, evaluator: 1_000 } as const;
/** Most atoms of credit notes a day: ten dollars. */
const creditCap = 10_000_000n;
const year = 365 * 86_400;

type Offer = {
  readonly name: string;
  readonly right: Right.Right;
  readonly price: bigint;
  readonly prices: Prices.Prices;
};

/** What is sold: embeddings by the call, digits by a licence and the call. */
const catalogue: readonly Offer[] = [
  {
    name: 'embeddings',
    right: 'embed',
    price: 0n,
    prices: Prices.from({ perCall: 100n * 1_000_000n, perInputToken: 1_000_000n }),
  },
  { name: 'digits', right: 'infer', price: 50_000n, prices: Prices.from({ perCall: 200n * 1_000_000n }) },
];

/** Prepares the seller and returns what it sells. */
export async function prepareSeller(options: prepareSeller.Options): Promise<readonly Model[]> {
  const { market, keys } = options;
  const { client, addresses } = market;
  await waitForPending(client);
  await registerSettler(client, addresses, keys.settler);
  await registerReceipts(client, addresses, keys.receipts);
  const payees = payeesOf(options.shares);
  await configureShares(client, addresses, payees);
  const models: Model[] = [];
  for (const offer of catalogue) models.push(await publish(options, offer, payees));
  return models;
}

export declare namespace prepareSeller {
  type Options = {
    readonly home: Home.Home;
    readonly market: Signing;
    readonly keys: { readonly settler: Address; readonly receipts: Address };
    readonly shares: Shares;
    progress(line: string): void;
  };
}

/** The owner stands first as the zero address; the others ascend, as the contract demands. */
function payeesOf({ contributor, evaluator }: Shares): readonly Split.Payee[] {
  const others = [
    { account: contributor, bps: shares.contributor },
    { account: evaluator, bps: shares.evaluator },
  ].sort((a, b) => (BigInt(a.account) < BigInt(b.account) ? -1 : 1));
  return [{ account: `0x${'0'.repeat(40)}`, bps: shares.seller }, ...others];
}

async function registerSettler(client: Client<Account>, addresses: Addresses, settler: Address): Promise<void> {
  const authorizers = { address: addresses.authorizers, abi: authorizersAbi } as const;
  const seller = client.account.address;
  const known = await client.readContract({ ...authorizers, functionName: 'settlerOf', args: [seller] });
  if (known.toLowerCase() === settler.toLowerCase()) return;
  await send(client, { ...authorizers, functionName: 'register', args: [settler] });
}

async function registerReceipts(client: Client<Account>, addresses: Addresses, key: Address): Promise<void> {
  const logs = { address: addresses.logs, abi: logsAbi } as const;
  const known = await client.readContract({ ...logs, functionName: 'keyOf', args: [client.account.address, key] });
  if (known.notAfter > 0) return;
  const { timestamp } = await client.getBlock();
  const notBefore = Number(timestamp) - 60;
  await send(client, { ...logs, functionName: 'register', args: [key, notBefore, notBefore + year, creditCap] });
}

/** Calls are paid to the seller's vault, so that one deposit pays for every model; its shares are set here. */
async function configureShares(
  client: Client<Account>,
  addresses: Addresses,
  payees: readonly Split.Payee[],
): Promise<void> {
  const vaults = { address: addresses.vaults, abi: vaultsAbi } as const;
  const account = BigInt(client.account.address);
  const events = await client.getContractEvents({
    ...vaults,
    eventName: 'Configure',
    args: { account },
    fromBlock: addresses.deployedAtBlock,
    strict: true,
  });
  const last = events.at(-1)?.args;
  if (last && last.window === window && isSame(last.payees, payees)) return;
  // Before the first configuration there is nothing to harvest, and a harvest would record the default split.
  const tokens = last ? [addresses.token] : [];
  await send(client, { ...vaults, functionName: 'configure', args: [account, payees, window, tokens] });
}

function isSame(a: readonly Split.Payee[], b: readonly Split.Payee[]): boolean {
  return a.length === b.length && a.every(({ account, bps }, at) => account === b[at]?.account && bps === b[at]?.bps);
}

async function publish(
  { home, market, progress }: prepareSeller.Options,
  { name, right, price, prices }: Offer,
  payees: readonly Split.Payee[],
): Promise<Model> {
  const path = fileURLToPath(new URL(`../../../models/${name}`, import.meta.url));
  const folder: Folder = await readFolder(path);
  const terms = Terms.from({
    rights: Right.setOf([right]),
    price,
    period: price === 0n ? 0 : 30 * 86_400,
    currency: market.addresses.token,
    prices,
  });
  const attachments = [{ module: market.addresses.vaults, data: encodeSplit(payees) }];
  const published = await publishFolder({ home, market, folder, terms, prices, attachments });
  progress(`  publish    ${name} as ${Asset.short(published.id)} · ${Terms.cost(published.terms, prices)}`);
  return { folder: path, asset: published.id, version: published.version, name };
}

/** What `Vaults.attach` takes. */
function encodeSplit(payees: readonly Split.Payee[]): `0x${string}` {
  const payee = [
    { name: 'account', type: 'address' },
    { name: 'bps', type: 'uint16' },
  ] as const;
  return encodeAbiParameters([{ type: 'tuple[]', components: payee }, { type: 'uint40' }], [payees, window]);
}
