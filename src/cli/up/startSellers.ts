/** Makes both sellers of a local market ready and starts their processes. One sells a model made from the other's data. */
import * as Amount from '../../internal/Amount.ts';
import { buyLicence } from '../../license/buyLicence.ts';
import type * as Lineage from '../../publish/Lineage.ts';
import * as Home from '../Home.ts';
import type { Signing } from '../openMarket.ts';
import { readServable } from '../ownModels.ts';
import * as Catalogue from './Catalogue.ts';
import { type Published, prepareSeller, publishItem } from './prepareSeller.ts';
import { type Processes, startProcesses } from './startProcesses.ts';

/** Everybody of a local market. */
export type People = Readonly<Record<Home.Person, Signing>>;

/** Everything that runs for the sellers. */
export type Sellers = {
  readonly of: Readonly<Record<Home.SellerName, Processes & { readonly accounts: readonly bigint[] }>>;
  /** Rejects when one of the processes is given up. */
  readonly failed: Promise<never>;
  /** Ends all of them. */
  stop(): Promise<void>;
};

/** Publishes what both sell and starts a gateway and a settler for each. */
export async function startSellers(options: startSellers.Options): Promise<Sellers> {
  const { people } = options;
  const base = (name: Home.SellerName, catalogue: Catalogue.Catalogue) => ({
    home: options.home,
    market: people[name],
    catalogue,
    addressOf: (person: Home.Person) => people[person].client.account.address,
    keys: keysOf(people, name),
    progress: options.progress,
  });
  const ofHospital = await prepareSeller(base('hospital', Catalogue.ofHospital));
  const hospital = await start(options, 'hospital', ofHospital);
  try {
    const seller = base('seller', Catalogue.ofSeller);
    const own = await prepareSeller(seller);
    const risk = await publishItem(seller, Catalogue.derived, await license(options, ofHospital));
    return both({ hospital, seller: await start(options, 'seller', [...own, risk]) });
  } catch (error) {
    await hospital.stop();
    throw error;
  }
}

export declare namespace startSellers {
  type Options = {
    readonly home: Home.Home;
    readonly people: People;
    readonly rpcUrl: string;
    /** Port of the gateway of `seller`; that of the hospital is the next one. 0 picks free ones. */
    readonly port: number;
    progress(line: string): void;
  };
}

function both(of: Sellers['of']): Sellers {
  const failed = Promise.race([of.seller.failed, of.hospital.failed]);
  failed.catch(() => undefined);
  return {
    of,
    failed,
    async stop() {
      await Promise.all([of.seller.stop(), of.hospital.stop()]);
    },
  };
}

function keysOf(people: People, name: Home.SellerName) {
  const { settler, receipts } = Home.sellers[name];
  return { settler: people[settler].client.account.address, receipts: people[receipts].client.account.address };
}

/** The seller buys a licence of each dataset and names it as a parent. A licence that it holds is not bought again. */
async function license(
  { people, progress }: startSellers.Options,
  datasets: readonly Published[],
): Promise<readonly Lineage.Edge[]> {
  const { client, addresses } = people.seller;
  for (const { name, terms } of datasets) {
    const { paid } = await buyLicence(client, { addresses, terms, maxPrice: terms.price });
    if (paid > 0n) progress(`  license    ${name} for ever to seller for ${Amount.format(paid)}, to train on it`);
  }
  return datasets.map((parent) => ({
    relation: 'trained-on',
    shareBps: parent.terms.derivativeShareBps,
    terms: parent.terms,
  }));
}

async function start(
  { home, people, rpcUrl, port, progress }: startSellers.Options,
  name: Home.SellerName,
  published: readonly Published[],
) {
  const market = people[name];
  const seller = market.client.account.address;
  const own = await readServable({ home, person: name, market, seller, besides: published, progress });
  const models = [...published, ...own];
  const place = { rpcUrl, port: name === 'seller' || port === 0 ? port : port + 1 };
  const processes = await startProcesses({ home, name, seller, ...place, models, progress });
  return { ...processes, accounts: [BigInt(seller), ...models.map(({ asset }) => asset)] };
}
