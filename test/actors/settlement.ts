/** A seller with an asset, payers with money, a real chain and a real ledger: what the tests of settling share. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, type Address, type Hex, parseEventLogs, toHex } from 'viem';
import { type HDAccount, mnemonicToAccount } from 'viem/accounts';
import { encodeAbiParameters } from 'viem/utils';
import type * as Addresses from '../../src/chain/Addresses.ts';
import {
  assetsAbi,
  authorizersAbi,
  channelsAbi,
  logsAbi,
  testDollarAbi,
  vaultsAbi,
} from '../../src/chain/abi/index.ts';
import { type Client, createClient } from '../../src/chain/client.ts';
import { deploy } from '../../src/chain/deploy.ts';
import { startDevchain } from '../../src/chain/devchain.ts';
import * as CreditNote from '../../src/infer/CreditNote.ts';
import * as Receipt from '../../src/infer/Receipt.ts';
import * as ReceiptLog from '../../src/infer/ReceiptLog.ts';
import * as Json from '../../src/internal/Json.ts';
import { sign } from '../../src/internal/node/secp256k1.ts';
import * as Authorization from '../../src/pay/Authorization.ts';
import * as Channel from '../../src/pay/Channel.ts';
import type * as Ledger from '../../src/pay/Ledger.ts';
import * as Outbox from '../../src/pay/Outbox.ts';
import { openLedger } from '../../src/pay/openLedger.ts';
import * as Voucher from '../../src/pay/Voucher.ts';
import type * as Config from '../../src/settle/settler/Config.ts';

const phrase = 'test test test test test test test test test test test junk';

/** One who acts: an account and its key. */
export type Actor = { readonly account: HDAccount; readonly address: Address; readonly key: Hex };

function actor(addressIndex: number): Actor {
  const account = mnemonicToAccount(phrase, { addressIndex });
  return { account, address: account.address, key: toHex(account.getHdKey().privateKey as Uint8Array) };
}

/** Who takes part. */
export const actors = {
  deployer: actor(0),
  seller: actor(1),
  settler: actor(2),
  receiptKey: actor(3),
  payees: [actor(4), actor(5)] as const,
  payers: [actor(6), actor(7), actor(8), actor(9)] as const,
};

/** Everything a test works with. */
export type World = Awaited<ReturnType<typeof startWorld>>;

const day = 86_400n;

/** Starts a chain, deploys, registers the settler and a receipt key, and publishes an asset with three payees. */
export async function startWorld(options: { stateFile?: string; blockTime?: number } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'settle-'));
  const chain = await startDevchain({ port: 0, ...options });
  const as = (who: Actor) => createClient({ rpcUrl: chain.url, account: who.account as Account });
  const client = await as(actors.deployer);
  const { addresses } = await deploy(client, { bookFile: join(folder, 'addresses.json') });
  const seller = await as(actors.seller);
  await write(seller, {
    address: addresses.authorizers,
    abi: authorizersAbi,
    functionName: 'register',
    args: [actors.settler.address],
  });
  const now = (await client.getBlock()).timestamp;
  await write(seller, {
    address: addresses.logs,
    abi: logsAbi,
    functionName: 'register',
    args: [actors.receiptKey.address, Number(now - day), Number(now + 365n * day), 10_000_000n],
  });
  const { asset, payout } = await publish(seller, addresses);
  const authorizer = await client.readContract({
    address: addresses.authorizers,
    abi: authorizersAbi,
    functionName: 'addressOf',
    args: [actors.seller.address],
  });
  const ledgerFile = join(folder, 'ledger.db');
  const ledger = openLedger(ledgerFile);
  const place: Channel.Place = { chainId: addresses.chainId, settlement: addresses.settlement };
  const domain = Receipt.domainOf(addresses.chainId, addresses.logs);
  return {
    folder,
    chain,
    client,
    as,
    addresses,
    asset,
    payout,
    authorizer,
    ledger,
    place,
    domain,
    config: (changes: Partial<Config.Config> = {}): Config.Config => ({
      rpcUrl: chain.url,
      addresses,
      seller: actors.seller.address,
      accounts: [asset],
      tokens: [addresses.token],
      ledgerFile,
      file: join(folder, 'settler.db'),
      key: actors.settler.key,
      policy: { threshold: 1_000n, maxAgeMs: 3_600_000, harvestThreshold: 1_000n, harvestAgeMs: 3_600_000 },
      confirmations: 0,
      finality: 8,
      caps: { dailyAtoms: 100_000_000n, dailyGas: 10n ** 18n },
      pollMs: 25,
      ...changes,
    }),
    async stop() {
      await ledger.close();
      await chain.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Sends a transaction and waits for it. */
export async function write(client: Client<Account>, request: object) {
  const { request: checked } = await client.simulateContract({ account: client.account, ...request } as never);
  const hash = await client.writeContract(checked as never);
  const receipt = await client.waitForTransactionReceipt({ hash });
  if (receipt.status !== 'success') throw new TypeError(`transaction ${hash} reverted`);
  return receipt;
}

/** Shares of the asset: half to the seller, 30 and 20 percent to two contributors. */
async function publish(seller: Client<Account>, addresses: Addresses.Addresses) {
  const receipt = await write(seller, {
    address: addresses.assets,
    abi: assetsAbi,
    functionName: 'publish',
    args: [{ kind: 0, manifestRoot: word(1n), salt: word(2n), uri: 'ipfs://asset' }, []],
  });
  const [event] = parseEventLogs({ abi: assetsAbi, eventName: 'Publish', logs: receipt.logs });
  const asset = event?.args.asset as bigint;
  const [a, b] = actors.payees.map(({ address }) => address).sort((x, y) => (BigInt(x) < BigInt(y) ? -1 : 1));
  const payees = [
    { account: `0x${'0'.repeat(40)}`, bps: 5_000 },
    { account: a, bps: 3_000 },
    { account: b, bps: 2_000 },
  ];
  const vaults = { address: addresses.vaults, abi: vaultsAbi } as const;
  await write(seller, { ...vaults, functionName: 'configure', args: [asset, payees, 30, []] });
  const payout = await seller.readContract({ ...vaults, functionName: 'payoutOf', args: [asset] });
  return { asset, payout };
}

/** A number as 32 bytes. */
export function word(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

/** A channel of a payer to the asset. */
export function channelOf(
  world: World,
  payer: Actor,
  salt: bigint,
  changes: Partial<Channel.Config> = {},
): { id: Hex; config: Channel.Config } {
  const config: Channel.Config = {
    payer: payer.address,
    payerAuthorizer: payer.address,
    receiver: world.payout,
    receiverAuthorizer: world.authorizer,
    token: world.addresses.token,
    withdrawDelay: 900,
    salt: word(salt),
    ...changes,
  };
  return { id: Channel.idOf(config, world.place), config };
}

/** Gives a payer test dollars. */
export async function mint(world: World, payer: Actor, amount: bigint): Promise<void> {
  await write(world.client, {
    address: world.addresses.token,
    abi: testDollarAbi,
    functionName: 'mint',
    args: [payer.address, amount],
  });
}

/** The outbox row of a deposit that the payer signed. */
export function depositRow(world: World, payer: Actor, channel: { id: Hex; config: Channel.Config }, amount: bigint) {
  const { token, erc3009Collector } = world.addresses;
  const salt = word(BigInt(channel.config.salt) + 1_000n);
  const nonce = Authorization.depositNonce(channel.id, salt);
  const validBefore = 2n ** 40n;
  const authorization = {
    from: payer.address,
    to: erc3009Collector,
    value: amount,
    validAfter: 0n,
    validBefore,
    nonce,
  };
  const signature = sign(Authorization.receiveDigest(authorization, tokenOf(world)), payer.key);
  const collectorData = encodeAbiParameters(
    [{ type: 'uint256' }, { type: 'uint256' }, { type: 'uint256' }, { type: 'bytes' }],
    [0n, validBefore, BigInt(salt), signature],
  );
  const deposit = {
    channelId: channel.id,
    config: channel.config,
    amount,
    collector: erc3009Collector,
    collectorData,
    nonce,
  };
  return Outbox.row(Outbox.deposit, { ...deposit, config: { ...channel.config, token } });
}

/** The outbox row of an exact payment. */
export function exactRow(world: World, payer: Actor, value: bigint, nonce: bigint, to: Address = world.payout) {
  const authorization = { from: payer.address, to, value, validAfter: 0n, validBefore: 2n ** 40n, nonce: word(nonce) };
  const signature = sign(Authorization.transferDigest(authorization, tokenOf(world)), payer.key);
  return Outbox.row(Outbox.exact, { token: world.addresses.token, authorization, signature });
}

function tokenOf(world: World): Authorization.Token {
  return { address: world.addresses.token, name: 'Test Dollar', version: '2', chainId: world.addresses.chainId };
}

/** Opens a channel without the settler, and tells the ledger. */
export async function fund(
  world: World,
  payer: Actor,
  salt: bigint,
  amount: bigint,
  changes: Partial<Channel.Config> = {},
) {
  const channel = channelOf(world, payer, salt, changes);
  await mint(world, payer, amount);
  const row = Outbox.parse(Outbox.deposit, depositRow(world, payer, channel, amount));
  await write(world.client, {
    address: world.addresses.settlement,
    abi: channelsAbi,
    functionName: 'deposit',
    args: [row.config, amount, row.collector, row.collectorData],
  });
  await know(world, channel, amount, 0n);
  return channel;
}

/** Tells the ledger what the chain says about a channel. */
export async function know(
  world: World,
  channel: { id: Hex; config: Channel.Config },
  balance: bigint,
  claimed: bigint,
  state: Ledger.ChannelState = 'open',
) {
  const facts = { balance, confirmed: balance, claimed, refundNonce: 0n, withdrawInitiatedAt: 0n };
  await world.ledger.putChannel(channel.id, channel.config, facts, state);
}

let requests = 0n;

/** Serves one call on a channel and charges it, of what was reserved or all of it; returns the receipt. */
export async function charge(
  world: Pick<World, 'addresses' | 'asset' | 'domain' | 'ledger' | 'payout' | 'place'>,
  payer: Actor,
  channel: { id: Hex; config: Channel.Config },
  price: bigint,
  bound = price,
) {
  const { ledger, place } = world;
  const before = ledger.channel(channel.id)?.charged ?? 0n;
  const requestId = word(++requests);
  const max = before + bound;
  const voucher = { channelId: channel.id, maxClaimableAmount: max };
  const now = Date.now();
  const admitted = await ledger.admit({
    requestId,
    rail: 'channel',
    account: channel.id,
    payer: payer.address,
    authority: Voucher.digest(voucher, place),
    bodyHash: word(requests),
    bound,
    leaseUntil: now + 60_000,
    context: '{}',
    now,
    voucher: { max, signature: sign(Voucher.digest(voucher, place), payer.key) },
  });
  if (admitted.status !== 'admitted') throw new TypeError(`not admitted: ${admitted.status}`);
  const answer = { status: 200, contentType: 'text/plain', body: new Uint8Array() };
  const [row] = await ledger.commit([{ requestId, price, outcome: 0, answer, now }], sealerOf(world, payer, price));
  if (!row) throw new TypeError('no receipt');
  return row;
}

function sealerOf(
  world: Pick<World, 'addresses' | 'asset' | 'domain' | 'payout'>,
  payer: Actor,
  price: bigint,
): Ledger.Sealer {
  return {
    write(link) {
      const receipt: Receipt.Receipt = {
        seller: actors.seller.address,
        rail: 1,
        account: link.request.account,
        payer: payer.address,
        agent: `0x${'0'.repeat(40)}`,
        requestId: link.request.id,
        seq: link.seq,
        prev: link.prev,
        requestHash: word(1n),
        responseHash: word(2n),
        asset: world.asset,
        version: 1,
        manifestRoot: word(1n),
        quoteHash: word(3n),
        token: world.addresses.token,
        payTo: world.payout,
        inputUnits: 1n,
        outputUnits: 1n,
        price,
        cumulative: link.cumulative,
        startedAt: BigInt(Date.now()),
        ttftMs: 1,
        totalMs: 2,
        status: 0,
      };
      return { hash: Receipt.hash(receipt), body: Receipt.serialize(receipt) };
    },
    sign: (hashes) =>
      Receipt.signBatch(hashes, world.domain, (digest) => sign(digest, actors.receiptKey.key)).map((proof) =>
        Json.canonical(proof),
      ),
  };
}

/** The outbox row of a credit note for a receipt. */
export function creditRow(world: World, row: Ledger.ReceiptRow, amount: bigint): Ledger.OutboxRow {
  const digest = CreditNote.digest({ receipt: row.hash, amount }, world.domain);
  return Outbox.row(CreditNote.outboxKind, {
    requestId: row.requestId,
    amount,
    signature: sign(digest, actors.receiptKey.key),
    receiptHash: row.hash,
  });
}

/** The outbox row of a head of the seller's log. */
export function headRow(world: World, epoch: bigint, size: bigint): Ledger.OutboxRow {
  const head = { seller: actors.seller.address, log: 0, epoch, size, root: word(epoch) };
  const signature = sign(ReceiptLog.headDigest(head, world.domain), actors.receiptKey.key);
  return Outbox.row(ReceiptLog.outboxKind, { head, signature });
}

/** Waits until something holds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, patience = 20_000): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new TypeError(`waited in vain for ${what}`);
    await sleep(20);
  }
}

/** What a channel holds and what was claimed of it. */
export async function onChain(world: World, id: Hex): Promise<{ balance: bigint; claimed: bigint }> {
  const [balance, claimed] = await world.client.readContract({
    address: world.addresses.settlement,
    abi: channelsAbi,
    functionName: 'channels',
    args: [id],
  });
  return { balance, claimed };
}

/** Dollars of an account, in atoms. */
export function balanceOf(world: World, address: Address): Promise<bigint> {
  const { token } = world.addresses;
  return world.client.readContract({ address: token, abi: testDollarAbi, functionName: 'balanceOf', args: [address] });
}

/** Moves the chain's clock forward. */
export async function pass(world: World, seconds: number): Promise<void> {
  const request = world.client.request as (call: { method: string; params: readonly unknown[] }) => Promise<unknown>;
  await request({ method: 'evm_increaseTime', params: [seconds] });
  await request({ method: 'evm_mine', params: [] });
}

/** Calls a method of the development node. */
export function control(world: World, method: string, ...params: readonly unknown[]): Promise<unknown> {
  const request = world.client.request as (call: { method: string; params: readonly unknown[] }) => Promise<unknown>;
  return request({ method, params });
}
