import type { Hex } from 'viem';
import { concat, stringToBytes, stringToHex } from 'viem/utils';
import { keccak } from '../../internal/Hash.ts';

/** The salt of each request, 16 bytes that only its buyer and the seller know. */
export type Salts = (requestId: Hex) => Hex;

/**
 * Salts that follow from the receipt key and the request, so that a repeated request is answered with the same salt even
 * by a gateway that was restarted in between.
 */
export function createSalts(receiptKey: Hex): Salts {
  const secret = keccak(concat([receiptKey, stringToHex('salts of receipts')]));
  return (requestId) => keccak(concat([secret, requestId])).slice(0, 34) as Hex;
}

/** Codes that only this seller's gateways can make, for one purpose; they outlive a restart. */
export function createMac(receiptKey: Hex, purpose: string): (text: string) => string {
  const secret = keccak(concat([receiptKey, stringToHex(purpose)]));
  return (text) => keccak(concat([secret, keccak(stringToBytes(text))])).slice(2, 34);
}
