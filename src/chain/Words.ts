import { type Address, formatUnits, getAddress, type Hex, hexToString, maxUint256, size, zeroAddress } from 'viem';
import * as Amount from '../internal/Amount.ts';

/** An amount of money in words: `$12.50`, `$0.000001`, and the greatest number, which stands for no limit. */
export function dollars(atoms: bigint): string {
  return atoms === maxUint256 ? 'any amount' : Amount.format(atoms);
}

/** An account or contract, in full: addresses that differ in the middle only are made to deceive. */
export function account(address: Address): string {
  return address === zeroAddress ? 'nobody' : getAddress(address);
}

/** A hash or an id by its ends. */
export function id(value: Hex | bigint): string {
  const text = typeof value === 'bigint' ? `0x${value.toString(16).padStart(64, '0')}` : value;
  return text.length <= 22 ? text : `${text.slice(0, 10)}...${text.slice(-8)}`;
}

/** An account of Vaults: an asset, or a seller, whose number is an address. */
export function payee(value: bigint): string {
  return value < 1n << 160n ? `seller ${account(`0x${value.toString(16).padStart(40, '0')}`)}` : `asset ${id(value)}`;
}

/** Basis points as per cent: `2.5 %`. */
export function percent(bps: number | bigint): string {
  return `${formatUnits(BigInt(bps), 2)} %`;
}

/** Seconds in the largest units that divide them: `30 seconds`, `3 days`. */
export function duration(seconds: number | bigint): string {
  const total = BigInt(seconds);
  for (const [unit, length] of units) if (total !== 0n && total % length === 0n) return count(total / length, unit);
  return count(total, 'second');
}

/** Unix seconds as a date in UTC: `2026-01-31 12:00:00 UTC`. What lies beyond the year 9999 means never. */
export function time(seconds: number | bigint): string {
  if (seconds > 253_402_300_799) return 'the end of time';
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** A number of things: `1 row`, `2 rows`. */
export function count(number: number | bigint, noun: string): string {
  return `${number} ${noun}${BigInt(number) === 1n ? '' : 's'}`;
}

/** A short string kept in 32 bytes, without control characters, which could rewrite a terminal. */
export function label(value: Hex): string {
  return plain(size(value) === 32 ? hexToString(value, { size: 32 }) : value);
}

/** Text of others, made safe to print: control characters dropped, at most 200 characters. */
export function plain(text: string): string {
  const safe = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');
  return safe.length > 200 ? `${safe.slice(0, 200)}...` : safe;
}

const units = [
  ['day', 86_400n],
  ['hour', 3_600n],
  ['minute', 60n],
] as const;
