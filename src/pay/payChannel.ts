import type { Address, Hex } from 'viem';
import { recoverAddress } from 'viem/utils';
import { z } from 'zod';
import * as Amount from '../internal/Amount.ts';
import { randomBytes32 } from '../internal/randomBytes32.ts';
import * as Authorization from './Authorization.ts';
import * as Channel from './Channel.ts';
import type * as ChannelStore from './ChannelStore.ts';
import { DepositLimitError, PendingDepositError, RefusedError, type Setup, UnbackedError, type Way } from './Payer.ts';
import * as Voucher from './Voucher.ts';
import type * as X402 from './X402.ts';

/** A payload that was signed, and what must be remembered when it is accepted. */
export type Signed = {
  readonly payload: Record<string, unknown>;
  readonly account: ChannelStore.Account;
  /** Atoms that this payment deposits. */
  readonly deposit: bigint;
};

/** Seconds by which clocks may differ. */
const slack = 60n;

/** Longest time for which anything is signed whatever a server asks for, in seconds. */
export const longest = 3_600;

/**
 * Signs the voucher that pays a call, with a deposit when the channel holds too little. What is signed is on disk before
 * it leaves the process, so that no restart can forget how much a seller might claim.
 */
export async function signPayment(setup: Setup, way: Way, known: ChannelStore.Account | undefined): Promise<Signed> {
  const account = known ? await refreshBalance(setup, way, known) : open(setup, way);
  const max = account.charged + way.amount;
  const deposit = max > account.balance ? await depositFor(setup, way, account, max) : undefined;
  const signed = {
    ...account,
    deposit: deposit ?? account.deposit,
    signed: max > account.signed ? max : account.signed,
  };
  await setup.store.put(signed);
  const voucher = await signVoucher(setup, account, max);
  const common = { channelConfig: account.config, voucher };
  if (!deposit) return { payload: { type: 'voucher', ...common }, account: signed, deposit: 0n };
  const { amount, validBefore, ...rest } = deposit;
  const erc3009Authorization = { validAfter: '0', validBefore: validBefore.toString(), ...rest };
  const payload = {
    type: 'deposit',
    ...common,
    deposit: { amount: amount.toString(), authorization: { erc3009Authorization } },
  };
  return { payload, account: signed, deposit: amount };
}

/** A deposit whose answer was lost is on chain all the same: looks before it puts in more. */
async function refreshBalance(setup: Setup, way: Way, account: ChannelStore.Account): Promise<ChannelStore.Account> {
  if (account.charged + way.amount <= account.balance) return account;
  const onChain = await setup.readChannel?.(account.channelId);
  return onChain ? seen(account, onChain.balance) : account;
}

/** An account with the balance that the chain shows; a deposit that is in it is no longer awaited. */
function seen(account: ChannelStore.Account, balance: bigint): ChannelStore.Account {
  const { deposit } = account;
  const arrived = deposit !== undefined && balance >= account.balance + deposit.amount;
  return { ...account, balance, deposit: arrived ? undefined : deposit };
}

/** Signs the request to get back what was not charged. */
export async function signRefund(setup: Setup, account: ChannelStore.Account): Promise<Record<string, unknown>> {
  return { type: 'refund', channelConfig: account.config, voucher: await signVoucher(setup, account, account.charged) };
}

/** The open channel with a seller's payout address, if there is one. */
export async function findAccount(setup: Setup, way: Way): Promise<ChannelStore.Account | undefined> {
  const wanted = configOf(setup, way, `0x${'0'.repeat(64)}`);
  const accounts = await setup.store.all();
  return accounts.find(
    (account) =>
      !account.closed &&
      account.chainId === setup.place.chainId &&
      Channel.equals({ ...account.config, salt: wanted.salt }, wanted),
  );
}

/** Records that a deposit arrived, while what is charged is not known yet. */
export async function applyDeposit(setup: Setup, { account, deposit }: Signed): Promise<void> {
  await setup.store.put(seen(account, account.balance + deposit));
}

/** Records an accepted payment: the charge may be below what was signed, never above. */
export async function applyAccepted(
  setup: Setup,
  way: Way,
  signed: Signed,
  response: X402.ParsedResponse,
): Promise<bigint> {
  const charge = response.extra?.chargedAmount ?? 0n;
  if (charge > way.amount) throw new UnbackedError(charge, way.amount);
  const { account, deposit } = signed;
  // A request that is repeated with its own key is answered with a charge that was counted before.
  const stated = response.extra?.channelState?.chargedCumulativeAmount;
  const charged = stated === account.charged ? stated : account.charged + charge;
  await setup.store.put({ ...seen(account, account.balance + deposit), charged });
  return charge;
}

/**
 * Brings the buyer's state in line with what the seller states and proves: a charge that a voucher of the buyer's own
 * key covers, made `before` the present request. Answers whether a new attempt makes sense.
 */
export async function applyCorrection(
  setup: Setup,
  account: ChannelStore.Account,
  extra: Record<string, unknown>,
  before: bigint,
): Promise<boolean> {
  const state = extra.channelState as Record<string, unknown> | undefined;
  const onChain = await setup.readChannel?.(account.channelId);
  const now = onChain ? seen(account, onChain.balance) : account;
  const isNew = (charged: bigint) => charged !== account.charged || now.balance !== account.balance;
  if (state === undefined) {
    if (!onChain) return false;
    // Without a voucher on the seller's side the chain alone says what was charged.
    await setup.store.put({ ...now, charged: onChain.claimed });
    if (onChain.claimed > before) throw new RefusedError('it claimed for this request without answering it');
    return isNew(onChain.claimed);
  }
  const charged = Amount.parse(state.chargedCumulativeAmount);
  if (charged > account.signed) {
    // A store that was brought back from a copy has forgotten vouchers; the seller shows the last one.
    const signed = await readOwnVoucher(setup, account, extra.voucherState);
    if (charged > signed) throw new UnbackedError(charged, account.signed);
    await setup.store.put({ ...now, charged, signed });
    return true;
  }
  await setup.store.put({ ...now, charged });
  if (charged > before) throw new RefusedError('it charged for this request without answering it');
  return isNew(charged);
}

/** Total of a voucher that a seller shows, if the channel's own key signed it; else nothing. */
async function readOwnVoucher(setup: Setup, { channelId, config }: ChannelStore.Account, shown: unknown) {
  const parsed = voucherState.safeParse(shown);
  if (!parsed.success) return 0n;
  const { signedMaxClaimable, signature } = parsed.data;
  const hash = Voucher.digest({ channelId, maxClaimableAmount: signedMaxClaimable }, setup.place);
  // Throws for what is no point of the curve.
  const signer = await recoverAddress({ hash, signature }).catch(() => undefined);
  return signer?.toLowerCase() === Channel.signerOf(config).toLowerCase() ? signedMaxClaimable : 0n;
}

const voucherState = z.object({
  signedMaxClaimable: Amount.schema(),
  signature: z
    .string()
    .regex(/^0x[0-9a-fA-F]{128}(1b|1c)$/)
    .transform((text) => text as Hex),
});

/** A new channel with a seller's payout address; it holds nothing yet. */
export function open(setup: Setup, way: Way): ChannelStore.Account {
  const config = configOf(setup, way, randomBytes32());
  return {
    channelId: Channel.idOf(config, setup.place),
    config,
    chainId: setup.place.chainId,
    balance: 0n,
    charged: 0n,
    signed: 0n,
    closed: false,
  };
}

function configOf(setup: Setup, way: Way, salt: Hex): Channel.Config {
  const { receiverAuthorizer, withdrawDelay } = way.extra;
  if (typeof receiverAuthorizer !== 'string' || !/^0x(?!0{40})[0-9a-fA-F]{40}$/.test(receiverAuthorizer)) {
    throw new RefusedError('it names no authorizer for claims');
  }
  return {
    payer: setup.wallet.address,
    payerAuthorizer: setup.session?.address ?? setup.wallet.address,
    receiver: way.payTo,
    receiverAuthorizer: receiverAuthorizer as Address,
    token: setup.token.address,
    withdrawDelay: typeof withdrawDelay === 'number' ? withdrawDelay : 900,
    salt,
  };
}

/**
 * The deposit that lets a channel pay up to a total. One that was signed before and may still arrive is sent again, since
 * a second one could be carried out beside it.
 */
async function depositFor(setup: Setup, way: Way, account: ChannelStore.Account, max: bigint) {
  const { deposit } = account;
  const seconds = BigInt(Math.floor((setup.now?.() ?? Date.now()) / 1_000));
  if (!deposit || seconds > deposit.validBefore + slack) {
    const amount = amountFor(setup, way, account, max);
    const timeout = Math.min(Math.floor(way.requirements.maxTimeoutSeconds), longest);
    return signDeposit(setup, account, amount, seconds + BigInt(timeout));
  }
  const usable = seconds + slack <= deposit.validBefore && account.balance + deposit.amount >= max;
  if (!usable) throw new PendingDepositError(deposit.validBefore + slack - seconds);
  return deposit;
}

function amountFor(setup: Setup, way: Way, account: ChannelStore.Account, max: bigint): bigint {
  const { policy } = setup;
  const missing = max - account.balance;
  const room = policy.maxDeposit - (account.balance - account.charged);
  if (missing > room) throw new DepositLimitError(account.balance - account.charged + missing, policy.maxDeposit);
  const suggestion = typeof way.extra.minDeposit === 'string' ? Amount.parse(way.extra.minDeposit) : missing;
  const wish = policy.deposit ?? suggestion;
  const target = wish > missing ? wish : missing;
  return target < room ? target : room;
}

async function signVoucher(setup: Setup, account: ChannelStore.Account, max: bigint) {
  const signer = setup.session ?? setup.wallet;
  const message = { channelId: account.channelId, maxClaimableAmount: max };
  const signature = await signer.signTypedData({
    domain: Channel.domainOf(setup.place),
    types: { Voucher: Voucher.types },
    primaryType: 'Voucher',
    message,
  });
  return { channelId: account.channelId, maxClaimableAmount: max.toString(), signature };
}

async function signDeposit(
  setup: Setup,
  account: ChannelStore.Account,
  amount: bigint,
  validBefore: bigint,
): Promise<ChannelStore.Deposit> {
  const salt = randomBytes32();
  const signature = await setup.wallet.signTypedData({
    domain: Authorization.domainOf(setup.token),
    types: { ReceiveWithAuthorization: Authorization.types },
    primaryType: 'ReceiveWithAuthorization',
    message: {
      from: setup.wallet.address,
      to: setup.erc3009Collector,
      value: amount,
      validAfter: 0n,
      validBefore,
      nonce: Authorization.depositNonce(account.channelId, salt),
    },
  });
  return { amount, validBefore, salt, signature };
}
