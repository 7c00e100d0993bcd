/**
 * Prices of use: atoms per million units, because one token costs less than one atom. A request's sum is rounded up
 * once. The hash of the prices stands in the terms of a licence; their preimage is in the event of the offer.
 */
import type { Hex } from 'viem';
import * as Amount from '../internal/Amount.ts';
import * as Eip712 from '../internal/Eip712.ts';
import { BaseError } from '../internal/Errors.ts';

/** Atoms per million units of each kind. `perCall` counts requests, `perSecond` seconds, `perByte` request bytes. */
export type Prices = {
  readonly perCall: bigint;
  readonly perInputToken: bigint;
  readonly perOutputToken: bigint;
  readonly perSecond: bigint;
  readonly perImage: bigint;
  readonly perByte: bigint;
};

/** What a request used. */
export type Units = {
  readonly calls: bigint;
  readonly inputTokens: bigint;
  readonly outputTokens: bigint;
  readonly seconds: bigint;
  readonly images: bigint;
  readonly bytes: bigint;
};

/** The fields in the order of the contract's struct. */
export const fields = [
  'perCall',
  'perInputToken',
  'perOutputToken',
  'perSecond',
  'perImage',
  'perByte',
] as const satisfies readonly (keyof Prices)[];

const unitOf = {
  perCall: 'calls',
  perInputToken: 'inputTokens',
  perOutputToken: 'outputTokens',
  perSecond: 'seconds',
  perImage: 'images',
  perByte: 'bytes',
} as const satisfies Record<keyof Prices, keyof Units>;

/** Nothing used. */
export const noUnits: Units = { calls: 0n, inputTokens: 0n, outputTokens: 0n, seconds: 0n, images: 0n, bytes: 0n };

/** Prices with zero for what is not named. */
export function from(prices: Partial<Prices>): Prices {
  const entries = fields.map((field) => {
    const price = prices[field] ?? 0n;
    if (price < 0n || price >> 128n !== 0n) throw new OutOfRangeError(field, price);
    return [field, price] as const;
  });
  return Object.fromEntries(entries) as Prices;
}

/** keccak256(abi.encode(prices)), as the terms name it. */
export function hash(prices: Prices): Hex {
  return Eip712.hashWords(fields.map((field) => Eip712.word(prices[field])));
}

/** Atoms that a request costs: the exact sum over all units, rounded up once. */
export function costUp(prices: Prices, units: Units): bigint {
  const sum = fields.reduce((total, field) => total + prices[field] * units[unitOf[field]], 0n);
  return Amount.divUp(sum, 1_000_000n);
}

/** Whether use costs nothing. */
export function isFree(prices: Prices): boolean {
  return fields.every((field) => prices[field] === 0n);
}

/** Prices of which a share in basis points is asked, each rounded up. */
export function shareUp(prices: Prices, bps: number): Prices {
  const entries = fields.map((field) => [field, Amount.divUp(prices[field] * BigInt(bps), 10_000n)] as const);
  return Object.fromEntries(entries) as Prices;
}

/** In words, e.g. `$0.0002 per call + $1.00 per million input tokens`. */
export function describe(prices: Prices): string {
  const words: Record<keyof Prices, string> = {
    perCall: 'call',
    perInputToken: 'input token',
    perOutputToken: 'output token',
    perSecond: 'second',
    perImage: 'image',
    perByte: 'byte',
  };
  const parts = fields
    .filter((field) => prices[field] > 0n)
    .map((field) =>
      prices[field] % 1_000_000n === 0n
        ? `${Amount.format(prices[field] / 1_000_000n)} per ${words[field]}`
        : `${Amount.format(prices[field])} per million ${words[field]}s`,
    );
  return parts.length === 0 ? 'free' : parts.join(' + ');
}

/** A price does not fit. */
export class OutOfRangeError extends BaseError {
  override readonly name = 'Prices.OutOfRangeError';
  constructor(field: string, price: bigint) {
    super(`The price ${field} of ${price} is out of range.`, { code: 'prices.out_of_range' });
  }
}
