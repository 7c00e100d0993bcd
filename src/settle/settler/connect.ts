import type { Address, PublicClient } from 'viem';
import * as Addresses from '../../chain/Addresses.ts';
import { authorizersAbi, vaultsAbi } from '../../chain/abi/index.ts';
import * as Chain from '../../chain/Chain.ts';
import { BaseError } from '../../internal/Errors.ts';
import { isSameAddress } from '../../internal/isSameAddress.ts';
import type * as Call from './Call.ts';
import type * as Config from './Config.ts';

/** What a settler learns of the chain before it signs anything. */
export type Connection = {
  readonly limits: Call.Limits;
  /** Account of each payout address, in lower case. */
  readonly accounts: ReadonlyMap<string, bigint>;
};

/**
 * Makes sure that the node serves the chain of the address book and that the seller's authorizer accepts the settler's
 * key, and reads the addresses that may receive money.
 */
export async function connect(client: PublicClient, config: Config.Config, sender: Address): Promise<Connection> {
  const { addresses, seller } = config;
  const [chainId, genesis] = await Promise.all([client.getChainId(), client.getBlock({ blockNumber: 0n })]);
  Chain.assertPlace(chainId, config.rpcUrl);
  Addresses.assertChain(addresses, { chainId, genesisHash: genesis.hash });
  Chain.assertAccount(chainId, sender);
  const authorizers = { address: addresses.authorizers, abi: authorizersAbi } as const;
  const [registered, authorizer, payouts] = await Promise.all([
    client.readContract({ ...authorizers, functionName: 'settlerOf', args: [seller] }),
    client.readContract({ ...authorizers, functionName: 'addressOf', args: [seller] }),
    Promise.all(
      config.accounts.map((account) =>
        client.readContract({ address: addresses.vaults, abi: vaultsAbi, functionName: 'payoutOf', args: [account] }),
      ),
    ),
  ]);
  if (!isSameAddress(registered, sender)) throw new NotRegisteredError(seller, sender);
  return {
    limits: { addresses, tokens: config.tokens, receivers: payouts, authorizer },
    accounts: new Map(payouts.map((payout, i) => [payout.toLowerCase(), config.accounts[i] as bigint])),
  };
}

/** The seller has registered another settler key, or none. */
export class NotRegisteredError extends BaseError {
  override readonly name = 'connect.NotRegisteredError';
  constructor(seller: Address, sender: Address) {
    super(`The seller ${seller} has not registered the settler key ${sender}.`, {
      code: 'settler.not_registered',
      docsPath: 'settle.md',
      hint: `The seller runs: agorai settler register ${sender}`,
    });
  }
}
