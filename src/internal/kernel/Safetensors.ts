/**
 * The safetensors file format, for float32 and for unsigned integers of 16 and 8 bits: eight bytes of header length (little-endian), a JSON header that names
 * type, shape and place of each tensor, then the values in little-endian order.
 *
 * `serialize` is deterministic: tensors in the order given, header padded with spaces to a multiple of eight bytes.
 * Source: https://github.com/huggingface/safetensors#format
 */
import { BaseError } from '../Errors.ts';

/** A named tensor, its values in row-major order. */
export type Tensor = { readonly name: string; readonly shape: readonly number[]; readonly values: Values };

/** The values of a tensor. */
export type Values = Float32Array | Uint16Array | Uint8Array;

/** A type of values: how a file names it, its size (bytes), and how one value is read and written. */
type Kind = {
  readonly name: string;
  readonly bytes: number;
  readonly from: (length: number) => Values;
  readonly get: (view: DataView, at: number) => number;
  readonly set: (view: DataView, at: number, value: number) => void;
};

const F32: Kind = {
  name: 'F32',
  bytes: 4,
  from: (length) => new Float32Array(length),
  get: (view, at) => view.getFloat32(at, true),
  set: (view, at, value) => view.setFloat32(at, value, true),
};
const U16: Kind = {
  name: 'U16',
  bytes: 2,
  from: (length) => new Uint16Array(length),
  get: (view, at) => view.getUint16(at, true),
  set: (view, at, value) => view.setUint16(at, value, true),
};
const U8: Kind = {
  name: 'U8',
  bytes: 1,
  from: (length) => new Uint8Array(length),
  get: (view, at) => view.getUint8(at),
  set: (view, at, value) => view.setUint8(at, value),
};

/** A header above this size is refused before it is parsed (bytes). */
const MAX_HEADER = 1_000_000;

/** The bytes of a file with these tensors. */
export function serialize(tensors: readonly Tensor[]): Uint8Array {
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const { name, shape, values } of tensors) {
    header[name] = { dtype: kindOf(values).name, shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(start + offset).fill(0x20, 8, start);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);

  let at = start;
  for (const { values } of tensors) {
    const { bytes: size, set } = kindOf(values);
    for (const value of values) {
      set(view, at, value);
      at += size;
    }
  }
  return bytes;
}

/**
 * Reads a file of tensors that fill the data section without gaps or overlaps.
 *
 * @throws {MalformedError} for anything else, including a value that is not finite.
 */
export function parse(bytes: Uint8Array): readonly Tensor[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) throw new MalformedError('it is shorter than eight bytes');
  const length = view.getBigUint64(0, true);
  if (length > MAX_HEADER || Number(length) + 8 > bytes.length) throw new MalformedError('the header length is wrong');

  const start = 8 + Number(length);
  let end = 0;
  const tensors: Tensor[] = [];
  for (const [name, entry] of readHeader(bytes.subarray(8, start))) {
    const { dtype, shape, data_offsets: offsets } = entry as Entry;
    const kind = [F32, U16, U8].find((known) => known.name === dtype);
    if (!kind) throw new MalformedError(`tensor ${name} is not F32, U16 or U8`);
    if (!isCounts(shape) || !isCounts(offsets)) throw new MalformedError(`tensor ${name} has no shape or place`);
    const count = shape.reduce((product, size) => product * size, 1);
    if (offsets.length !== 2 || offsets[0] !== end || offsets[1] !== end + count * kind.bytes) {
      throw new MalformedError(`tensor ${name} does not follow the one before it`);
    }
    if (start + end + count * kind.bytes > bytes.length) throw new MalformedError(`tensor ${name} is cut off`);
    tensors.push({ name, shape, values: readValues(kind, view, start + end, count, name) });
    end += count * kind.bytes;
  }
  if (start + end !== bytes.length) throw new MalformedError('bytes are left over');
  return tensors;
}

type Entry = { readonly dtype: unknown; readonly shape: unknown; readonly data_offsets: unknown };

function readHeader(bytes: Uint8Array): [string, unknown][] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new MalformedError('the header is not JSON', cause);
  }
  if (typeof header !== 'object' || header === null) throw new MalformedError('the header is not an object');
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  for (const [name, entry] of entries) {
    if (typeof entry !== 'object' || entry === null) throw new MalformedError(`tensor ${name} has no shape or place`);
  }
  return entries;
}

/**
 * The values of a tensor that must be float32.
 *
 * @throws {MalformedError} when they are not.
 */
export function floatsOf({ name, values }: Tensor): Float32Array {
  if (values instanceof Float32Array) return values;
  throw new MalformedError(`tensor ${name} is not F32`);
}

function kindOf(values: Values): Kind {
  return values instanceof Float32Array ? F32 : values instanceof Uint16Array ? U16 : U8;
}

function readValues({ bytes, from, get }: Kind, view: DataView, start: number, count: number, name: string): Values {
  const values = from(count);
  for (let index = 0; index < count; index++) {
    const value = get(view, start + index * bytes);
    if (!Number.isFinite(value)) throw new MalformedError(`tensor ${name} holds a value that is not finite`);
    values[index] = value;
  }
  return values;
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

/** Bytes that are not a safetensors file of tensors of these types. */
export class MalformedError extends BaseError {
  override readonly name = 'Safetensors.MalformedError';
  constructor(detail: string, cause?: unknown) {
    super(`The safetensors file is malformed: ${detail}.`, { code: 'kernel.safetensors-malformed', cause });
  }
}
