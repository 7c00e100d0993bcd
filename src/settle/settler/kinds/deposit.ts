import { encodeFunctionData, parseEventLogs } from 'viem/utils';
import { channelsAbi } from '../../../chain/abi/index.ts';
import * as Outbox from '../../../pay/Outbox.ts';
import * as Call from '../Call.ts';
import { findAuthorized } from './findAuthorized.ts';
import type { Kind } from './Kind.ts';

/** Moves a deposit that the payer signed into a channel of the seller. */
export const deposit: Kind = {
  beyondGas: 'fail',
  atRisk: (job) => Outbox.parse(Outbox.deposit, job).amount,
  async prepare({ config, limits }, job) {
    const payload = Outbox.parse(Outbox.deposit, job);
    Call.assertChannel(payload.config, payload.channelId, limits);
    Call.assertCollector(payload.collector, limits);
    const data = encodeFunctionData({
      abi: channelsAbi,
      functionName: 'deposit',
      args: [payload.config, payload.amount, payload.collector, payload.collectorData],
    });
    return { call: { to: config.addresses.settlement, data, atoms: 0n } };
  },
  findDone({ client }, job) {
    const { config, nonce, channelId, amount } = Outbox.parse(Outbox.deposit, job);
    return findAuthorized(client, {
      token: config.token,
      payer: config.payer,
      nonce,
      accept: (logs) =>
        parseEventLogs({ abi: channelsAbi, eventName: 'Deposited', logs }).some(
          ({ args }) => args.channelId === channelId && args.amount === amount,
        ),
    });
  },
};
