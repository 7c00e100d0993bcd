import type { Account, Address, Hash } from 'viem';
import { vaultsAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';
import { BaseError } from '../internal/Errors.ts';
import { findCurrent } from './findCurrent.ts';

/** Hands the signer's share in what an account earns from now on to somebody else. What came before stays its own. */
export async function assign(client: Client<Account>, options: assign.Options): Promise<assign.ReturnType> {
  const { vaults, account, to, tokens } = options;
  const current = await findCurrent(client, options);
  const place = current?.payees.findIndex((payee) => BigInt(payee.account) === BigInt(client.account.address)) ?? -1;
  if (!current || place < 0) throw new NoShareError(client.account.address);
  const index = BigInt(current.upstream.length + place);
  const args = [account, current, index, to, tokens] as const;
  return await send(client, { address: vaults, abi: vaultsAbi, functionName: 'assign', args });
}

export declare namespace assign {
  type Options = {
    readonly vaults: Address;
    readonly account: bigint;
    /** The new payee; the zero address stands for the owner of the account. */
    readonly to: Address;
    /** Tokens to harvest by the shares so far; at most 8. */
    readonly tokens: readonly Address[];
    /** First block to look at, 0 unless given. */
    readonly fromBlock?: bigint;
  };
  type ReturnType = { readonly hash: Hash };
  type ErrorType = send.ErrorType | NoShareError;
}

/** Who signs has no share of its own in what the account earns. */
export class NoShareError extends BaseError {
  override readonly name = 'assign.NoShareError';
  constructor(payee: Address) {
    super(`${payee} has no share to hand over.`, {
      code: 'assign.no_share',
      docsPath: 'settle.md',
      hint: 'The share of the owner goes with the asset, or is changed by a configuration.',
    });
  }
}
