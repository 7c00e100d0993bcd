import { encodeFunctionData } from 'viem/utils';
import { channelsAbi } from '../../../chain/abi/index.ts';
import { BaseError } from '../../../internal/Errors.ts';
import { sign } from '../../../internal/node/secp256k1.ts';
import * as Outbox from '../../../pay/Outbox.ts';
import * as Voucher from '../../../pay/Voucher.ts';
import * as Claim from '../../Claim.ts';
import { readChannels } from '../../readChannels.ts';
import * as Call from '../Call.ts';
import { encodeClaim } from './claim.ts';
import type { Kind } from './Kind.ts';

/** Claims what was charged on a channel and gives the rest back to its payer, in one transaction. */
export const refund: Kind = {
  beyondGas: 'wait',
  async prepare(context, job) {
    const payload = Outbox.parse(Outbox.refund, job);
    const row = context.ledger.channel(payload.channelId);
    if (!row) throw new UnknownChannelError(payload.channelId);
    Call.assertChannel(row.config, row.id, context.limits);
    const [channel] = await readChannels(context, [row]);
    if (!channel) throw new UnknownChannelError(payload.channelId);
    const parts = Claim.unclaimed(channel) > 0n ? [encodeClaim(context, [channel])] : [];
    const signature = sign(Voucher.refundDigest(payload, context.place), context.config.key);
    parts.push(
      encodeFunctionData({
        abi: channelsAbi,
        functionName: 'refundWithSignature',
        args: [channel.config, payload.amount, payload.nonce, signature],
      }),
    );
    return { call: Call.multicall(context.config.addresses.settlement, parts, payload.amount) };
  },
};

/** The ledger knows no such channel. */
export class UnknownChannelError extends BaseError {
  override readonly name = 'refund.UnknownChannelError';
  constructor(id: string) {
    super(`The ledger has no channel ${id}.`, { code: 'settler.unknown_channel' });
  }
}
