import { encodeFunctionData } from 'viem/utils';
import { logsAbi } from '../../../chain/abi/index.ts';
import * as ReceiptLog from '../../../infer/ReceiptLog.ts';
import { isSameAddress } from '../../../internal/isSameAddress.ts';
import * as Outbox from '../../../pay/Outbox.ts';
import * as Call from '../Call.ts';
import { limits } from '../Config.ts';
import type { Kind } from './Kind.ts';

/** Anchors a signed head of the seller's receipt log. */
export const anchor: Kind = {
  beyondGas: 'wait',
  async prepare({ config }, job) {
    const { head, signature } = Outbox.parse(ReceiptLog.outboxKind, job);
    if (!isSameAddress(head.seller, config.seller)) throw new Call.NotAllowedError(`the log of ${head.seller}`);
    const data = encodeFunctionData({ abi: logsAbi, functionName: 'post', args: [head, signature] });
    return { call: { to: config.addresses.logs, data, atoms: 0n } };
  },
  async findDone({ client, config }, job) {
    const { head } = Outbox.parse(ReceiptLog.outboxKind, job);
    const block = await client.getBlockNumber();
    const events = await client.getContractEvents({
      address: config.addresses.logs,
      abi: logsAbi,
      eventName: 'Post',
      args: { seller: head.seller, log: head.log, epoch: head.epoch },
      fromBlock: block > limits.logRange ? block - limits.logRange : 0n,
      toBlock: block,
    });
    return events.find(({ args }) => args.root === head.root && args.size === head.size)?.transactionHash;
  },
};
