import {
  type Abi,
  type Account,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  encodeFunctionData,
  type Hash,
  type TransactionReceipt,
} from 'viem';
import { call, estimateGas, getTransactionCount, sendTransaction, waitForTransactionReceipt } from 'viem/actions';
import { BaseError } from '../internal/Errors.ts';
import type { Client } from './client.ts';
import { explainError } from './explainError.ts';
import * as Revert from './Revert.ts';

const confirmationTimeout = 180_000;

/**
 * Sends one transaction of a person and waits until it is mined: simulates it, signs it, sends it, reads the receipt.
 * A call that would fail is not sent. Sending the same thing twice does it twice; who must not, asks the chain first.
 */
export async function send<
  const abi extends Abi,
  name extends ContractFunctionName<abi, 'nonpayable' | 'payable'>,
  const args extends ContractFunctionArgs<abi, 'nonpayable' | 'payable', name>,
>(client: Client<Account>, options: send.Options<abi, name, args>): Promise<send.ReturnType> {
  const { address, functionName, value = 0n } = options;
  const data = encodeFunctionData(options as { abi: Abi; functionName: string; args: readonly unknown[] });
  const request = { account: client.account, to: address, data, value } as const;
  const failed = { functionName, address };

  await call(client, request).catch((error: unknown) => throwRevert(error, failed));
  const nonce = await getTransactionCount(client, { address: client.account.address, blockTag: 'pending' });
  // State can change between the estimate and the block; a tenth more gas covers what that usually costs.
  const gas = await estimateGas(client, request).catch((error: unknown) => throwRevert(error, failed));
  const hash = await sendTransaction(client, { ...request, chain: client.chain, nonce, gas: (gas * 11n) / 10n });

  const receipt = await waitForTransactionReceipt(client, { hash, timeout: confirmationTimeout }).catch(
    (cause: unknown) => {
      throw new UnconfirmedError({ hash, cause });
    },
  );
  if (receipt.status === 'success') return { hash: receipt.transactionHash, receipt };
  // The state it met is that of its block, as near as a node can replay it.
  await call(client, { ...request, blockNumber: receipt.blockNumber }).catch((error: unknown) =>
    throwRevert(error, { ...failed, hash }),
  );
  throw new RevertedError({ ...failed, hash, revert: { errorName: 'Unknown', args: [] } });
}

export declare namespace send {
  type Options<
    abi extends Abi = Abi,
    name extends ContractFunctionName<abi, 'nonpayable' | 'payable'> = ContractFunctionName<
      abi,
      'nonpayable' | 'payable'
    >,
    args extends ContractFunctionArgs<abi, 'nonpayable' | 'payable', name> = ContractFunctionArgs<
      abi,
      'nonpayable' | 'payable',
      name
    >,
  > = {
    address: Address;
    abi: abi;
    functionName: name;
    args: args;
    /** Wei to send along. */
    value?: bigint;
  };
  type ReturnType = {
    readonly hash: Hash;
    readonly receipt: TransactionReceipt;
  };
  type ErrorType = RevertedError | UnconfirmedError;
}

function throwRevert(error: unknown, failed: { functionName: string; address: Address; hash?: Hash }): never {
  const revert = Revert.fromError(error);
  throw revert ? new RevertedError({ ...failed, revert, cause: error }) : error;
}

/** A call that a contract refused, with the contract's own error. Without a hash, nothing was sent. */
export class RevertedError extends BaseError {
  override readonly name = 'send.RevertedError';
  readonly errorName: string;
  readonly args: readonly unknown[];
  readonly hash: Hash | undefined;
  constructor(options: {
    functionName: string;
    address: Address;
    revert: Revert.Revert;
    hash?: Hash;
    cause?: unknown;
  }) {
    const { revert, functionName, address, hash } = options;
    super(explainError(revert.errorName, revert.args), {
      code: 'send.reverted',
      cause: options.cause,
      metaMessages: [
        `${functionName} at ${address} reverted with ${revert.errorName}`,
        hash ? `transaction ${hash}` : 'nothing was sent',
      ],
    });
    this.errorName = revert.errorName;
    this.args = revert.args;
    this.hash = hash;
  }
}

/** A transaction that was sent and not seen in a block in time. It may still be mined. */
export class UnconfirmedError extends BaseError {
  override readonly name = 'send.UnconfirmedError';
  readonly hash: Hash;
  constructor(options: { hash: Hash; cause: unknown }) {
    super(`Transaction ${options.hash} was sent and is in no block yet.`, {
      code: 'send.unconfirmed',
      cause: options.cause,
      hint: 'Look it up before sending again: it may still be mined.',
    });
    this.hash = options.hash;
  }
}
