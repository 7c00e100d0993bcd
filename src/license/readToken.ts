/** Reads a licence that can be sold on: its owner, its state and the licence behind it. */
import type { Address, Hex } from 'viem';
import type { Addresses } from '../chain/Addresses.ts';
import { resalesAbi } from '../chain/abi/index.ts';
import type { Client } from '../chain/client.ts';
import * as Eip712 from '../internal/Eip712.ts';
import { type Licence, readLicence } from './readLicence.ts';

/** A token of `Resales`. Amounts are atoms of the currency. */
export type Token = {
  readonly tokenId: bigint;
  readonly owner: Address;
  /** The address without a key that holds the licence. */
  readonly holder: Address;
  readonly termsId: Hex;
  readonly currency: Address;
  /** Counts what voids the sales that the owner signed. */
  readonly nonce: number;
  /** How often it has changed hands with the royalty paid. */
  readonly resales: number;
  /** Most times, 0 for any number. */
  readonly maxResales: number;
  /** Whether it was transferred without the royalty, and is of no use until that is paid. */
  readonly isInert: boolean;
  /** The royalty of one period, which is the least of a sale and what {@link Token.isInert} owes. */
  readonly royalty: bigint;
  readonly licence: Licence;
};

/** `Resales.holderOf`: the address that holds the licence of a token. */
export function holderOf(resales: Address, tokenId: bigint): Address {
  return `0x${Eip712.hashWords([Eip712.word(resales), Eip712.word(tokenId)]).slice(-40)}`;
}

/** `Resales.tokenIdOf`: terms in the first 20 bytes, who it was sold to and a number of theirs in the last 12. */
export function tokenIdOf(termsId: Hex, recipient: Address, salt: Hex): bigint {
  const low = BigInt(Eip712.hashWords([Eip712.word(recipient), salt])) & ((1n << 96n) - 1n);
  return ((BigInt(termsId) >> 96n) << 96n) | low;
}

/** The token, or undefined when it was never sold. */
export async function readToken(client: Client, options: readToken.Options): Promise<Token | undefined> {
  const { addresses, tokenId, at } = options;
  const resales = { address: addresses.resales, abi: resalesAbi } as const;
  const [owner, rules, state] = await client.multicall({
    multicallAddress: addresses.multicall3,
    contracts: [
      { ...resales, functionName: 'ownerOf', args: [tokenId] },
      { ...resales, functionName: 'rulesOf', args: [tokenId] },
      { ...resales, functionName: 'stateOf', args: [tokenId] },
    ],
  });
  if (rules.error) throw rules.error;
  if (state.error) throw state.error;
  if (owner.error) return undefined;
  const { termsId, currency, price, royaltyBps, maxResales } = rules.result;
  const holder = holderOf(addresses.resales, tokenId);
  return {
    tokenId,
    owner: owner.result,
    ...{ holder, termsId, currency, maxResales },
    ...state.result,
    royalty: (price * BigInt(royaltyBps)) / 10_000n,
    licence: await readLicence(client, { addresses, termsId, holder, ...(at === undefined ? {} : { at }) }),
  };
}

export declare namespace readToken {
  type Options = {
    readonly addresses: Addresses;
    readonly tokenId: bigint;
    /** Unix time in seconds by which its licence is valid or not, that of the latest block unless given. */
    readonly at?: number;
  };
}
