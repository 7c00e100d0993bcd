/** Signs an allowance under EIP-2612, for tokens that know no signed payments. */
import { type Hex, type LocalAccount, parseSignature } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { testDollarAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import type * as Terms from './Terms.ts';

/** The contract's struct of a signed allowance. */
export type Permit = {
  readonly value: bigint;
  readonly deadline: bigint;
  readonly v: number;
  readonly r: Hex;
  readonly s: Hex;
};

const types = {
  Permit: [
    { name: 'owner', type: 'address' },
    { name: 'spender', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
} as const;

/** Seconds for which a signed allowance can be submitted. */
const lifetime = 3_600n;

/** Lets `Licenses` take exactly the price of one period. */
export async function signPermit(client: Client<LocalAccount>, options: signPermit.Options): Promise<Permit> {
  const { addresses, terms } = options;
  const token = { address: terms.currency, abi: testDollarAbi } as const;
  const owner = client.account.address;
  const [name, version, nonce, { timestamp }] = await Promise.all([
    client.readContract({ ...token, functionName: 'name' }),
    client.readContract({ ...token, functionName: 'version' }),
    client.readContract({ ...token, functionName: 'nonces', args: [owner] }),
    client.getBlock(),
  ]);
  const deadline = timestamp + lifetime;
  const signature = await client.account.signTypedData({
    domain: { name, version, chainId: addresses.chainId, verifyingContract: terms.currency },
    types,
    primaryType: 'Permit',
    message: { owner, spender: addresses.licenses, value: terms.price, nonce, deadline },
  });
  const { r, s, yParity } = parseSignature(signature);
  return { value: terms.price, deadline, v: 27 + yParity, r, s };
}

export declare namespace signPermit {
  type Options = { readonly addresses: Addresses; readonly terms: Terms.Terms };
}
