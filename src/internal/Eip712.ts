/**
 * EIP-712 by hand for structs with static fields only: the hot path hashes vouchers and receipts thousands of times a
 * second, where a general encoder spends most of its time on strings. Source: EIP-712, sections encodeData, hashStruct.
 */
import type { Hex } from 'viem';
import { concat, stringToBytes } from 'viem/utils';
import { keccak } from './Hash.ts';

/** A domain without salt. */
export type Domain = {
  readonly name: string;
  readonly version: string;
  readonly chainId: number;
  readonly verifyingContract: Hex;
};

/** Hash of a type's text, e.g. `Voucher(bytes32 channelId,uint128 maxClaimableAmount)`. */
export function typeHash(type: string): Hex {
  return keccak(stringToBytes(type));
}

/** One 32-byte word: a number or a left-padded hex value (addresses and uints; bytes32 as it is). */
export function word(value: bigint | number | Hex): Hex {
  if (typeof value === 'string') return `0x${value.slice(2).toLowerCase().padStart(64, '0')}`;
  return `0x${value.toString(16).padStart(64, '0')}`;
}

/** hashStruct of a struct whose fields are all static. */
export function hashStruct(type: Hex, fields: readonly (bigint | number | Hex)[]): Hex {
  let text = type.slice(2);
  for (const field of fields) text += word(field).slice(2);
  return keccak(`0x${text}`);
}

const domainType = typeHash('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)');
const separators = new Map<string, Hex>();

/** Domain separator, remembered per domain. */
export function domainSeparator(domain: Domain): Hex {
  const key = `${domain.name}\n${domain.version}\n${domain.chainId}\n${domain.verifyingContract.toLowerCase()}`;
  const known = separators.get(key);
  if (known) return known;
  const separator = hashStruct(domainType, [
    keccak(stringToBytes(domain.name)),
    keccak(stringToBytes(domain.version)),
    domain.chainId,
    domain.verifyingContract,
  ]);
  separators.set(key, separator);
  return separator;
}

/** The digest that is signed: keccak256(0x1901 || domainSeparator || structHash). */
export function digest(domain: Domain, structHash: Hex): Hex {
  return keccak(concat(['0x1901', domainSeparator(domain), structHash]));
}

/** Keccak of the concatenation of 32-byte words, for arrays of structs. */
export function hashWords(words: readonly Hex[]): Hex {
  return words.length === 0 ? keccak(keccakInput) : keccak(concat(words));
}

const keccakInput = new Uint8Array(0);
