import type { Address, Hex } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { logsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { count } from '../chain/Words.ts';
import * as Receipt from '../infer/Receipt.ts';
import { isSameAddress } from '../internal/isSameAddress.ts';
import { recover } from '../internal/node/secp256k1.ts';
import type * as Ledger from '../pay/Ledger.ts';
import { checkBooks } from './checkBooks.ts';
import { checkLicences } from './checkLicences.ts';
import { checkLog } from './checkLog.ts';
import { checkMoney, payeesOf } from './checkMoney.ts';
import * as History from './History.ts';
import * as Report from './Report.ts';
import { readBalances } from './readBalances.ts';
import { readHistory } from './readHistory.ts';
import { type PublishedLog, readPublishedLog } from './readPublishedLog.ts';

/** Verifies from public data alone: an RPC address and the published logs of sellers. */
export async function verifyPublic(options: verifyPublic.Options): Promise<Report.Report> {
  const { client, addresses, logs } = options;
  const collector = Report.collect();
  const state = await verifyChain(client, addresses, collector);
  let anchored = 0;
  for (const log of logs) {
    const published = typeof log === 'string' ? await readPublishedLog(log) : log;
    const heads = headsOf(state, published.seller, published.log);
    const size = checkLog(published.leaves, heads, collector);
    anchored += size;
    collector.prove(
      'X6',
      `the log of ${published.seller} has ${count(published.leaves.length, 'receipt')}, ${size} under ${count(heads.length, 'anchored head')}`,
    );
  }
  return {
    proofs: collector.proofs,
    residuals: collector.residuals,
    unseen: [
      'What a receipt says: the log publishes hashes, and each receipt is known to its buyer and its seller.',
      ...(anchored === 0 ? ['No receipt is anchored yet, so nothing binds the published log to the chain.'] : []),
      'Whether the seller served what the receipts say: ask a buyer for receipts, or audit the books.',
    ],
    payments: [],
    payees: payeesOf(state),
  };
}

export declare namespace verifyPublic {
  type Options = {
    client: Client;
    addresses: Addresses;
    /** Logs that are checked: base URLs of gateways, or logs that were read from elsewhere. */
    logs: readonly (string | PublishedLog)[];
  };
}

/** Verifies a seller's books against the chain: everything of the public audit, and every request and receipt. */
export async function verifyBooks(options: verifyBooks.Options): Promise<Report.Report> {
  const { client, addresses, ledger, seller } = options;
  const collector = Report.collect();
  const state = await verifyChain(client, addresses, collector);
  const receipts = checkBooks(
    ledger,
    state,
    {
      place: { chainId: addresses.chainId, settlement: addresses.settlement },
      domain: Receipt.domainOf(addresses.chainId, addresses.logs),
      seller,
      now: Date.now(),
      recover,
      keyOf: await readKeys(client, addresses, seller),
    },
    collector,
  );
  const heads = headsOf(state, seller, options.log ?? 0);
  const size = checkLog(
    receipts.map((row) => row.hash),
    heads,
    collector,
  );
  collector.prove(
    'X6',
    `${size} of ${count(receipts.length, 'receipt')} under ${count(heads.length, 'anchored head')}`,
  );
  return {
    proofs: collector.proofs,
    residuals: collector.residuals,
    unseen: [
      'What the model answered: receipts hold salted hashes, which the buyer can compare with the bytes it got.',
      ...(size < receipts.length ? [`${count(receipts.length - size, 'receipt')} not anchored yet.`] : []),
    ],
    payments: receipts.map(toPayment),
    payees: payeesOf(state),
  };
}

export declare namespace verifyBooks {
  type Options = {
    client: Client;
    addresses: Addresses;
    ledger: Ledger.Ledger;
    seller: Address;
    /** Number of the seller's receipt log, 0 unless given. */
    log?: number;
  };
}

async function verifyChain(client: Client, addresses: Addresses, collector: Report.Collector): Promise<History.State> {
  const blockNumber = await client.getBlockNumber({ cacheTime: 0 });
  const state = History.replay(await readHistory(client, addresses, blockNumber), addresses.token);
  const balances = await readBalances({ client, addresses, blockNumber }, state);
  checkMoney(state, balances, collector);
  checkLicences(state, balances, collector);
  return state;
}

async function readKeys(client: Client, addresses: Addresses, seller: Address) {
  const events = await client.getContractEvents({
    address: addresses.logs,
    abi: logsAbi,
    fromBlock: addresses.deployedAtBlock,
  });
  const keys = new Map<string, { notBefore: bigint; notAfter: bigint }>();
  for (const { eventName, args } of events) {
    const row = args as { seller?: Address; key?: Address; notBefore?: number; notAfter?: number };
    if (!isSameAddress(row.seller, seller) || !row.key) continue;
    const known = keys.get(row.key.toLowerCase());
    if (eventName === 'Register')
      keys.set(row.key.toLowerCase(), { notBefore: BigInt(row.notBefore ?? 0), notAfter: BigInt(row.notAfter ?? 0) });
    if (eventName === 'Revoke' && known)
      keys.set(row.key.toLowerCase(), { ...known, notAfter: BigInt(row.notAfter ?? 0) });
  }
  return (key: Address) => keys.get(key.toLowerCase());
}

function headsOf(state: History.State, seller: Address, log: number): readonly History.Head[] {
  return state.heads.filter((head) => isSameAddress(head.seller, seller) && head.log === log);
}

function toPayment(row: Ledger.ReceiptRow): Report.Payment {
  const receipt = Receipt.parse(row.body);
  return {
    receipt: row.hash as Hex,
    payer: receipt.payer,
    asset: receipt.asset,
    price: receipt.price,
    status: Receipt.statuses[receipt.status] ?? `${receipt.status}`,
    payTo: receipt.payTo,
  };
}
