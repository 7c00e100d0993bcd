/**
 * Just enough of an assembler for WebAssembly to write loops over vectors of four float32.
 *
 * JavaScript has no vectors. WebAssembly's arithmetic is IEEE 754 on every machine (no fused multiply-add outside the
 * relaxed instructions, which are not here), so a loop written with it gives the same bytes everywhere.
 *
 * Source: https://webassembly.github.io/spec/core/binary/
 */

/** Instructions, as nested lists of bytes. */
export type Code = number | readonly Code[];

/** A function: its parameters, further locals (numbered after the parameters), and body. It returns nothing. */
export type Routine = {
  readonly name: string;
  readonly parameters: readonly Type[];
  readonly locals: readonly Type[];
  readonly body: Code;
};

/** The types of locals: an integer or address, a float32, four float32. */
export type Type = typeof I32 | typeof F32 | typeof V128;

export const I32 = 0x7f;
export const F32 = 0x7d;
export const V128 = 0x7b;

const EMPTY_BLOCK = 0x40;
const END = 0x0b;

/** The value of a local. */
export const get = (local: number): Code => [0x20, unsigned(local)];
/** Gives a local a value. */
export const set = (local: number, value: Code): Code => [value, 0x21, unsigned(local)];
/** A constant integer. */
export const integer = (value: number): Code => [0x41, signed(value)];
/** Sum of two integers. */
export const add = (one: Code, other: Code): Code => [one, other, 0x6a];
/** Difference of two integers. */
export const subtract = (one: Code, other: Code): Code => [one, other, 0x6b];
/** Product of two integers. */
export const multiply = (one: Code, other: Code): Code => [one, other, 0x6c];
/** Whether one signed integer is at least the other. */
export const atLeast = (one: Code, other: Code): Code => [one, other, 0x4e];

/** Two double from two float32 at an address, exactly. */
export const loadPair = (address: Code, offset: number): Code => {
  return [address, vector(0x5d), 0, unsigned(offset), vector(0x5f)];
};
/** One double from an address, twice. */
export const loadSplatPair = (address: Code): Code => [address, vector(0x0a), 0, 0];
/** Sum of two pairs of double. */
export const sumOfPairs = (one: Code, other: Code): Code => [one, other, vector(0xf0)];
/** Product of two pairs of double. */
export const productOfPairs = (one: Code, other: Code): Code => [one, other, vector(0xf2)];
/** An integer from an address. */
export const loadInteger = (address: Code): Code => [address, 0x28, 0, 0];

/** Four float32, or two double, from an address. */
export const load = (address: Code, offset = 0): Code => [address, vector(0), 0, unsigned(offset)];
/** Puts four float32, or two double, at an address. */
export const store = (address: Code, value: Code, offset = 0): Code => [
  address,
  value,
  vector(11),
  0,
  unsigned(offset),
];
/** One float32 from an address, four times. */
export const loadSplat = (address: Code): Code => [address, vector(9), 0, 0];
/** One float32, four times. */
export const splat = (value: Code): Code => [value, vector(0x13)];
/** Sums of four float32. */
export const sum = (one: Code, other: Code): Code => [one, other, vector(0xe4)];
/** Differences of four float32. */
export const difference = (one: Code, other: Code): Code => [one, other, vector(0xe5)];
/** Products of four float32. */
export const product = (one: Code, other: Code): Code => [one, other, vector(0xe6)];
/** Quotients of four float32. */
export const quotient = (one: Code, other: Code): Code => [one, other, vector(0xe7)];
/** Square roots of four float32, rounded exactly. */
export const root = (value: Code): Code => [value, vector(0xe3)];
/** The smaller ones of four pairs of float32. */
export const smaller = (one: Code, other: Code): Code => [one, other, vector(0xe8)];
/** The larger ones of four pairs of float32. */
export const larger = (one: Code, other: Code): Code => [one, other, vector(0xe9)];
/** To the nearest whole number, as float32. */
export const nearest = (value: Code): Code => [value, vector(0x6a)];
/** 2^k for four whole float32 between -126 and 127: k + 127 is put where a float32 keeps its exponent. */
export const powerOfTwo = (value: Code): Code => {
  const exponent = [value, constant(127), vector(0xe4), vector(0xf8)];
  return [exponent, integer(23), vector(0xab)];
};
/** A constant float32, four times. */
export const constant = (value: number): Code => {
  const bytes = [...new Uint8Array(Float32Array.of(value).buffer)];
  return [vector(0x0c), bytes, bytes, bytes, bytes];
};

/** Runs `body` again and again while `condition` holds, which is asked before each time. */
export function loopWhile(condition: Code, body: Code): Code {
  const exit = [condition, 0x45, 0x0d, 1];
  return [0x02, EMPTY_BLOCK, 0x03, EMPTY_BLOCK, exit, body, 0x0c, 0, END, END];
}

/** A module that imports a memory as `env.memory` and exports the routines by name. */
export function assemble(routines: readonly Routine[]): WebAssembly.Module {
  const types = routines.map(({ parameters }) => [0x60, list(parameters), 0]);
  const memory = [text('env'), text('memory'), 0x02, 0x00, 1];
  const exported = routines.map(({ name }, index) => [text(name), 0x00, unsigned(index)]);
  const bodies = routines.map(({ locals, body }) => {
    return sized([list(locals.map((type) => [1, type])), body, END]);
  });
  const bytes = flatten([
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    [1, sized(list(types))],
    [2, sized(list([memory]))],
    [3, sized(list(routines.map((_, index) => unsigned(index))))],
    [7, sized(list(exported))],
    [10, sized(list(bodies))],
  ]);
  return new WebAssembly.Module(Uint8Array.from(bytes));
}

function vector(instruction: number): Code {
  return [0xfd, unsigned(instruction)];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  return value >= -64 && value < 64 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

function list(items: readonly Code[]): Code {
  return [unsigned(items.length), items];
}

function sized(code: Code): Code {
  const bytes = flatten(code);
  return [unsigned(bytes.length), bytes];
}

function text(value: string): Code {
  return list([...new TextEncoder().encode(value)]);
}

function flatten(code: Code): number[] {
  return typeof code === 'number' ? [code] : (code as readonly Code[]).flatMap(flatten);
}
