import type { Hex } from 'viem';
import { encodeFunctionData } from 'viem/utils';
import { vaultsAbi } from '../../../chain/abi/index.ts';
import * as CreditNote from '../../../infer/CreditNote.ts';
import * as Receipt from '../../../infer/Receipt.ts';
import { BaseError } from '../../../internal/Errors.ts';
import { isSameAddress } from '../../../internal/isSameAddress.ts';
import * as Outbox from '../../../pay/Outbox.ts';
import * as Claim from '../../Claim.ts';
import { findSplits } from '../../findSplits.ts';
import { readChannels } from '../../readChannels.ts';
import { readWaiting } from '../../readWaiting.ts';
import * as Split from '../../Split.ts';
import * as Call from '../Call.ts';
import { limits } from '../Config.ts';
import { type Context, purse } from '../Context.ts';
import type { Job } from '../jobs.ts';
import type { Kind } from './Kind.ts';

/** Pays a credit note out of the vault, from money that is still within its window. */
export const credit: Kind = {
  beyondGas: 'wait',
  async prepare(context, job) {
    const payload = Outbox.parse(CreditNote.outboxKind, job);
    const { receipt, proof } = readReceipt(context, payload);
    const account = assertReceipt(context, receipt);
    const refunded = await readRefunded(context, payload);
    const owed = payload.amount - refunded;
    const ring = await findRing(context, receipt, account);
    if (ring.immature < owed && payload.amount <= receipt.price) {
      const wait = await demandMoney(context, receipt, account, job);
      if (wait) return { wait };
    }
    const note = {
      receipt,
      path: proof.path,
      batchSignature: proof.signature,
      credit: payload.amount,
      noteSignature: payload.signature,
    };
    const data = encodeFunctionData({ abi: vaultsAbi, functionName: 'refund', args: [note, account, ring.terms] });
    return { call: { to: context.config.addresses.vaults, data, atoms: owed > 0n ? owed : 0n } };
  },
  async findDone(context, job) {
    const payload = Outbox.parse(CreditNote.outboxKind, job);
    if ((await readRefunded(context, payload)) < payload.amount) return undefined;
    const head = await context.client.getBlockNumber();
    const events = await context.client.getContractEvents({
      address: context.config.addresses.vaults,
      abi: vaultsAbi,
      eventName: 'Refund',
      args: { receipt: payload.receiptHash },
      fromBlock: head > limits.logRange ? head - limits.logRange : 0n,
      toBlock: head,
    });
    return events.at(-1)?.transactionHash;
  },
};

/** The receipt that a note is about, from the ledger; it must be the very one whose hash was signed. */
function readReceipt({ ledger }: Context, payload: CreditNote.Credit) {
  const row = ledger.receiptOf(payload.requestId);
  const receipt = row && Receipt.parse(row.body);
  if (!receipt || Receipt.hash(receipt) !== payload.receiptHash) throw new UnknownReceiptError(payload.requestId);
  return { receipt, proof: Receipt.parseProof(row.proof) };
}

function assertReceipt({ accounts, config, limits }: Context, receipt: Receipt.Receipt): bigint {
  Call.assertToken(receipt.token, limits);
  if (!isSameAddress(receipt.seller, config.seller)) throw new Call.NotAllowedError(`the receipt of ${receipt.seller}`);
  const account = accounts.get(receipt.payTo.toLowerCase());
  if (account === undefined) throw new Call.NotAllowedError(`the payout address ${receipt.payTo}`);
  return account;
}

function readRefunded({ client, config }: Context, payload: CreditNote.Credit): Promise<bigint> {
  return client.readContract({
    address: config.addresses.vaults,
    abi: vaultsAbi,
    functionName: 'refundedOf',
    args: [payload.receiptHash],
  });
}

type Ring = { readonly terms: Split.Terms; readonly immature: bigint };

/** The terms under which most of the account's money waits: the present ones, or those of before a change. */
async function findRing(context: Context, receipt: Receipt.Receipt, account: bigint): Promise<Ring> {
  const { client, config } = context;
  const vaults = { address: config.addresses.vaults, abi: vaultsAbi } as const;
  const current = await client.readContract({ ...vaults, functionName: 'termsOf', args: [account] });
  const found = await findSplits(client, {
    vaults: config.addresses.vaults,
    account,
    fromBlock: config.addresses.deployedAtBlock,
  });
  const former = found.map(({ split }) => Split.termsOf(split));
  const rings = await Promise.all(
    [current, ...former].map(async (terms) => {
      const splitId = Split.idOf(terms, config.seller);
      const args = [account, receipt.token, splitId] as const;
      const [immature] = await client.readContract({ ...vaults, functionName: 'pendingOf', args });
      return { terms, immature };
    }),
  );
  return rings.reduce((best, ring) => (ring.immature > best.immature ? ring : best));
}

/**
 * Has the money claimed and harvested that the credit is to be paid from. Returns what is waited for; when no more is on
 * its way, the credit is paid as far as the buckets reach, and the rest is a matter of the seller's stake.
 */
async function demandMoney(
  context: Context,
  receipt: Receipt.Receipt,
  account: bigint,
  job: Job,
): Promise<string | undefined> {
  const { jobs, demand, ledger } = context;
  const key = purse(account, receipt.token);
  if (context.now() - job.createdAt >= limits.creditMs) return undefined;
  if ((await readWaiting(context, receipt.payTo, receipt.token)) > 0n) {
    demand.harvests.add(key);
    return 'a harvest';
  }
  const row = ledger.channel(receipt.account);
  const [channel] = row ? await readChannels(context, [row]) : [];
  if (channel && Claim.unclaimed(channel) > 0n) {
    demand.claims.add(channel.id);
    return 'a claim';
  }
  const pending = ['claim:', `exact:${receipt.account}`, `harvest:${key}:`].some((prefix) => jobs.pending(prefix));
  return pending ? 'a payment' : undefined;
}

/** The ledger has no such receipt. */
export class UnknownReceiptError extends BaseError {
  override readonly name = 'credit.UnknownReceiptError';
  constructor(requestId: Hex) {
    super(`The ledger has no receipt of request ${requestId} with the hash that was credited.`, {
      code: 'settler.unknown_receipt',
    });
  }
}
