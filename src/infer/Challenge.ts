/**
 * Challenges of a sign-in: a holder signs that it uses its licence at one gateway. The text is that of ERC-4361, so that
 * every wallet shows it, and is bound to the gateway, the purpose, a nonce and an end. Sources: CAIP-122, ERC-4361.
 */
import type { Address, Hex } from 'viem';
import { createSiweMessage, parseSiweMessage } from 'viem/siwe';
import * as Eip712 from '../internal/Eip712.ts';

/** What is signed. Times in unix milliseconds. */
export type Challenge = {
  /** Origin of the gateway, e.g. `https://example.com`. */
  readonly audience: string;
  readonly chainId: number;
  readonly holder: Address;
  readonly termsId: Hex;
  /** Number of the seat, from 1. */
  readonly seat: number;
  /** The token that stands for the licence, when it is one that can be sold on. */
  readonly tokenId?: bigint | undefined;
  readonly nonce: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
};

/** Path that challenges are made for and answered at. */
export const path = '/v1/signin';

const statement = 'I use my licence at this gateway. This signs me in for at most an hour and pays nothing.';

/** The text to sign. */
export function toText(challenge: Challenge): string {
  const { tokenId } = challenge;
  return createSiweMessage({
    domain: new URL(challenge.audience).host,
    address: challenge.holder,
    statement,
    uri: new URL(path, challenge.audience).href,
    version: '1',
    chainId: challenge.chainId,
    nonce: challenge.nonce,
    issuedAt: new Date(challenge.issuedAt),
    expirationTime: new Date(challenge.expiresAt),
    requestId: 'POST-signin',
    resources: [
      `urn:agorai:licence:${challenge.termsId}`,
      `urn:agorai:seat:${challenge.seat}`,
      ...(tokenId === undefined ? [] : [`urn:agorai:token:${Eip712.word(tokenId)}`]),
    ],
  });
}

/** Reads a text back; undefined unless it is, to the letter, what {@link toText} writes. */
export function parse(text: string): Challenge | undefined {
  const { address, uri, chainId, nonce, issuedAt, expirationTime, resources = [] } = parseSiweMessage(text);
  const termsId = /^urn:agorai:licence:(0x[0-9a-f]{64})$/.exec(resources[0] ?? '')?.[1];
  const seat = /^urn:agorai:seat:([1-9][0-9]{0,4})$/.exec(resources[1] ?? '')?.[1];
  const tokenId = /^urn:agorai:token:(0x[0-9a-f]{64})$/.exec(resources[2] ?? '')?.[1];
  if (!address || !uri || !URL.canParse(uri) || !chainId || !nonce || !issuedAt || !expirationTime) return undefined;
  if (!termsId || !seat) return undefined;
  const challenge: Challenge = {
    audience: new URL(uri).origin,
    chainId,
    holder: address,
    termsId: termsId as Hex,
    seat: Number(seat),
    ...(tokenId === undefined ? {} : { tokenId: BigInt(tokenId) }),
    nonce,
    issuedAt: issuedAt.getTime(),
    expiresAt: expirationTime.getTime(),
  };
  try {
    return toText(challenge) === text ? challenge : undefined;
  } catch {
    return undefined;
  }
}
