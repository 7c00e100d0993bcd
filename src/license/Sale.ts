/**
 * Sales of licences that can be sold on: a message of the owner of a token, which any buyer can carry out. Source: the
 * struct `Sale` of `IResales`, EIP-712.
 */
import type { Address, Hex } from 'viem';
import { z } from 'zod';
import * as Amount from '../internal/Amount.ts';

/** What the owner of a token signs. */
export type Sale = {
  readonly tokenId: bigint;
  /** What the buyer pays in all, royalty included, in atoms of the currency of the terms. */
  readonly price: bigint;
  /** The nonce of the token: a transfer or a cancellation voids the sale. */
  readonly nonce: number;
  /** Unix time in seconds of the last moment at which it counts. */
  readonly validUntil: number;
};

/** A sale with its signature, as the seller hands it to a buyer. */
export type Signed = { readonly sale: Sale; readonly signature: Hex };

const types = {
  Sale: [
    { name: 'tokenId', type: 'uint256' },
    { name: 'price', type: 'uint128' },
    { name: 'nonce', type: 'uint32' },
    { name: 'validUntil', type: 'uint40' },
  ],
} as const;

/** What is signed. */
export function typedData({ chainId, resales }: { readonly chainId: number; readonly resales: Address }, sale: Sale) {
  return {
    domain: { name: 'Agorai Resales', version: '1', chainId, verifyingContract: resales },
    types,
    primaryType: 'Sale',
    message: sale,
  } as const;
}

const amount = z.string().transform((text) => Amount.parse(text, 256));

/** A signed sale from outside. */
export const schema = z.strictObject({
  sale: z.strictObject({
    tokenId: amount,
    price: amount,
    nonce: z.int().min(0),
    validUntil: z.int().min(0),
  }),
  signature: z
    .string()
    .regex(/^0x(?:[0-9a-fA-F]{2}){1,1024}$/)
    .transform((text) => text as Hex),
}) satisfies z.ZodType<Signed>;
