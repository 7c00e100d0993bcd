/** Brings a person's export up to date from everything that a home and the chain know about that person. */

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Address, Hex } from 'viem';
import { z } from 'zod';
import type * as Addresses from '../chain/Addresses.ts';
import { licensesAbi } from '../chain/abi/index.ts';
import { readEvents } from '../chain/readEvents.ts';
import * as Receipt from '../infer/Receipt.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';
import * as Json from '../internal/Json.ts';
import { readJson } from '../internal/node/files.ts';
import { readOffers } from '../license/readOffers.ts';
import { openChannelStore } from '../pay/openChannelStore.ts';
import { openLedger } from '../pay/openLedger.ts';
import { copyLedger } from '../settle/exit/copyLedger.ts';
import type * as Export from '../settle/exit/Export.ts';
import type * as Holdings from '../settle/exit/Holdings.ts';
import { openExport, type Writer } from '../settle/exit/openExport.ts';
import { readExport } from '../settle/exit/readExport.ts';
import { readTail } from '../settle/exit/readTail.ts';
import { toEntries, toReceived } from '../settle/exit/recordBuyer.ts';
import { findSplits } from '../settle/findSplits.ts';
import * as Split from '../settle/Split.ts';
import * as Config from './Config.ts';
import * as Home from './Home.ts';
import type { Market } from './openMarket.ts';

/** Adds what is missing, and answers what the file then holds. Without a market the chain is not asked. */
export async function collectExport(options: collectExport.Options): Promise<Holdings.Holdings> {
  const { file, person, addresses, market } = options;
  const writer = await openExport(file, { person, addresses });
  const held = await readExport(file);
  await addSeller(options, writer, held);
  await addBuyer(options, writer, held);
  if (market) await addChain(market, person, writer, held);
  return await readExport(file);
}

export declare namespace collectExport {
  type Options = {
    readonly home: Home.Home;
    /** Name of the person in the home. */
    readonly name: string;
    readonly person: Address;
    readonly addresses: Addresses.Addresses;
    readonly file: string;
    /** The chain, when it answers. */
    readonly market: Market | undefined;
  };
}

async function addSeller(
  { home, name, file }: collectExport.Options,
  writer: Writer,
  held: Holdings.Holdings,
): Promise<void> {
  const seller = Home.sellerOf(home, name);
  if (!existsSync(seller.ledger)) return;
  const config = await readJson(seller.settlerConfig, Config.settlerSchema);
  const accounts = (config?.accounts ?? []).filter((account) => !held.accounts.has(account));
  await writer.append(accounts.map((account) => ({ kind: 'account', account })));
  for (const account of accounts) held.accounts.add(account);
  const { receipts, row } = await readTail(file);
  const ledger = openLedger(seller.ledger, { readOnly: true });
  try {
    await copyLedger(ledger, writer, { receipts, row, vouchers: new Map() });
  } finally {
    await ledger.close();
  }
}

const kept = z.object({
  hash: z.string(),
  logIndex: z.int().min(0),
  salt: z.string().regex(/^0x[0-9a-f]{32}$/),
  proof: z.unknown(),
  receipt: z.unknown(),
});

async function addBuyer({ home, name }: collectExport.Options, writer: Writer, held: Holdings.Holdings): Promise<void> {
  const buyer = Home.buyerOf(home, name);
  if (!existsSync(buyer.folder)) return;
  const store = await openChannelStore(buyer.channels);
  const changed = (await store.all()).filter(({ channelId, balance, charged, signed, closed }) => {
    const known = held.channels.get(channelId)?.reckoned;
    return Json.canonical({ ...known }) !== Json.canonical({ ...known, balance, charged, signed, closed });
  });
  await writer.append(changed.flatMap(toEntries));
  const files = await readdir(buyer.receipts).catch(() => []);
  for (const file of files.filter((one) => one.endsWith('.json') && !held.received.has(one.slice(0, -5) as Hex))) {
    const found = await readJson(join(buyer.receipts, file), kept);
    if (!found) continue;
    const receipt = Receipt.parse(Json.canonical(found.receipt));
    const proof = Receipt.parseProof(Json.canonical(found.proof));
    await writer.append([toReceived({ logIndex: found.logIndex, salt: found.salt as Hex, receipt, proof })]);
  }
}

/** What the chain alone says: the splits in which the person has a part, and the licences it holds. */
async function addChain(market: Market, person: Address, writer: Writer, held: Holdings.Holdings): Promise<void> {
  const { client, addresses } = market;
  const splits = await findSplits(client, { vaults: addresses.vaults, fromBlock: addresses.deployedAtBlock });
  const own = splits.filter(
    ({ account, split, splitId }) =>
      !held.splits.has(`${account}:${splitId}`) &&
      (held.accounts.has(account) || Split.rows(split).some(({ payee }) => isSameAddress(payee, person))),
  );
  await writer.append(own.map(({ account, split }) => ({ kind: 'split', account, split })));
  await writer.append(
    (await readLicences(market, person)).filter(({ transaction }) => !held.licences.has(transaction)),
  );
}

async function readLicences({ client, addresses }: Market, holder: Address) {
  const bought = await readEvents(client, {
    ...({ address: addresses.licenses, abi: licensesAbi, eventName: 'Buy' } as const),
    args: { holder },
    fromBlock: addresses.deployedAtBlock,
  });
  if (bought.length === 0) return [];
  const offers = new Map((await readOffers(client, { addresses })).map(({ termsId, terms }) => [termsId, terms]));
  return bought.flatMap(({ args, transactionHash: transaction }) => {
    const terms = offers.get(args.termsId);
    return terms ? [{ kind: 'licence', holder, terms, transaction } as const satisfies Export.Entry] : [];
  });
}
