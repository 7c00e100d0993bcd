import type { Account, Address } from 'viem';
import { testDollarAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import { send } from '../chain/send.ts';

/**
 * Allows a contract to take an amount, and not an atom more. Never without limit: what is left over could be taken by
 * nobody today, but would be one right too many.
 */
export async function allowExactly(client: Client<Account>, options: allowExactly.Options): Promise<void> {
  const { spender, amount } = options;
  const token = { address: options.token, abi: testDollarAbi } as const;
  const args = [client.account.address, spender] as const;
  const allowed = await client.readContract({ ...token, functionName: 'allowance', args });
  if (allowed !== amount) await send(client, { ...token, functionName: 'approve', args: [spender, amount] });
}

export declare namespace allowExactly {
  type Options = { readonly token: Address; readonly spender: Address; readonly amount: bigint };
}
