/** keccak256, the one hash of this library: of small values at once, of file contents through WebAssembly. */
import type { Hex } from 'viem';
import { keccak256 } from 'viem';

/** keccak256 of a small value. About 10 MB/s; use `keccakContent` for files. */
export function keccak(bytes: Uint8Array): Hex {
  return keccak256(bytes);
}

/**
 * keccak256 of the contents of a file. About 110 MB/s; the WebAssembly module is compiled at the first call, so that
 * pages whose policy forbids it can still use `keccak`.
 */
export async function keccakContent(bytes: Uint8Array): Promise<Hex> {
  hasher ??= import('hash-wasm').then(({ createKeccak }) => createKeccak(256));
  // One hasher serves all callers: nothing is awaited between `init` and `digest`.
  return `0x${(await hasher).init().update(bytes).digest('hex')}`;
}

let hasher: Promise<import('hash-wasm').IHasher> | undefined;
