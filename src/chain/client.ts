import {
  type Account,
  createClient as createViemClient,
  type HttpTransport,
  http,
  type PublicActions,
  publicActions,
  type Client as ViemClient,
  BaseError as ViemError,
  type WalletActions,
  walletActions,
} from 'viem';
import { getBlock, getChainId } from 'viem/actions';
import { BaseError } from '../internal/Errors.ts';
import * as Addresses from './Addresses.ts';
import * as Chain from './Chain.ts';

/** A viem client of one chain, with or without an account that signs. */
export type Client<account extends Account | undefined = Account | undefined> = ViemClient<
  HttpTransport,
  Chain.Chain,
  account,
  undefined,
  PublicActions<HttpTransport, Chain.Chain, account> & WalletActions<Chain.Chain, account>
>;

/**
 * Connects to a chain and makes sure that it is the one expected: by its id, and, when an address book is given, by the
 * hash of its first block too.
 */
export async function createClient<const account extends Account | undefined = undefined>(
  options: createClient.Options<account>,
): Promise<Client<account>> {
  const { rpcUrl, account, addresses } = options;
  Chain.assertRpcUrl(rpcUrl);
  const transport = http(rpcUrl, { timeout: options.timeout ?? 20_000 });
  const probe = createViemClient({ transport });
  const chainId = await getChainId(probe).catch((cause: unknown) => {
    throw new UnreachableError({ rpcUrl, cause });
  });
  Chain.assertPlace(chainId, rpcUrl);
  const chain = Chain.fromId(chainId);
  if (account) Chain.assertAccount(chainId, account.address);
  if (addresses) {
    const { hash: genesisHash } = await getBlock(probe, { blockNumber: 0n });
    Addresses.assertChain(addresses, { chainId, genesisHash });
  }
  const pollingInterval = Chain.isLocal(chainId) ? 100 : 1000;
  return createViemClient({ account, chain, transport, pollingInterval })
    .extend(publicActions)
    .extend(walletActions) as Client<account>;
}

export declare namespace createClient {
  type Options<account extends Account | undefined = Account | undefined> = {
    /** https anywhere, plain http to this machine only. */
    rpcUrl: string;
    /** Who signs. Without it the client only reads. */
    account?: account;
    /** The deployment that the chain must hold. */
    addresses?: Addresses.Addresses;
    /** Milliseconds a request may take, 20,000 unless given. */
    timeout?: number;
  };
  type ReturnType<account extends Account | undefined = undefined> = Promise<Client<account>>;
  type ErrorType =
    | Chain.RpcUrlError
    | Chain.PlainHttpError
    | Chain.RemoteLocalError
    | Chain.PracticeAccountError
    | Chain.UnknownError
    | Addresses.ForeignChainError
    | UnreachableError;
}

/** A node that does not answer. Only its host is named, because the rest of the address often is a secret. */
export class UnreachableError extends BaseError {
  override readonly name = 'client.UnreachableError';
  constructor(options: { rpcUrl: string; cause: unknown }) {
    super(`The node at ${new URL(options.rpcUrl).host} does not answer.`, {
      code: 'client.unreachable',
      // The cause itself would repeat the whole address.
      metaMessages: options.cause instanceof ViemError ? [options.cause.details] : [],
      hint: 'Check that it runs and that the address is right.',
    });
  }
}
