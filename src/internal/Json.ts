import { BaseError } from './Errors.ts';

/** A JSON value in which amounts may be `bigint`. */
export type Value = null | boolean | number | bigint | string | readonly Value[] | { readonly [key: string]: Value };

/**
 * Canonical JSON: keys sorted by code unit, no white space, `bigint` as a decimal string (RFC 8785 for the values
 * used here: integers, strings, booleans, null). Equal values have equal text, so the text can be hashed.
 */
export function canonical(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `"${value}"`;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new NotCanonicalError(String(value));
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item)).join(',')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
  }
  throw new NotCanonicalError(typeof value);
}

/** `JSON.stringify` with `bigint` as a decimal string. */
export function stringify(value: unknown, space?: number): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item), space);
}

/** Deepest nesting that {@link parse} accepts. */
export const maxDepth = 32;

/**
 * Parses untrusted JSON text with a depth cap. The key `__proto__` is refused. Of a key that is there twice the last one
 * counts, for whoever verifies and whoever serves, since both read what this function returns.
 */
export function parse(text: string): unknown {
  assertDepth(text);
  try {
    // A reviver makes parsing several times slower, so it runs only where the key could stand, escaped or not.
    return mayNamePrototype.test(text) ? JSON.parse(text, refusePrototype) : JSON.parse(text);
  } catch (cause) {
    if (cause instanceof InvalidError) throw cause;
    throw new InvalidError('the text is not JSON', cause);
  }
}

/** Parses untrusted bytes: UTF-8 without a byte order mark and without broken sequences. */
export function parseBytes(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw new InvalidError('the bytes are not UTF-8', cause);
  }
  return parse(text);
}

// The mark is kept, so that it is refused like any other character that is not JSON.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const mayNamePrototype = /__proto__|\\u/;

function refusePrototype(key: string, item: unknown): unknown {
  if (key === '__proto__') throw new InvalidError('the key __proto__ is not allowed');
  return item;
}

function assertDepth(text: string): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > maxDepth) throw new InvalidError(`nesting is deeper than ${maxDepth}`);
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
}

/** A value has no canonical text (a function, NaN, undefined). */
export class NotCanonicalError extends BaseError {
  override readonly name = 'Json.NotCanonicalError';
  constructor(found: string) {
    super(`A value of type ${found} has no canonical JSON text.`, { code: 'json.not_canonical' });
  }
}

/** Untrusted text is not acceptable JSON. */
export class InvalidError extends BaseError {
  override readonly name = 'Json.InvalidError';
  constructor(reason: string, cause?: unknown) {
    super(`Invalid JSON: ${reason}.`, { code: 'json.invalid', cause });
  }
}
