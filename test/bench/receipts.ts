/**
 * What a receipt costs the gateway, in microseconds of processor time: `npm run bench:receipts`. Requests are ended in one
 * write of a ledger on disk, with a signature for each receipt or one for all, at batches of 1, 16 and 64.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hex } from 'viem';
import * as Receipt from '../../src/infer/Receipt.ts';
import * as Json from '../../src/internal/Json.ts';
import { sign } from '../../src/internal/node/secp256k1.ts';
import type * as Ledger from '../../src/pay/Ledger.ts';
import { openLedger } from '../../src/pay/openLedger.ts';
import { outcome, payer, transfer, word } from '../actors/ledgerRequests.ts';

const key = word(7);
const domain = Receipt.domainOf(31337, payer);
const receipts = 1_024;

/** A sealer that signs every receipt, or the root of all of a write. */
function sealerOf(each: boolean): Ledger.Sealer {
  const signAll = (hashes: readonly Hex[]) => Receipt.signBatch(hashes, domain, (digest) => sign(digest, key));
  return {
    write({ request, seq, prev, cumulative }) {
      const receipt: Receipt.Receipt = {
        ...blank,
        account: request.account,
        requestId: request.id,
        seq,
        prev,
        cumulative,
      };
      return { hash: Receipt.hash(receipt), body: Receipt.serialize(receipt) };
    },
    sign(hashes) {
      const proofs = each ? hashes.flatMap((hash) => signAll([hash])) : signAll(hashes);
      return proofs.map((proof) => Json.canonical(proof));
    },
  };
}

const blank: Receipt.Receipt = {
  seller: payer,
  rail: 2,
  account: word(0),
  payer,
  agent: payer,
  requestId: word(0),
  seq: 0n,
  prev: word(0),
  requestHash: word(1),
  responseHash: word(2),
  asset: 1n,
  version: 1,
  manifestRoot: word(3),
  quoteHash: word(4),
  token: payer,
  payTo: payer,
  inputUnits: 1n,
  outputUnits: 1n,
  price: 5n,
  cumulative: 5n,
  startedAt: 1n,
  ttftMs: 1,
  totalMs: 1,
  status: 0,
};

async function time(batch: number, each: boolean): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'receipts-'));
  const ledger = openLedger(join(folder, 'ledger.db'));
  const ids = Array.from({ length: receipts }, (_, index) => word(index + 1));
  for (const id of ids) await ledger.admit(transfer(id, id));
  const sealer = sealerOf(each);
  const before = process.cpuUsage();
  for (let from = 0; from < receipts; from += batch)
    await ledger.commit(
      ids.slice(from, from + batch).map((id) => outcome(id, 5n)),
      sealer,
    );
  const { user, system } = process.cpuUsage(before);
  await ledger.close();
  await rm(folder, { recursive: true });
  return (user + system) / receipts;
}

await time(64, true);
console.log('batch   one signature each   one for all   microseconds a receipt, ledger included');
for (const batch of [1, 16, 64]) {
  const [each, all] = [await time(batch, true), await time(batch, false)];
  console.log(`${`${batch}`.padStart(5)}   ${each.toFixed(0).padStart(18)}   ${all.toFixed(0).padStart(11)}`);
}
