import { channelsAbi } from '../../chain/abi/index.ts';
import { limits } from './Config.ts';
import type { Context } from './Context.ts';

/** Blocks that are looked at again, in case they were replaced. */
const margin = 64n;

/**
 * Looks for payers that began to withdraw, in the chain itself: the gateway that would note it in the ledger may be
 * down. Such a channel is claimed at once.
 */
export async function watchWithdrawals({ client, config, jobs, ledger, log }: Context): Promise<void> {
  const head = await client.getBlockNumber();
  const seen = BigInt(jobs.note('withdrawals') ?? config.addresses.deployedAtBlock);
  if (head === seen) return;
  const from = seen > margin ? seen - margin : 0n;
  const to = head - from > limits.logRange ? from + limits.logRange : head;
  const events = await client.getContractEvents({
    address: config.addresses.settlement,
    abi: channelsAbi,
    eventName: 'WithdrawInitiated',
    fromBlock: from < to ? from : to,
    toBlock: to,
    strict: true,
  });
  for (const { args } of events) {
    const name = `leaving:${args.channelId}`;
    if (jobs.note(name) !== undefined || !ledger.channel(args.channelId)) continue;
    log.info({ channel: args.channelId }, 'a payer is leaving');
    await jobs.setNote(name, String(args.finalizeAfter));
  }
  await jobs.setNote('withdrawals', String(to));
}
