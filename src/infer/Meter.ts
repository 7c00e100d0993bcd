/** The gateway's own meter: what a request is charged for. An upstream's claim alone is never believed. */
import * as Prices from '../license/Prices.ts';
import type { Units } from './Engine.ts';

/** All units of one request: what the engine used, and the call itself. */
export function of(units: Units): Prices.Units {
  return { ...Prices.noUnits, ...units, calls: 1n };
}

/** The larger of two measurements, kind by kind. */
export function atLeast(units: Units, least: Units | undefined): Units {
  const kind = (name: keyof Units): bigint =>
    least === undefined || units[name] > least[name] ? units[name] : least[name];
  return {
    inputTokens: kind('inputTokens'),
    outputTokens: kind('outputTokens'),
    images: kind('images'),
    bytes: kind('bytes'),
  };
}

/**
 * What an engine claims, kind by kind within what was reserved. A claim that is missing, negative or no whole number
 * counts as nothing: the seller answers for its engine, not the buyer.
 */
export function within(claimed: Partial<Record<keyof Units, unknown>> | undefined, bound: Units): Units {
  const kind = (name: keyof Units): bigint => {
    const claim = claimed?.[name];
    if (typeof claim !== 'bigint' || claim < 0n) return 0n;
    return claim < bound[name] ? claim : bound[name];
  };
  return {
    inputTokens: kind('inputTokens'),
    outputTokens: kind('outputTokens'),
    images: kind('images'),
    bytes: kind('bytes'),
  };
}

/** Tokens as answers in OpenAI's shape state them. */
export function usage({ inputTokens, outputTokens }: Units) {
  const [prompt, completion] = [Number(inputTokens), Number(outputTokens)];
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}
