import type { Hex } from 'viem';
import { bytesToHex } from 'viem/utils';

/** 32 random bytes. */
export function randomBytes32(): Hex {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(32)));
}
