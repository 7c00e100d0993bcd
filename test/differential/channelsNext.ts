/** Calls of Channels worth trying: deposits, vouchers in batches, withdrawals and refunds of both sides. */
import { type Address, type Hex, zeroAddress } from 'viem';
import * as Random from '../../src/internal/kernel/Random.ts';
import { type Config, channelOf, type State } from './Channels.ts';
import * as Signed from './ChannelsSigned.ts';
import {
  type Given as AnyGiven,
  actor,
  by,
  type Call,
  type Choice,
  chance,
  choose,
  pick,
  type Weighted,
} from './Model.ts';
import type { Person, Stage } from './openStage.ts';
import * as Setting from './setUp.ts';

type Given = AnyGiven<State>;

export async function next(random: Random.Random, state: State, now: bigint, stage: Stage): Promise<Call> {
  const after = chance(random, 85) ? 1 + Random.below(random, 60) : pick(random, [899, 900, 3_600]);
  return { after, ...(await choose(choices, { random, state, now, stage })) };
}

const choices: readonly Weighted<State>[] = [
  [8, deposit],
  [8, claim],
  [4, claimWithSignature],
  [4, settle],
  [4, initiateWithdraw],
  [5, finalizeWithdraw],
  [3, refund],
  [3, refundWithSignature],
  [1, approve],
  [1, mint],
];

async function deposit(given: Given): Promise<Choice> {
  const { random, state, now, stage } = given;
  const config = chance(random, 50) ? fresh(given) : known(given);
  const amount = chance(random, 97) ? BigInt(1 + Random.below(random, 300_000)) : 0n;
  const signer = chance(random, 95) ? personOf(given, config.payer) : actor(given);
  const nonce = chance(random, 90) ? BigInt(state.usedNonces.size) : BigInt(Random.below(random, 5));
  const deadline = chance(random, 95) ? now + 10_000n : now;
  const data = await Signed.signDeposit(stage, Signed.idOf(stage, config), amount, nonce, deadline, signer);
  return by(actor(given).address, 'Channels.deposit', [config, amount, stage.addresses.allowanceCollector, data]);
}

async function claim(given: Given): Promise<Choice> {
  const rows = await vouchers(given, () => true);
  const config = rows[0]?.voucher.channel;
  const from =
    config && chance(given.random, 90)
      ? pick(given.random, [config.receiver, config.receiverAuthorizer])
      : actor(given).address;
  return by(from, 'Channels.claim', [rows]);
}

async function claimWithSignature(given: Given): Promise<Choice> {
  const authorizer = known(given).receiverAuthorizer;
  const rows = await vouchers(given, (config) => config.receiverAuthorizer === authorizer || chance(given.random, 10));
  const signer = chance(given.random, 92) ? personOf(given, rows[0]?.voucher.channel.receiverAuthorizer) : actor(given);
  const signature = await signer.sign({ hash: Signed.batchDigest(given.stage, rows) });
  return by(actor(given).address, 'Channels.claimWithSignature', [rows, signature]);
}

function settle(given: Given): Choice {
  return by(actor(given).address, 'Channels.settle', [actor(given).address, given.stage.addresses.token]);
}

function initiateWithdraw(given: Given): Choice {
  const config = known(given);
  return by(payerSide(given, config), 'Channels.initiateWithdraw', [config, part(given, config)]);
}

function finalizeWithdraw(given: Given): Choice {
  const pending = [...given.state.pending.keys()];
  const channelId = pending.length === 0 ? undefined : pick(given.random, pending);
  const config = (channelId && given.state.channels.get(channelId)?.config) ?? known(given);
  return by(payerSide(given, config), 'Channels.finalizeWithdraw', [config]);
}

function refund(given: Given): Choice {
  const config = known(given);
  const from = chance(given.random, 85)
    ? pick(given.random, [config.receiver, config.receiverAuthorizer])
    : actor(given).address;
  return by(from, 'Channels.refund', [config, part(given, config)]);
}

async function refundWithSignature(given: Given): Promise<Choice> {
  const { random, state, stage } = given;
  const config = known(given);
  const channelId = Signed.idOf(stage, config);
  const amount = part(given, config);
  const nonce = (state.refundNonces.get(channelId) ?? 0n) + (chance(random, 90) ? 0n : 1n);
  const signer = chance(random, 92) ? personOf(given, config.receiverAuthorizer) : actor(given);
  const signature = await signer.sign({ hash: Signed.refundDigest(stage, channelId, nonce, amount) });
  return by(actor(given).address, 'Channels.refundWithSignature', [config, amount, nonce, signature]);
}

function approve(given: Given): Choice {
  const amount = pick(given.random, [0n, 1_000_000n, 3_000_000n]);
  return by(actor(given).address, 'TestDollar.approve', [given.stage.addresses.allowanceCollector, amount]);
}

function mint(given: Given): Choice {
  return by(actor(given).address, 'TestDollar.mint', [actor(given).address, 1_000_000n]);
}

function personOf(given: Given, address: Address | undefined): Person {
  return given.stage.actors.find((person) => person.address === address) ?? actor(given);
}

function fresh(given: Given): Config {
  const { random, stage } = given;
  return {
    payer: chance(random, 97) ? actor(given).address : zeroAddress,
    payerAuthorizer: chance(random, 50) ? zeroAddress : actor(given).address,
    receiver: actor(given).address,
    receiverAuthorizer: actor(given).address,
    token: stage.addresses.token,
    withdrawDelay: pick(random, [900, 900, 900, 1_000, 30 * 86_400, chance(random, 10) ? 899 : 900]),
    salt: Setting.rootOf(Random.below(random, 2)),
  };
}

function known(given: Given): Config {
  const all = [...given.state.channels.values()];
  return all.length === 0 || chance(given.random, 3) ? fresh(given) : pick(given.random, all).config;
}

function payerSide(given: Given, { payer, payerAuthorizer }: Config): Address {
  if (chance(given.random, 10)) return actor(given).address;
  return payerAuthorizer === zeroAddress || chance(given.random, 50) ? payer : payerAuthorizer;
}

/** Some of what is unclaimed, all of it, nothing, or more than there is. */
function part({ random, state, stage }: Given, config: Config): bigint {
  const { balance, claimed } = channelOf(state, Signed.idOf(stage, config));
  const rest = balance - claimed;
  return pick(random, [rest, rest, rest / 2n, rest / 3n + 1n, chance(random, 50) ? 0n : rest + 1n]);
}

async function vouchers(given: Given, isWanted: (config: Config) => boolean) {
  const { random, state, stage } = given;
  const all = [...state.channels.values()].map(({ config }) => config).filter(isWanted);
  const first = known(given);
  const same = all
    .filter(({ receiver }) => receiver === first.receiver || chance(random, 3))
    .slice(0, Random.below(random, 4));
  const configs = chance(random, 97) ? [first, ...same] : [];
  return await Promise.all(
    configs.filter((config, index) => index > 0 || isWanted(config)).map((config) => voucher(given, stage, config)),
  );
}

async function voucher(given: Given, stage: Stage, channel: Config) {
  const { random, state } = given;
  const channelId = Signed.idOf(stage, channel);
  const { balance, claimed } = channelOf(state, channelId);
  const totalClaimed = pick(random, [
    claimed,
    balance,
    claimed + (balance - claimed) / 2n,
    claimed + 1n,
    chance(random, 20) ? balance + 1n : balance,
  ]);
  const maxClaimableAmount = chance(random, 95) ? totalClaimed + BigInt(Random.below(random, 2)) : totalClaimed / 2n;
  const rightful = personOf(given, channel.payerAuthorizer === zeroAddress ? channel.payer : channel.payerAuthorizer);
  const signer = chance(random, 96) ? rightful : actor(given);
  const signature: Hex = await signer.sign({ hash: Signed.voucherDigest(stage, channelId, maxClaimableAmount) });
  return { voucher: { channel, maxClaimableAmount }, signature, totalClaimed };
}
