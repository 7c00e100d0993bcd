import { type Address, type Hex, parseAbi, RpcRequestError, BaseError as ViemError } from 'viem';
import { encodeFunctionData } from 'viem/utils';
import type { Addresses } from '../../chain/Addresses.ts';
import { channelsAbi, logsAbi } from '../../chain/abi/index.ts';
import type { Client } from '../../chain/client.ts';
import { readOffers } from '../../license/readOffers.ts';
import type { Anchored } from './anchor.ts';
import type { ChainReader, Deps, Sold } from './Deps.ts';
import type { Limits } from './Limits.ts';
import { chainUnavailable } from './Problem.ts';
import { type Held, readLicence } from './readLicence.ts';
import type { ChainFeed } from './watchChannels.ts';

const erc1271Abi = parseAbi(['function isValidSignature(bytes32 digest, bytes signature) view returns (bytes4)']);

type Clocks = Pick<Deps, 'now' | 'passed'>;

/** Reads channels, licences and offers from the chain. A chain that does not answer is a refusal: new credit needs it. */
export function readChain(client: Client, addresses: Addresses, limits: Limits, clocks: Clocks): ChainReader {
  return {
    channel: (id) => answered(readChannel(client, addresses, id, limits.confirmations)),
    licence: createLicences(client, addresses, limits.headMs, clocks),
    sold: createOffers(client, addresses, limits.watchMs, clocks),
    accepts: (wallet, digest, signature) =>
      answered(isAccepted(client, { wallet, digest, signature, gas: limits.signatureGas })),
  };
}

/**
 * Offers, which never change once they are found. An asset's are looked for at most each `pauseMs`, whoever asks; a look
 * that failed is made again by the next who asks.
 */
function createOffers(client: Client, addresses: Addresses, pauseMs: number, { passed }: Clocks): ChainReader['sold'] {
  const known = new Map<Hex, Sold>();
  const looks = new Map<bigint, { until: number; look: Promise<void> }>();

  async function find(asset: bigint): Promise<void> {
    for (const offer of await answered(readOffers(client, { addresses, asset }))) known.set(offer.termsId, offer);
  }

  async function look(asset: bigint): Promise<void> {
    const last = looks.get(asset);
    const current = last && last.until > passed() ? last : { until: passed() + pauseMs, look: find(asset) };
    looks.set(asset, current);
    try {
      await current.look;
    } catch (error) {
      if (looks.get(asset) === current) looks.delete(asset);
      throw error;
    }
  }

  return async (asset, termsId) => {
    if (!known.has(termsId)) await look(asset);
    const offer = known.get(termsId);
    return offer?.terms.asset === asset ? offer : undefined;
  };
}

/**
 * Licences, each read once a block: at a new block every one is read again. The newest block is asked for at most each
 * `headMs`, and at once before a licence is said to be invalid: it may have been bought a moment ago. Validity is by
 * the later of chain time and clock, so that neither being late prolongs it.
 */
function createLicences(
  client: Client,
  addresses: Addresses,
  headMs: number,
  { now, passed }: Clocks,
): ChainReader['licence'] {
  const known = new Map<string, Promise<Held>>();
  let head: { hash: Hex; timestamp: bigint; until: number } | undefined;

  async function clock(fresh: boolean): Promise<number> {
    if (fresh || !head || head.until <= passed()) {
      const { hash, timestamp } = await answered(client.getBlock());
      if (hash !== head?.hash) known.clear();
      head = { hash, timestamp, until: passed() + headMs };
    }
    return Math.max(Number(head.timestamp), Math.floor(now() / 1_000));
  }

  return async (claimed) => {
    const { termsId, holder, tokenId = '' } = claimed;
    const key = `${termsId}${holder.toLowerCase()}${tokenId}`;
    const read = async (fresh: boolean): Promise<Held> => {
      const at = await clock(fresh);
      const reading = known.get(key) ?? answered(readLicence(client, addresses, { ...claimed, at }));
      known.set(key, reading);
      reading.catch(() => known.delete(key));
      const held = await reading;
      return { ...held, valid: held.valid && at < held.end };
    };
    const held = await read(false);
    return held.valid ? held : read(true);
  };
}

/** A wallet that reverts, or answers anything but the magic value within its gas, accepts nothing. */
async function isAccepted(
  client: Client,
  { wallet, digest, signature, gas }: { wallet: Address; digest: Hex; signature: Hex; gas: bigint },
): Promise<boolean> {
  const code = await client.getCode({ address: wallet });
  if (code === undefined) return false;
  const data = encodeFunctionData({ abi: erc1271Abi, args: [digest, signature] });
  const answer = await client.call({ to: wallet, data, gas }).catch((error: unknown) => {
    if (isRevert(error)) return undefined;
    throw error;
  });
  return answer?.data === `0x1626ba7e${'0'.repeat(56)}`;
}

function isRevert(error: unknown): boolean {
  return error instanceof ViemError && error.walk((cause) => cause instanceof RpcRequestError) !== null;
}

async function readChannel(client: Client, addresses: Addresses, id: Hex, confirmations: number) {
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
  const deep = confirmations === 0 ? balance : await readDeep(client, addresses, id, confirmations);
  return {
    balance,
    confirmed: deep < balance ? deep : balance,
    claimed,
    refundNonce,
    withdrawInitiatedAt: BigInt(withdrawInitiatedAt),
    dead,
  };
}

/** Balance of a channel some blocks ago. */
async function readDeep(client: Client, addresses: Addresses, id: Hex, confirmations: number): Promise<bigint> {
  const blockNumber = (await client.getBlockNumber({ cacheTime: 0 })) - BigInt(confirmations);
  if (blockNumber < addresses.deployedAtBlock) return 0n;
  const settlement = { address: addresses.settlement, abi: channelsAbi, blockNumber } as const;
  const [balance] = await client.readContract({ ...settlement, functionName: 'channels', args: [id] });
  return balance;
}

async function answered<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    throw chainUnavailable(cause);
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
