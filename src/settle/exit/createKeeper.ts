import type { Address } from 'viem';
import type { Addresses } from '../../chain/Addresses.ts';
import { vaultsAbi } from '../../chain/abi/index.ts';
import type { Client } from '../../chain/client.ts';
import { readEvents } from '../../chain/readEvents.ts';
import type { Keeper } from '../../infer/gateway/Keeper.ts';
import type * as Ledger from '../../pay/Ledger.ts';
import { findSplits } from '../findSplits.ts';
import { assertCurrent } from './assertCurrent.ts';
import { copyLedger, type Position } from './copyLedger.ts';
import type * as Export from './Export.ts';
import { openExport, type Writer } from './openExport.ts';
import { readTail } from './readTail.ts';

/** Milliseconds between two looks at the splits of the seller's accounts. */
const splitsMs = 60_000;
/** Blocks that may have been rewritten since the last look. */
const rewritten = 64n;

/**
 * Keeps a seller's export current: what a gateway hands in to `startGateway`. It refuses to begin on a ledger that is
 * older than the export or than what is on chain.
 */
export function createKeeper(options: createKeeper.Options): Keeper {
  const { file, client, addresses, seller, log = 0 } = options;
  let state: { ledger: Ledger.Ledger; writer: Writer; position: Position } | undefined;
  const copySplits = splitCopier(options);
  return {
    async begin(ledger) {
      const tail = await readTail(file);
      await assertCurrent(ledger, {
        place: { client, config: { addresses } },
        log: { logs: addresses.logs, seller, number: log },
        tail,
      });
      const writer = await openExport(file, { person: seller, addresses });
      state = { ledger, writer, position: { receipts: tail.receipts, row: tail.row, vouchers: new Map() } };
      await writer.append(options.accounts.map((account) => ({ kind: 'account', account })));
    },
    async update() {
      if (!state) return;
      await copyLedger(state.ledger, state.writer, state.position);
      await copySplits(state.writer);
    },
  };
}

export declare namespace createKeeper {
  type Options = {
    readonly file: string;
    readonly client: Client;
    readonly addresses: Addresses;
    readonly seller: Address;
    /** Vault accounts that the gateway's payments go to. */
    readonly accounts: readonly bigint[];
    /** Number of the receipt log, 0 unless given. */
    readonly log?: number;
  };
  type ErrorType = assertCurrent.ErrorType | openExport.ErrorType;
}

/** Adds splits that were not written yet, every now and then: the chain has them too, for who can read its events. */
function splitCopier({ client, addresses, accounts }: createKeeper.Options): (writer: Writer) => Promise<void> {
  const written = new Set<string>();
  const lookedTo = new Map<bigint, bigint>();
  let lookedAt = 0;

  /** Whether money of an account may have gone by a split that is not known yet. */
  async function hasNews(account: bigint): Promise<boolean> {
    const before = lookedTo.get(account);
    lookedTo.set(account, await client.getBlockNumber({ cacheTime: 0 }));
    if (before === undefined) return true;
    const fromBlock = before > rewritten ? before - rewritten : 0n;
    const common = { address: addresses.vaults, abi: vaultsAbi, args: { account }, fromBlock } as const;
    const news = await Promise.all(
      (['Configure', 'Harvest', 'Cascade'] as const).map((eventName) => readEvents(client, { ...common, eventName })),
    );
    return news.some(({ length }) => length > 0);
  }

  return async (writer) => {
    if (Date.now() - lookedAt < splitsMs) return;
    lookedAt = Date.now();
    for (const account of accounts) {
      if (!(await hasNews(account))) continue;
      const query = { vaults: addresses.vaults, account, fromBlock: addresses.deployedAtBlock };
      const fresh = (await findSplits(client, query)).filter(({ splitId }) => !written.has(`${account}:${splitId}`));
      await writer.append(fresh.map(({ split }): Export.Entry => ({ kind: 'split', account, split })));
      for (const { splitId } of fresh) written.add(`${account}:${splitId}`);
    }
  };
}
