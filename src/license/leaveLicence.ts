/** Leaves a licence for a refund. What comes back is known before anything is signed. */
import { type Account, type Address, type Hash, type Hex, parseEventLogs } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { licensesAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';
import { waitForPending } from '../chain/waitForPending.ts';
import { BaseError } from '../internal/Errors.ts';
import { readEscrow } from './readEscrow.ts';
import { readLicence } from './readLicence.ts';
import * as Terms from './Terms.ts';
import type * as Usage from './Usage.ts';

/**
 * What leaving takes now. `leave` pays at once; `announce` ends the licence and pays three days later; `wait` was
 * announced and is due at `leaveAt`. `refund` is in atoms, by the latest block: time that passes makes it less until
 * the licence has ended.
 */
export type Step = {
  readonly kind: 'leave' | 'announce' | 'wait';
  readonly refund: bigint;
  /** Unix time in seconds at which the refund can be taken, for what has to wait. */
  readonly leaveAt?: number;
};

/** Seconds between announcing and leaving: `Licenses.LEAVE_DELAY`. */
const delay = 3 * 86_400;

/**
 * What leaving would do and give back now. Nothing is sent.
 *
 * @throws {NotRefundableError} when nothing comes back, or there is no licence to leave. Leaving that was announced is
 * finished also when the seller has settled everything meanwhile.
 */
export async function planLeave(client: Client<Account>, options: leaveLicence.Options): Promise<Step> {
  const { addresses, terms, statement } = options;
  const holder = client.account.address;
  const [licence, { refund }, { timestamp }] = await Promise.all([
    readLicence(client, { addresses, termsId: Terms.idOf(addresses, terms), holder }),
    readEscrow(client, { addresses, terms, holder }),
    client.getBlock(),
  ]);
  const announced = licence.refundableUntil > licence.end;
  if (announced ? licence.seats === 0 : refund === 0n || !licence.valid) throw new NotRefundableError();
  if (terms.quota === 0n) return { kind: 'leave', refund };
  if (statement && announced) {
    // More calls than are settled leave less unused than the chain knows of.
    const unused = licence.quotaGranted - statement.usage.used;
    const worth = Terms.refundDown(terms, (terms.price * unused) / terms.quota);
    return { kind: 'leave', refund: worth < refund ? worth : refund };
  }
  if (!announced) return { kind: 'announce', refund, leaveAt: Number(timestamp) + delay };
  const leaveAt = licence.end + delay;
  return { kind: timestamp < leaveAt ? 'wait' : 'leave', refund, leaveAt };
}

/** Takes the step that {@link planLeave} names. A step that has to wait sends nothing. */
export async function leaveLicence(
  client: Client<Account>,
  options: leaveLicence.Options,
): Promise<leaveLicence.ReturnType> {
  const { addresses, terms } = options;
  await waitForPending(client);
  const step = await planLeave(client, options);
  if (step.kind === 'wait') return step;
  const licenses = { address: addresses.licenses, abi: licensesAbi } as const;
  if (step.kind === 'announce') {
    const { hash } = await send(client, { ...licenses, functionName: 'announceLeave', args: [terms] });
    return { ...step, hash };
  }
  const call = callOf(client, options);
  const { hash, receipt } = await (call.functionName === 'leave' ? send(client, call) : send(client, call));
  const [left] = parseEventLogs({ abi: licensesAbi, eventName: 'Leave', logs: receipt.logs });
  return { ...step, refund: left?.args.refund ?? 0n, hash };
}

export declare namespace leaveLicence {
  type Options = {
    readonly addresses: Addresses;
    readonly terms: Terms.Terms;
    /** Who gets the refund, the holder unless given. */
    readonly to?: Address;
    /** A last statement of use that the seller signed: with it, an announced leave need not wait three days. */
    readonly statement?: { readonly usage: Usage.Usage; readonly seller: Address; readonly sellerSignature: Hex };
  };
  /** What was done. Without a hash, nothing was: it has to wait. */
  type ReturnType = Step & { readonly hash?: Hash };
  type ErrorType = NotRefundableError | send.ErrorType;
}

function callOf(client: Client<Account>, { addresses, terms, to, statement }: leaveLicence.Options) {
  const licenses = { address: addresses.licenses, abi: licensesAbi } as const;
  const receiver = to ?? client.account.address;
  if (!statement) return { ...licenses, functionName: 'leave', args: [terms, receiver] } as const;
  const { usage, seller, sellerSignature } = statement;
  const args = [terms, usage, seller, sellerSignature, receiver] as const;
  return { ...licenses, functionName: 'leaveSettled', args } as const;
}

/** Nothing comes back. */
export class NotRefundableError extends BaseError {
  override readonly name = 'leaveLicence.NotRefundableError';
  constructor() {
    super('Nothing of this licence can be refunded now.', {
      code: 'license.not-refundable',
      docsPath: 'docs/license.md',
      hint: 'The terms say what can be got back and until when: agorai show',
    });
  }
}
