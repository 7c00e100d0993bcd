import type { Address, Hex, Log, PublicClient } from 'viem';
import { testDollarAbi } from '../../../chain/abi/index.ts';
import { limits } from '../Config.ts';

/**
 * Finds the recent transaction that used a payer's EIP-3009 authorization: anybody who saw it may have sent it first.
 * `accept` decides by its logs whether it did what was wanted, since the payer may have signed something else under the
 * same nonce; `used` is the position in the block of the log that tells of the use.
 */
export async function findAuthorized(client: PublicClient, options: findAuthorized.Options): Promise<Hex | undefined> {
  const { token, payer, nonce, accept } = options;
  const head = await client.getBlockNumber();
  const events = await client.getContractEvents({
    address: token,
    abi: testDollarAbi,
    eventName: 'AuthorizationUsed',
    args: { authorizer: payer, nonce },
    fromBlock: head > limits.logRange ? head - limits.logRange : 0n,
    toBlock: head,
  });
  for (const { transactionHash, logIndex } of events) {
    const receipt = await client.getTransactionReceipt({ hash: transactionHash });
    if (receipt.status === 'success' && accept(receipt.logs, logIndex)) return transactionHash;
  }
  return undefined;
}

export declare namespace findAuthorized {
  type Options = {
    readonly token: Address;
    readonly payer: Address;
    readonly nonce: Hex;
    accept(logs: Log[], used: number): boolean;
  };
}
