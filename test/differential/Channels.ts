/** Reference model of Channels, the payment channels of x402, with deposits by AllowanceCollector. */
import { type Address, type Hex, recoverAddress, zeroAddress } from 'viem';
import * as Signed from './ChannelsSigned.ts';
import { next } from './channelsNext.ts';
import * as Dollars from './Dollars.ts';
import { type AtCall, actionOf, asking, type Call, type Model, must, text, type View } from './Model.ts';
import type { Stage } from './openStage.ts';
import * as Setting from './setUp.ts';

export type Config = Signed.Config;
type Row = {
  readonly voucher: { readonly channel: Config; readonly maxClaimableAmount: bigint };
  readonly signature: Hex;
  readonly totalClaimed: bigint;
};
export type Channel = { readonly config: Config; readonly balance: bigint; readonly claimed: bigint };

export type State = {
  readonly dollars: Dollars.Dollars;
  readonly channels: Map<Hex, Channel>;
  readonly pending: Map<Hex, { readonly amount: bigint; readonly initiatedAt: bigint }>;
  readonly receivers: Map<Address, { readonly claimed: bigint; readonly settled: bigint }>;
  readonly refundNonces: Map<Hex, bigint>;
  readonly usedNonces: Set<string>;
};

/** Rules that a test turns over to see that the difference is found. */
export const rules = {
  /** A withdrawal takes no more than what is still unclaimed. */
  released: (requested: bigint, available: bigint) => (requested < available ? requested : available),
};

export function create(changed: Partial<typeof rules> = {}): Model<State> {
  const the = { ...rules, ...changed };
  return { name: 'Channels', begin, next, views, call: (...given) => call(the, ...given) };
}

async function begin(stage: Stage): Promise<State> {
  const act = Setting.director(stage);
  const dollars = Dollars.empty();
  Dollars.mint(dollars, stage.addresses.settlement, 0n);
  for (const { address } of stage.actors) {
    await act(address, 'TestDollar.mint', [address, 10_000_000n]);
    await act(address, 'TestDollar.approve', [stage.addresses.allowanceCollector, 3_000_000n]);
    Dollars.mint(dollars, address, 10_000_000n);
    Dollars.approve(dollars, address, stage.addresses.allowanceCollector, 3_000_000n);
  }
  return {
    dollars,
    channels: new Map(),
    pending: new Map(),
    receivers: new Map(),
    refundNonces: new Map(),
    usedNonces: new Set(),
  };
}

type At = AtCall<typeof rules, State> & { readonly from: Address };

async function call(the: typeof rules, state: State, given: Call, now: bigint, stage: Stage) {
  if (Dollars.perform(state.dollars, given)) return [];
  const at: At = { the, state, now, stage, events: [], from: given.from };
  await actionOf(actions, given)(at, ...(given.args as never[]));
  return at.events;
}

const actions: Readonly<Record<string, (at: At, ...args: never[]) => void | Promise<void>>> = {
  'Channels.deposit': deposit,
  'Channels.claim': async (at, rows: readonly Row[]) => {
    must(rows.length !== 0, 'EmptyBatch');
    for (const row of rows) {
      must(isReceiverSide(row.voucher.channel, at.from), 'NotAuthorizedToClaim');
      await claim(at, row);
    }
  },
  'Channels.claimWithSignature': async (at, rows: readonly Row[], signature: Hex) => {
    must(rows.length !== 0, 'EmptyBatch');
    const authorizer = rows[0]?.voucher.channel.receiverAuthorizer ?? zeroAddress;
    await requireSigned(authorizer, Signed.batchDigest(at.stage, rows), signature);
    for (const row of rows) {
      must(row.voucher.channel.receiverAuthorizer === authorizer, 'NotReceiverAuthorizer');
      await claim(at, row);
    }
  },
  'Channels.settle': ({ state, stage, events, from: sender }, receiver: Address, token: Address) => {
    const { claimed, settled } = receiverOf(state, receiver);
    if (claimed === settled) return;
    const amount = claimed - settled;
    state.receivers.set(receiver, { claimed, settled: claimed });
    Dollars.move(state.dollars, stage.addresses.settlement, receiver, amount);
    events.push({ eventName: 'Channels.Settled', args: { receiver, token, sender, amount } });
  },
  'Channels.initiateWithdraw': ({ state, stage, now, from, events }, config: Config, amount: bigint) => {
    must(isPayerSide(config, from), 'InvalidChannel');
    must(amount !== 0n, 'NothingToWithdraw');
    const channelId = Signed.idOf(stage, config);
    must(!state.pending.has(channelId), 'WithdrawalAlreadyPending');
    must(amount <= available(state, channelId), 'WithdrawAmountExceedsAvailable');
    state.pending.set(channelId, { amount, initiatedAt: now });
    const finalizeAfter = now + BigInt(config.withdrawDelay);
    events.push({ eventName: 'Channels.WithdrawInitiated', args: { channelId, amount, finalizeAfter } });
  },
  'Channels.finalizeWithdraw': (at, config: Config) => {
    const { state, stage, now, from, events } = at;
    must(isPayerSide(config, from), 'NotAuthorizedToFinalizeWithdraw');
    const channelId = Signed.idOf(stage, config);
    const pending = state.pending.get(channelId);
    must(pending !== undefined, 'WithdrawalNotPending');
    must(now >= pending.initiatedAt + BigInt(config.withdrawDelay), 'WithdrawDelayNotElapsed');
    state.pending.delete(channelId);
    const amount = release(at, config, pending.amount);
    events.push({ eventName: 'Channels.WithdrawFinalized', args: { channelId, sender: from, amount } });
    emitClosed(at, config);
  },
  'Channels.refund': (at, config: Config, amount: bigint) => {
    must(isReceiverSide(config, at.from), 'NotAuthorizedToRefund');
    refund(at, config, amount);
  },
  'Channels.refundWithSignature': async (at, config: Config, amount: bigint, nonce: bigint, signature: Hex) => {
    const channelId = Signed.idOf(at.stage, config);
    must(nonce === (at.state.refundNonces.get(channelId) ?? 0n), 'InvalidRefundNonce');
    await requireSigned(config.receiverAuthorizer, Signed.refundDigest(at.stage, channelId, nonce, amount), signature);
    refund(at, config, amount);
  },
};

async function deposit(at: At, config: Config, amount: bigint, _collector: Address, collectorData: Hex): Promise<void> {
  const { state, stage, now, from: sender, events } = at;
  const complete = [config.payer, config.receiver, config.receiverAuthorizer].every((one) => one !== zeroAddress);
  must(complete, 'InvalidChannel');
  must(config.withdrawDelay >= 900 && config.withdrawDelay <= 30 * 86_400, 'WithdrawDelayOutOfRange');
  must(amount !== 0n, 'ZeroDeposit');
  const channelId = Signed.idOf(stage, config);
  const { nonce, deadline, signature } = Signed.parseDeposit(collectorData);
  must(now <= deadline, 'AllowanceCollector_Expired', deadline, now);
  must(!state.usedNonces.has(`${config.payer}/${nonce}`), 'AllowanceCollector_NonceUsed', config.payer, nonce);
  state.usedNonces.add(`${config.payer}/${nonce}`);
  const digest = Signed.depositDigest(stage, channelId, amount, nonce, deadline);
  const signer = await recoverAddress({ hash: digest, signature });
  must(signer === config.payer, 'AllowanceCollector_InvalidSignature', config.payer, digest);
  const { allowanceCollector, settlement } = stage.addresses;
  Dollars.spend(state.dollars, allowanceCollector, config.payer, settlement, amount);

  const { balance, claimed } = channelOf(state, channelId);
  state.channels.set(channelId, { config, balance: balance + amount, claimed });
  if (balance === 0n && claimed === 0n)
    events.push({ eventName: 'Channels.ChannelCreated', args: { channelId, config } });
  const args = { channelId, sender, amount, newBalance: balance + amount };
  events.push({ eventName: 'Channels.Deposited', args });
}

/** A voucher states all that was ever spent; what was not claimed before is new. */
async function claim({ state, stage, from: sender, events }: At, row: Row): Promise<void> {
  const { channel: config, maxClaimableAmount } = row.voucher;
  const channelId = Signed.idOf(stage, config);
  const { balance, claimed } = channelOf(state, channelId);
  const total = row.totalClaimed;
  if (total <= claimed) return;
  must(total <= maxClaimableAmount, 'ClaimExceedsCeiling');
  must(total <= balance, 'ClaimExceedsBalance');
  const signer = config.payerAuthorizer === zeroAddress ? config.payer : config.payerAuthorizer;
  await requireSigned(signer, Signed.voucherDigest(stage, channelId, maxClaimableAmount), row.signature);
  state.channels.set(channelId, { config, balance, claimed: total });
  const receiver = receiverOf(state, config.receiver);
  state.receivers.set(config.receiver, { ...receiver, claimed: receiver.claimed + total - claimed });
  const args = { channelId, sender, claimAmount: total - claimed, newTotalClaimed: total };
  events.push({ eventName: 'Channels.Claimed', args });
}

function refund(at: At, config: Config, requested: bigint): void {
  const { state, stage, from: sender, events } = at;
  must(requested !== 0n, 'ZeroRefund');
  const channelId = Signed.idOf(stage, config);
  state.refundNonces.set(channelId, (state.refundNonces.get(channelId) ?? 0n) + 1n);
  const amount = at.the.released(requested, available(state, channelId));
  if (amount === 0n) return;
  // What is given back now need not be withdrawn any more.
  const pending = state.pending.get(channelId);
  if (pending && pending.amount > amount) state.pending.set(channelId, { ...pending, amount: pending.amount - amount });
  else state.pending.delete(channelId);
  release(at, config, amount);
  events.push({ eventName: 'Channels.Refunded', args: { channelId, sender, amount } });
  emitClosed(at, config);
}

function release({ the, state, stage }: At, config: Config, requested: bigint): bigint {
  const channelId = Signed.idOf(stage, config);
  const amount = the.released(requested, available(state, channelId));
  if (amount === 0n) return 0n;
  const { balance, claimed } = channelOf(state, channelId);
  state.channels.set(channelId, { config, balance: balance - amount, claimed });
  Dollars.move(state.dollars, stage.addresses.settlement, config.payer, amount);
  return amount;
}

function emitClosed({ state, stage, events }: At, config: Config): void {
  const channelId = Signed.idOf(stage, config);
  const { balance, claimed } = channelOf(state, channelId);
  if (balance === 0n && claimed === 0n)
    events.push({ eventName: 'Channels.ChannelClosed', args: { channelId, config } });
}

async function requireSigned(signer: Address, hash: Hex, signature: Hex): Promise<void> {
  must(text(await recoverAddress({ hash, signature })) === text(signer), 'InvalidSignature');
}

function isReceiverSide({ receiver, receiverAuthorizer }: Config, from: Address): boolean {
  return from === receiver || from === receiverAuthorizer;
}

function isPayerSide({ payer, payerAuthorizer }: Config, from: Address): boolean {
  return from === payer || from === payerAuthorizer;
}

export function channelOf({ channels }: State, channelId: Hex): Pick<Channel, 'balance' | 'claimed'> {
  return channels.get(channelId) ?? { balance: 0n, claimed: 0n };
}

function available(state: State, channelId: Hex): bigint {
  const { balance, claimed } = channelOf(state, channelId);
  return balance - claimed;
}

function receiverOf({ receivers }: State, receiver: Address) {
  return receivers.get(receiver) ?? { claimed: 0n, settled: 0n };
}

function views(state: State, _now: bigint, stage: Stage): readonly View[] {
  const ask = asking('Channels');
  const ofChannels = [...state.channels].flatMap(([channelId, { config, balance, claimed }]) => {
    const { amount, initiatedAt } = state.pending.get(channelId) ?? { amount: 0n, initiatedAt: 0n };
    return [
      ask('getChannelId', [config], channelId),
      ask('channels', [channelId], [balance, claimed]),
      ask('pendingWithdrawals', [channelId], [amount, initiatedAt]),
      ask('refundNonce', [channelId], state.refundNonces.get(channelId) ?? 0n),
    ];
  });
  const ofReceivers = stage.actors.map(({ address }) => {
    const { claimed, settled } = receiverOf(state, address);
    return ask('receivers', [address, stage.addresses.token], [claimed, settled]);
  });
  return [...ofChannels, ...ofReceivers, ...Dollars.views(state.dollars)];
}
