import type { Hex } from 'viem';
import * as Json from '../../internal/Json.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import * as Receipt from '../Receipt.ts';
import type { Seller } from './Seller.ts';

/** What a receipt says besides its place in the ledger. */
export type Draft = Omit<
  Receipt.Receipt,
  'seller' | 'rail' | 'account' | 'payer' | 'requestId' | 'seq' | 'prev' | 'price' | 'cumulative' | 'status'
>;

/** Ends requests. */
export type Committer = {
  /** Charges a request and resolves with its signed receipt when both are durable. */
  commit(outcome: Ledger.Outcome, draft: Draft): Promise<Ledger.ReceiptRow>;
};

type Pending = {
  outcome: Ledger.Outcome;
  draft: Draft;
  resolve: (row: Ledger.ReceiptRow) => void;
  reject: (error: unknown) => void;
};

const railNumber: Record<Ledger.Rail, number> = { free: 0, channel: 1, exact: 2, licence: 3, job: 4 };

/** Collects what ends at the same time into one write of the ledger with one signature. */
export function createCommitter(options: createCommitter.Options): Committer {
  const pending: Pending[] = [];
  let scheduled = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  }

  function flush(): void {
    scheduled = false;
    const batch = pending.splice(0, Receipt.maxBatch);
    if (pending.length > 0) schedule();
    store(options, batch).catch((error: unknown) => {
      // One outcome that cannot be stored must not take the others with it.
      for (const item of batch) batch.length === 1 ? item.reject(error) : store(options, [item]).catch(item.reject);
    });
  }

  return {
    commit: (outcome, draft) =>
      new Promise((resolve, reject) => {
        pending.push({ outcome, draft, resolve, reject });
        schedule();
      }),
  };
}

export declare namespace createCommitter {
  type Options = { ledger: Ledger.Ledger; seller: Seller; sign: (digest: Hex) => Hex };
}

async function store({ ledger, seller, sign }: createCommitter.Options, batch: readonly Pending[]): Promise<void> {
  const items = new Map(batch.map((item) => [item.outcome.requestId, item]));
  const sealer: Ledger.Sealer = {
    write(link) {
      const receipt = write(seller, link, items.get(link.request.id) as Pending);
      return { hash: Receipt.hash(receipt), body: Receipt.serialize(receipt) };
    },
    sign: (hashes) => Receipt.signBatch(hashes, seller.domain, sign).map((proof) => Json.canonical(proof)),
  };
  const outcomes = batch.map((item) => item.outcome);
  for (const [i, row] of (await ledger.commit(outcomes, sealer)).entries()) batch[i]?.resolve(row);
}

function write(seller: Seller, link: Ledger.Link, { draft, outcome }: Pending): Receipt.Receipt {
  return {
    ...draft,
    seller: seller.address,
    rail: railNumber[link.request.rail],
    account: link.request.account,
    payer: link.request.payer,
    requestId: link.request.id,
    seq: link.seq,
    prev: link.prev,
    price: outcome.price,
    cumulative: link.cumulative,
    status: outcome.outcome,
  };
}
