import type { Hex } from 'viem';
import { encodeFunctionData } from 'viem/utils';
import { channelsAbi } from '../../../chain/abi/index.ts';
import * as Json from '../../../internal/Json.ts';
import { sign } from '../../../internal/node/secp256k1.ts';
import type * as Ledger from '../../../pay/Ledger.ts';
import * as Claim from '../../Claim.ts';
import * as Call from '../Call.ts';
import type { Context } from '../Context.ts';
import type { Kind } from './Kind.ts';

/** What is stored of a channel in a claim. */
type Stored = {
  readonly id: Hex;
  readonly config: Ledger.ChannelRow['config'];
  readonly max: string;
  readonly total: string;
  readonly signature: Hex;
};

/** Claims what was charged on up to 100 channels. */
export const claim: Kind = {
  beyondGas: 'wait',
  async prepare(context, job) {
    const channels = (JSON.parse(job.payload) as readonly Stored[]).map(fromStored);
    for (const channel of channels) Call.assertChannel(channel.config, channel.id, context.limits);
    return { call: { to: context.config.addresses.settlement, data: encodeClaim(context, channels), atoms: 0n } };
  },
};

/** The channels that a claim is about. */
export function channelsOf(job: Pick<Ledger.OutboxRow, 'payload'>): readonly Hex[] {
  return (JSON.parse(job.payload) as readonly Stored[]).map(({ id }) => id);
}

/** Outbox row of a claim; its key is the digest of the rows, so that the same claim is made once. */
export function rowOf(context: Pick<Context, 'place'>, channels: readonly Ledger.ChannelRow[]): Ledger.OutboxRow {
  const stored: readonly Stored[] = channels.map(({ id, config, max, signature, ...rest }) => ({
    id,
    config,
    max: max.toString(),
    total: Claim.totalOf({ id, config, max, signature, ...rest }).toString(),
    signature,
  }));
  return { kind: 'claim', key: `claim:${Claim.digest(channels, context.place)}`, payload: Json.canonical(stored) };
}

/** Calldata of a claim under the authorizer's signature. */
export function encodeClaim(context: Pick<Context, 'place' | 'config'>, channels: readonly Ledger.ChannelRow[]): Hex {
  const signature = sign(Claim.digest(channels, context.place), context.config.key);
  return encodeFunctionData({
    abi: channelsAbi,
    functionName: 'claimWithSignature',
    args: [Claim.toRows(channels), signature],
  });
}

function fromStored(stored: Stored): Ledger.ChannelRow {
  const [max, total] = [BigInt(stored.max), BigInt(stored.total)];
  return {
    id: stored.id,
    config: stored.config,
    state: 'open',
    max,
    signature: stored.signature,
    charged: total,
    balance: total,
    confirmed: total,
    claimed: 0n,
    refundNonce: 0n,
    withdrawInitiatedAt: 0n,
    unclaimedSince: 0n,
  };
}
