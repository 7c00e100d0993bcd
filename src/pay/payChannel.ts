import type { Address, Hex } from 'viem';
import { bytesToHex } from 'viem/utils';
import * as Amount from '../internal/Amount.ts';
import * as Authorization from './Authorization.ts';
import * as Channel from './Channel.ts';
import type * as ChannelStore from './ChannelStore.ts';
import { DepositLimitError, RefusedError, type Setup, UnbackedError, type Way } from './Payer.ts';
import * as Voucher from './Voucher.ts';
import type * as X402 from './X402.ts';

/** A payload that was signed, and what must be remembered when it is accepted. */
export type Signed = {
  readonly payload: Record<string, unknown>;
  readonly account: ChannelStore.Account;
  /** Atoms that this payment deposits. */
  readonly deposit: bigint;
};

/**
 * Signs the voucher that pays a call, with a deposit when the channel holds too little. What is signed is on disk before
 * it leaves the process, so that no restart can forget how much a seller might claim.
 */
export async function signPayment(setup: Setup, way: Way, known: ChannelStore.Account | undefined): Promise<Signed> {
  const account = known ? await refreshBalance(setup, way, known) : open(setup, way);
  const max = account.charged + way.amount;
  const deposit = max > account.balance ? depositFor(setup, way, account, max) : 0n;
  const signed = { ...account, signed: max > account.signed ? max : account.signed };
  await setup.store.put(signed);
  const voucher = await signVoucher(setup, account, max);
  if (deposit === 0n)
    return { payload: { type: 'voucher', channelConfig: account.config, voucher }, account: signed, deposit };
  const authorization = await signDeposit(setup, account, deposit, way.requirements.maxTimeoutSeconds);
  return {
    payload: {
      type: 'deposit',
      channelConfig: account.config,
      voucher,
      deposit: { amount: deposit.toString(), authorization: { erc3009Authorization: authorization } },
    },
    account: signed,
    deposit,
  };
}

/** A deposit whose answer was lost is on chain all the same: looks before it puts in more. */
async function refreshBalance(setup: Setup, way: Way, account: ChannelStore.Account): Promise<ChannelStore.Account> {
  if (account.charged + way.amount <= account.balance) return account;
  const onChain = await setup.readChannel?.(account.channelId);
  return onChain ? { ...account, balance: onChain.balance } : account;
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
  await setup.store.put({ ...account, balance: account.balance + deposit });
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
  await setup.store.put({ ...account, charged: account.charged + charge, balance: account.balance + deposit });
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
  const balance = onChain?.balance ?? account.balance;
  if (state === undefined) {
    if (!onChain) return false;
    // Without a voucher on the seller's side the chain alone says what was charged.
    await setup.store.put({ ...account, balance, charged: onChain.claimed });
    return onChain.claimed !== account.charged || balance !== account.balance;
  }
  const charged = Amount.parse(state.chargedCumulativeAmount);
  if (charged > account.signed) throw new UnbackedError(charged, account.signed);
  await setup.store.put({ ...account, balance, charged });
  if (charged > before) throw new RefusedError('it charged for this request without answering it');
  return charged !== account.charged || balance !== account.balance;
}

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

function depositFor(setup: Setup, way: Way, account: ChannelStore.Account, max: bigint): bigint {
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

async function signDeposit(setup: Setup, account: ChannelStore.Account, amount: bigint, timeoutSeconds: number) {
  const salt = randomBytes32();
  const seconds = Math.floor((setup.now?.() ?? Date.now()) / 1_000);
  const validBefore = BigInt(seconds + timeoutSeconds);
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
  return { validAfter: '0', validBefore: validBefore.toString(), salt, signature };
}

/** 32 random bytes. */
export function randomBytes32(): Hex {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(32)));
}
