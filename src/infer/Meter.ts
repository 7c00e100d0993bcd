/** The gateway's own meter: what a request is charged for. An upstream's claim alone is never believed. */
import * as Prices from '../license/Prices.ts';
import type { Units } from './Engine.ts';

/** All units of one request: what the engine used, and the call itself. */
export function of(units: Units): Prices.Units {
  return { ...Prices.noUnits, ...units, calls: 1n };
}
