/**
 * Signatures on the hot path: the native `secp256k1` binding where its prebuilt binary loads, else the WebAssembly
 * build `tiny-secp256k1`. The pure JavaScript fallback of the first package is never used.
 */
import { createRequire } from 'node:module';
import type { Hex } from 'viem';
import { bytesToHex, hexToBytes } from 'viem/utils';
import { keccakBytes } from '../Hash.ts';

type Curve = {
  recover(digest: Uint8Array, signature: Uint8Array, recovery: 0 | 1): Uint8Array | undefined;
  sign(digest: Uint8Array, key: Uint8Array): { signature: Uint8Array; recovery: number };
  publicKey(key: Uint8Array): Uint8Array;
};

type Native = {
  ecdsaRecover(signature: Uint8Array, recovery: number, digest: Uint8Array, compressed: boolean): Uint8Array;
  ecdsaSign(digest: Uint8Array, key: Uint8Array): { signature: Uint8Array; recid: number };
  publicKeyCreate(key: Uint8Array, compressed: boolean): Uint8Array;
};

function loadNative(): Curve | undefined {
  try {
    const native = createRequire(import.meta.url)('secp256k1/bindings') as Native;
    return {
      recover: (digest, signature, recovery) => attempt(() => native.ecdsaRecover(signature, recovery, digest, false)),
      sign: (digest, key) => {
        const { signature, recid } = native.ecdsaSign(digest, key);
        return { signature, recovery: recid };
      },
      publicKey: (key) => native.publicKeyCreate(key, false),
    };
  } catch {
    return undefined;
  }
}

async function loadWasm(): Promise<Curve> {
  const tiny = await import('tiny-secp256k1');
  return {
    recover: (digest, signature, recovery) =>
      attempt(() => tiny.recover(digest, signature, recovery, false)) ?? undefined,
    sign: (digest, key) => {
      const { signature, recoveryId } = tiny.signRecoverable(digest, key);
      return { signature, recovery: recoveryId };
    },
    publicKey: (key) => tiny.pointFromScalar(key, false) as Uint8Array,
  };
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

const native = loadNative();
const curve = native ?? (await loadWasm());

/** Which implementation runs; processes log and export it. */
export const verifier: 'native' | 'wasm' = native ? 'native' : 'wasm';

const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/**
 * Address that signed `digest`, or undefined when the signature is not one that the contracts accept: exactly 65
 * bytes, s in the lower half of the order, v 27 or 28 (OpenZeppelin ECDSA).
 */
export function recover(digest: Hex, signature: Hex): Hex | undefined {
  if (signature.length !== 132) return undefined;
  const v = Number.parseInt(signature.slice(130), 16);
  if (v !== 27 && v !== 28) return undefined;
  if (!/^0x[0-9a-fA-F]{130}$/.test(signature)) return undefined;
  if (BigInt(`0x${signature.slice(66, 130)}`) > halfOrder) return undefined;
  const bytes = hexToBytes(`0x${signature.slice(2, 130)}`);
  const key = curve.recover(hexToBytes(digest), bytes, (v - 27) as 0 | 1);
  return key && addressOf(key);
}

/** Signs a digest; 65 bytes r || s || v with low s and v 27 or 28. */
export function sign(digest: Hex, key: Hex): Hex {
  const { signature, recovery } = curve.sign(hexToBytes(digest), hexToBytes(key));
  return `${bytesToHex(signature)}${(27 + recovery).toString(16)}`;
}

function addressOf(publicKey: Uint8Array): Hex {
  return bytesToHex(keccakBytes(publicKey.subarray(1)).subarray(12));
}
