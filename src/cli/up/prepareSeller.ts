/** Makes a seller ready to sell: keys registered, shares configured, models published. Each step is done once. */

import { fileURLToPath } from 'node:url';
import { type Account, type Address, zeroAddress } from 'viem';
import type { Addresses } from '../../chain/Addresses.ts';
import { authorizersAbi, logsAbi } from '../../chain/abi/index.ts';
import type { Client } from '../../chain/client.ts';
import { send } from '../../chain/send.ts';
import { waitForPending } from '../../chain/waitForPending.ts';
import { isSameAddress } from '../../internal/isSameAddress.ts';
import { offerTerms } from '../../license/offerTerms.ts';
import * as Right from '../../license/Right.ts';
import * as Terms from '../../license/Terms.ts';
import * as Asset from '../../publish/Asset.ts';
import type * as Lineage from '../../publish/Lineage.ts';
import { type Folder, readFolder } from '../../publish/readFolder.ts';
import { configure } from '../../settle/configure.ts';
import { findCurrent } from '../../settle/findCurrent.ts';
import * as Split from '../../settle/Split.ts';
import type * as Home from '../Home.ts';
import type { Signing } from '../openMarket.ts';
import type { Model } from '../ownModels.ts';
import { publishFolder } from '../publishFolder.ts';
import { attach } from '../readParents.ts';
import type * as Catalogue from './Catalogue.ts';

/** Seconds for which buyers can be refunded: the least that the local deployment allows. */
const window = 30;
/** Most atoms of credit notes a day: ten dollars. */
const creditCap = 10_000_000n;
const year = 365 * 86_400;

/** A published model with the terms of its first offer. */
export type Published = Model & { readonly terms: Terms.Terms };

/** Prepares a seller and returns what it sells. */
export async function prepareSeller(options: prepareSeller.Options): Promise<readonly Published[]> {
  const { market, keys } = options;
  const { client, addresses } = market;
  await waitForPending(client);
  await registerSettler(client, addresses, keys.settler);
  await registerReceipts(client, addresses, keys.receipts);
  await configureShares(client, addresses, payeesOf(options));
  const models: Published[] = [];
  for (const item of options.catalogue.items) models.push(await publishItem(options, item));
  return models;
}

export declare namespace prepareSeller {
  type Options = publishItem.Options & { readonly keys: { readonly settler: Address; readonly receipts: Address } };
}

/** Publishes a folder with its offers, its shares and what it was made from, and says so. */
export async function publishItem(
  options: publishItem.Options,
  { name, offers }: Catalogue.Item,
  parents: readonly Lineage.Edge[] = [],
): Promise<Published> {
  const { home, market, progress } = options;
  const { addresses } = market;
  const path = fileURLToPath(new URL(`../../../models/${name}`, import.meta.url));
  const folder: Folder = await readFolder(path);
  const [first, ...more] = offers;
  const split = { module: addresses.vaults, data: Split.encodeAttachment(payeesOf(options), window) };
  const attachments = [...attach(addresses, parents), split];
  const terms = termsOf(addresses, first);
  const { prices } = first;
  const published = await publishFolder({ home, market, folder, terms, prices, attachments });
  const { id: asset, version } = published;
  for (const offer of more) {
    const further = { ...termsOf(addresses, offer), asset, version };
    await offerTerms(market.client, { addresses, terms: further, prices: offer.prices });
  }
  const costs = offers.map((offer) => Terms.cost(termsOf(addresses, offer), offer.prices)).join(' Or: ');
  progress(`  publish    ${name} of ${market.person} as ${Asset.short(asset)} · ${costs}`);
  return { folder: path, asset, version, name, terms: published.terms };
}

export declare namespace publishItem {
  type Options = {
    readonly home: Home.Home;
    /** The market, for the seller who signs. */
    readonly market: Signing;
    readonly catalogue: Catalogue.Catalogue;
    addressOf(person: Home.Person): Address;
    progress(line: string): void;
  };
}

function termsOf({ token }: Addresses, { rights, price, period, prices, derivativeShareBps = 0 }: Catalogue.Offer) {
  return Terms.from({ rights: Right.setOf(rights), price, period, currency: token, prices, derivativeShareBps });
}

/** The owner stands first as the zero address; the others ascend, as the contract demands. */
function payeesOf({ catalogue, addressOf }: publishItem.Options): readonly Split.Payee[] {
  const others = Object.entries(catalogue.shares)
    .map(([person, bps]) => ({ account: addressOf(person as Home.Person), bps }))
    .sort((a, b) => (BigInt(a.account) < BigInt(b.account) ? -1 : 1));
  const rest = Split.whole - others.reduce((sum, { bps }) => sum + bps, 0);
  return [{ account: zeroAddress, bps: rest }, ...others];
}

async function registerSettler(client: Client<Account>, addresses: Addresses, settler: Address): Promise<void> {
  const authorizers = { address: addresses.authorizers, abi: authorizersAbi } as const;
  const seller = client.account.address;
  const known = await client.readContract({ ...authorizers, functionName: 'settlerOf', args: [seller] });
  if (isSameAddress(known, settler)) return;
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
  const { vaults, token, deployedAtBlock: fromBlock } = addresses;
  const account = BigInt(client.account.address);
  const current = await findCurrent(client, { vaults, account, fromBlock });
  if (current && current.window === window && Split.isSame(current.payees, payees)) return;
  await configure(client, { vaults, account, payees, window, tokens: [token], fromBlock });
}
