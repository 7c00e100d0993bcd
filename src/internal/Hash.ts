/**
 * Keccak-256, the one hash of the project. Backed by WebAssembly (`hash-wasm`), which hashes 28 MB in a fraction of
 * the time of a pure JavaScript implementation and needs no I/O: the module is compiled once at import.
 */
import { createKeccak } from 'hash-wasm';
import type { Hex } from 'viem';
import { bytesToHex, hexToBytes } from 'viem/utils';

const hasher = await createKeccak(256);

/** Keccak-256 of `bytes`, as 32 raw bytes. */
export function keccakBytes(bytes: Uint8Array): Uint8Array {
  hasher.init();
  hasher.update(bytes);
  return hasher.digest('binary');
}

/** Keccak-256 of bytes or of a hex string's bytes, as a 0x-prefixed hex string of 32 bytes. */
export function keccak(data: Uint8Array | Hex): Hex {
  return bytesToHex(keccakBytes(typeof data === 'string' ? hexToBytes(data) : data));
}
