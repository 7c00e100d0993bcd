/** Reads the receipts that a buyer keeps, and checks each against the chain. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hex } from 'viem';
import { z } from 'zod';
import * as Receipt from '../infer/Receipt.ts';
import { messageOf } from '../internal/Errors.ts';
import * as Json from '../internal/Json.ts';
import { isNotFound, readJson } from '../internal/node/files.ts';
import { readRoot } from '../publish/readRoot.ts';
import * as Home from './Home.ts';
import type { Market } from './openMarket.ts';
import { receiptCheck } from './openWallet.ts';

/** A receipt of the buyer's own, and why it does not hold, if so. */
export type Kept = { readonly hash: Hex; readonly receipt: Receipt.Receipt; readonly fault: string | undefined };

const schema = z.object({ hash: z.string(), receipt: z.unknown(), proof: z.unknown() });

/** The receipts of a person, the newest first. */
export async function readReceipts(home: Home.Home, market: Market, person: string): Promise<readonly Kept[]> {
  const folder = Home.buyerOf(home, person).receipts;
  const names = await readdir(folder).catch((error: unknown) => {
    if (isNotFound(error)) return [];
    throw error;
  });
  const files = names.filter((name) => /^0x[0-9a-f]{64}\.json$/.test(name));
  const all = await Promise.all(files.map((name) => readReceipt(market, join(folder, name), name.slice(0, 66) as Hex)));
  return all.sort((a, b) => Number(b.receipt.startedAt - a.receipt.startedAt));
}

async function readReceipt(market: Market, path: string, hash: Hex): Promise<Kept> {
  const kept = await readJson(path, schema);
  const receipt = Receipt.parse(Json.canonical(kept?.receipt));
  const fault = await findFault(market, hash, receipt, kept?.proof).catch(messageOf);
  return { hash, receipt, fault };
}

/** Its hash, its signature by a key that the seller had then, and the weights that were published for what answered. */
async function findFault(
  market: Market,
  hash: Hex,
  receipt: Receipt.Receipt,
  proof: unknown,
): Promise<string | undefined> {
  if (Receipt.hash(receipt) !== hash) return 'it is not the receipt of this name';
  const { domain, recover, isKeyAt } = receiptCheck(market);
  const key = Receipt.signerOf(receipt, Receipt.parseProof(Json.canonical(proof)), domain, recover);
  if (!key || !(await isKeyAt(receipt.seller, key, receipt.startedAt / 1_000n)))
    return 'no key of the seller signed it';
  const { client, addresses } = market;
  const { asset, version } = receipt;
  const root = await readRoot(client, { addresses, asset, version });
  return root === receipt.manifestRoot ? undefined : 'it names other weights than were published';
}
