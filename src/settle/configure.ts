import type { Account, Address, Hash } from 'viem';
import { vaultsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { readEvents } from '../chain/readEvents.ts';
import { send } from '../chain/send.ts';
import { findCurrent } from './findCurrent.ts';
import * as Split from './Split.ts';

/**
 * Shares what an account earns from now on. A first configuration, and one by which nobody but the owner loses, is done
 * at once. Any other is announced; the same call does it when the dispute window of the shares in force has passed since,
 * within thirty days, after which it is announced anew.
 */
export async function configure(client: Client<Account>, options: configure.Options): Promise<configure.ReturnType> {
  const { vaults, account, payees, window, tokens } = options;
  const contract = { address: vaults, abi: vaultsAbi } as const;
  const current = await findCurrent(client, options);
  if (!current || Split.keepsAll(current, payees, current.owner)) {
    // Before the first configuration there is nothing to harvest, and a harvest would record the default split.
    const args = [account, payees, window, current ? tokens : [], current ?? Split.none] as const;
    return { status: 'configured', hash: (await send(client, { ...contract, functionName: 'configure', args })).hash };
  }
  const usableFrom = await findAnnounced(client, options);
  const { timestamp } = await client.getBlock();
  if (usableFrom === undefined || timestamp > usableFrom + announcedFor) {
    const { hash } = await send(client, { ...contract, functionName: 'announce', args: [account, payees] });
    return { status: 'announced', usableFrom: (await findAnnounced(client, options)) ?? 0n, hash };
  }
  if (timestamp < usableFrom) return { status: 'announced', usableFrom };
  const args = [account, payees, window, tokens, Split.none] as const;
  return { status: 'configured', hash: (await send(client, { ...contract, functionName: 'configure', args })).hash };
}

/** Seconds for which an announcement can be used once it can: `WINDOW_CEILING` of the vaults. */
const announcedFor = 30n * 86_400n;

export declare namespace configure {
  type Options = {
    readonly vaults: Address;
    readonly account: bigint;
    /** Ascending by account; with the protocol fee they are 10,000 basis points. */
    readonly payees: readonly Split.Payee[];
    /** Seconds for which money waits. */
    readonly window: number;
    /** Tokens to harvest by the shares so far; at most 8. */
    readonly tokens: readonly Address[];
    /** First block to look at, 0 unless given. */
    readonly fromBlock?: bigint;
  };
  /** Without a hash, the change was announced before and has to wait. Times are unix seconds. */
  type ReturnType =
    | { readonly status: 'configured'; readonly hash: Hash }
    | { readonly status: 'announced'; readonly usableFrom: bigint; readonly hash?: Hash };
  type ErrorType = send.ErrorType;
}

/** When these payees can be configured, undefined when they are not what was announced last. */
async function findAnnounced(client: Client, options: configure.Options): Promise<bigint | undefined> {
  const { vaults, account, payees, fromBlock = 0n } = options;
  const contract = { address: vaults, abi: vaultsAbi } as const;
  const query = { ...contract, eventName: 'Announce', args: { account }, fromBlock } as const;
  const last = (await readEvents(client, query)).at(-1)?.args;
  const [, usableFrom] = await client.readContract({ ...contract, functionName: 'announcementOf', args: [account] });
  if (!last || last.usableFrom !== usableFrom || !Split.isSame(last.payees, payees)) return undefined;
  return BigInt(usableFrom);
}
