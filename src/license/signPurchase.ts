/** Signs the payment of a licence under ERC-3009. Whoever submits it can change neither terms nor holder. */
import type { Address, Hex, LocalAccount } from 'viem';
import { encodeAbiParameters } from 'viem/utils';
import type { Addresses } from '../chain/Addresses.ts';
import { testDollarAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import * as Eip712 from '../internal/Eip712.ts';
import { keccak } from '../internal/Hash.ts';
import type * as Terms from './Terms.ts';

/** The contract's struct of a signed payment. */
export type Authorization = {
  readonly from: Address;
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  readonly salt: Hex;
  readonly signature: Hex;
};

/** Seconds for which a signed payment can be submitted. */
const lifetime = 3_600n;

const types = {
  ReceiveWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const;

/** `Licenses.authorizationNonceOf`: the nonce binds terms and holder. */
export function nonceOf(termsId: Hex, holder: Address, salt: Hex): Hex {
  return Eip712.hashWords([termsId, Eip712.word(holder), salt]);
}

/**
 * Signs the payment of one period with the client's account. The salt follows from the end of the licence that is
 * extended: the same purchase always has the same nonce, which the token accepts once.
 */
export async function signPurchase(
  client: Client<LocalAccount>,
  options: signPurchase.Options,
): Promise<Authorization> {
  const { addresses, terms, termsId, holder, end } = options;
  const token = { address: terms.currency, abi: testDollarAbi } as const;
  const [name, version, { timestamp }] = await Promise.all([
    client.readContract({ ...token, functionName: 'name' }),
    client.readContract({ ...token, functionName: 'version' }),
    client.getBlock(),
  ]);
  const from = client.account.address;
  const salt = keccak(encodeAbiParameters([{ type: 'address' }, { type: 'uint40' }], [from, end]));
  const validBefore = timestamp + lifetime;
  const signature = await client.account.signTypedData({
    domain: { name, version, chainId: addresses.chainId, verifyingContract: terms.currency },
    types,
    primaryType: 'ReceiveWithAuthorization',
    message: {
      from,
      to: addresses.licenses,
      value: terms.price,
      validAfter: 0n,
      validBefore,
      nonce: nonceOf(termsId, holder, salt),
    },
  });
  return { from, validAfter: 0n, validBefore, salt, signature };
}

export declare namespace signPurchase {
  type Options = {
    readonly addresses: Addresses;
    readonly terms: Terms.Terms;
    readonly termsId: Hex;
    readonly holder: Address;
    /** End of the licence that the holder has now, 0 for none. */
    readonly end: number;
  };
}
