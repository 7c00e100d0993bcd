import type { Account, Hash, Hex } from 'viem';
import { encodeAbiParameters } from 'viem/utils';
import { channelsAbi, testDollarAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';
import { waitForPending } from '../chain/waitForPending.ts';
import * as Amount from '../internal/Amount.ts';
import { BaseError } from '../internal/Errors.ts';
import { keccak } from '../internal/Hash.ts';
import * as Authorization from './Authorization.ts';
import type { Account as ChannelAccount } from './ChannelStore.ts';
import type { Setup, Way } from './Payer.ts';
import * as payChannel from './payChannel.ts';

/** Seconds for which the signed deposit can be submitted. */
const lifetime = 3_600n;

/**
 * Puts money into the channel with a seller by a transaction of the payer's own, and opens the channel when there is
 * none. The channel is on disk before anything is signed, and the authorization's nonce follows from what the channel
 * holds, so that a run that was cut off is finished by the next and no atom is deposited twice.
 */
export async function depositChannel(
  client: Client<Account>,
  options: depositChannel.Options,
): Promise<depositChannel.ReturnType> {
  const { setup, way, amount } = options;
  await waitForPending(client);
  const account = (await payChannel.findAccount(setup, way)) ?? payChannel.open(setup, way);
  await setup.store.put(account);
  const balance = await readBalance(client, setup, account.channelId);
  if (balance > account.balance) {
    await setup.store.put({ ...account, balance });
    return { account: { ...account, balance }, deposited: balance - account.balance };
  }
  await assertFunds(client, setup, amount);
  const { hash } = await send(client, {
    address: setup.place.settlement,
    abi: channelsAbi,
    functionName: 'deposit',
    args: [account.config, amount, setup.erc3009Collector, await sign(client, setup, account, balance, amount)],
  });
  const after = { ...account, balance: await readBalance(client, setup, account.channelId) };
  await setup.store.put(after);
  return { account: after, deposited: amount, hash };
}

export declare namespace depositChannel {
  type Options = {
    readonly setup: Setup;
    /** What the seller asks for, by `chooseWay`. */
    readonly way: Way;
    readonly amount: bigint;
  };
  /** Without a hash, a deposit that was cut off before had arrived, and nothing more was sent. */
  type ReturnType = { readonly account: ChannelAccount; readonly deposited: bigint; readonly hash?: Hash };
  type ErrorType = InsufficientError | send.ErrorType;
}

async function sign(
  client: Client,
  setup: Setup,
  account: ChannelAccount,
  balance: bigint,
  value: bigint,
): Promise<Hex> {
  const { timestamp } = await client.getBlock();
  const validBefore = timestamp + lifetime;
  const salt = keccak(encodeAbiParameters([{ type: 'bytes32' }, { type: 'uint128' }], [account.channelId, balance]));
  const signature = await setup.wallet.signTypedData({
    domain: Authorization.domainOf(setup.token),
    types: { ReceiveWithAuthorization: Authorization.types },
    primaryType: 'ReceiveWithAuthorization',
    message: {
      from: setup.wallet.address,
      to: setup.erc3009Collector,
      value,
      validAfter: 0n,
      validBefore,
      nonce: Authorization.depositNonce(account.channelId, salt),
    },
  });
  return encodeAbiParameters(
    [{ type: 'uint256' }, { type: 'uint256' }, { type: 'uint256' }, { type: 'bytes' }],
    [0n, validBefore, BigInt(salt), signature],
  );
}

async function readBalance(client: Client, { place }: Setup, channelId: Hex): Promise<bigint> {
  const contract = { address: place.settlement, abi: channelsAbi } as const;
  const [balance] = await client.readContract({ ...contract, functionName: 'channels', args: [channelId] });
  return balance;
}

async function assertFunds(client: Client, { token, wallet }: Setup, amount: bigint): Promise<void> {
  const contract = { address: token.address, abi: testDollarAbi } as const;
  const held = await client.readContract({ ...contract, functionName: 'balanceOf', args: [wallet.address] });
  if (held < amount) throw new InsufficientError(amount, held);
}

/** The account holds less than was to be deposited. */
export class InsufficientError extends BaseError {
  override readonly name = 'depositChannel.InsufficientError';
  constructor(amount: bigint, held: bigint) {
    super(`You want to deposit ${Amount.format(amount)}, you have ${Amount.format(held)}.`, {
      code: 'payment.insufficient',
      docsPath: 'pay.md',
      hint: `Deposit at most ${Amount.toDollars(held)}.`,
    });
  }
}
