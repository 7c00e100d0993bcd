import type { Address, Hex } from 'viem';
import type { Addresses } from '../../chain/Addresses.ts';
import { channelsAbi, licensesAbi, logsAbi } from '../../chain/abi/index.ts';
import type { Client } from '../../chain/client.ts';
import type { Anchored } from './anchor.ts';
import type { ChainReader } from './Deps.ts';
import { ProblemError } from './Problem.ts';
import type { ChainFeed } from './watchChannels.ts';

/** Milliseconds for which a licence that was found valid is not asked about again. */
const licenceCacheMs = 1_000;

/** Reads channels and licences from the chain. A chain that does not answer is a refusal: new credit needs it. */
export function readChain(client: Client, addresses: Addresses): ChainReader {
  const valid = new Map<string, number>();
  return {
    channel: (id) => answered(readChannel(client, addresses, id)),
    async holds(termsId, holder) {
      const key = `${termsId}${holder}`;
      const now = Date.now();
      if ((valid.get(key) ?? 0) > now) return true;
      const holds = await answered(readLicence(client, addresses, { termsId, holder, now }));
      if (holds) valid.set(key, now + licenceCacheMs);
      else valid.delete(key);
      return holds;
    },
  };
}

async function readChannel(client: Client, addresses: Addresses, id: Hex) {
  const settlement = { address: addresses.settlement, abi: channelsAbi } as const;
  const [[balance, claimed], [, withdrawInitiatedAt], refundNonce, withdrawn] = await Promise.all([
    client.readContract({ ...settlement, functionName: 'channels', args: [id] }),
    client.readContract({ ...settlement, functionName: 'pendingWithdrawals', args: [id] }),
    client.readContract({ ...settlement, functionName: 'refundNonce', args: [id] }),
    client.getContractEvents({
      ...settlement,
      eventName: 'WithdrawFinalized',
      args: { channelId: id },
      fromBlock: addresses.deployedAtBlock,
    }),
  ]);
  const dead = refundNonce > 0n || withdrawn.length > 0;
  return { balance, claimed, refundNonce, withdrawInitiatedAt: BigInt(withdrawInitiatedAt), dead };
}

/** Whether a licence is valid by the later of chain time and clock, so that neither being late prolongs it. */
async function readLicence(
  client: Client,
  addresses: Addresses,
  options: { termsId: Hex; holder: Address; now: number },
) {
  const { timestamp } = await client.getBlock();
  const clock = BigInt(Math.floor(options.now / 1_000));
  return client.readContract({
    address: addresses.licenses,
    abi: licensesAbi,
    functionName: 'isValid',
    args: [options.termsId, options.holder, Number(timestamp > clock ? timestamp : clock)],
  });
}

async function answered<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    throw new ProblemError(503, 'The chain does not answer, so nothing new can be trusted.', {
      code: 'chain.unavailable',
      cause,
      hint: 'Channels that this gateway knows are served on. Try again soon.',
      retryAfter: 2,
    });
  }
}

/** Follows the channels' events and notices rewritten history by the hash of the last block seen. */
export function followChannels(client: Client, addresses: Addresses): ChainFeed {
  let last: { number: bigint; hash: Hex } | undefined;
  return {
    forget() {
      last = undefined;
    },
    async next() {
      const head = await client.getBlock();
      const seen = last;
      if (!seen) {
        last = { number: head.number, hash: head.hash };
        return 'all';
      }
      if (head.number === seen.number && head.hash === seen.hash) return [];
      const intact =
        head.number > seen.number && (await client.getBlock({ blockNumber: seen.number })).hash === seen.hash;
      const events = intact
        ? await client.getContractEvents({
            address: addresses.settlement,
            abi: channelsAbi,
            fromBlock: seen.number + 1n,
            toBlock: head.number,
          })
        : [];
      last = { number: head.number, hash: head.hash };
      return intact
        ? events.flatMap((event) => ('channelId' in event.args ? [event.args.channelId as Hex] : []))
        : 'all';
    },
  };
}

/** The last anchored head of a seller's log. */
export async function readAnchored(client: Client, logs: Address, seller: Address, log: number): Promise<Anchored> {
  const [epoch, size] = await client.readContract({
    address: logs,
    abi: logsAbi,
    functionName: 'latestOf',
    args: [seller, log],
  });
  return { epoch, size };
}
