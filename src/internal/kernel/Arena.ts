/** Memory that the vector routines work on, and those routines. */
import * as Wasm from './Wasm.ts';

/** Float32 arrays that live and end together. */
export type Arena = {
  readonly memory: WebAssembly.Memory;
  readonly routines: Routines;
  /** Where the next array begins (bytes). */
  next: number;
};

/** Addresses and strides are in bytes; addresses of vectors are multiples of 16. */
export type Routines = {
  /**
   * c[r, 0..8) += sum over k of a[r, k] b[k, 0..8): products and sums are rounded to float32 one at a time, by
   * ascending k. The strides of `a` are given by row and by k, those of `b` are 32 bytes by k.
   */
  readonly multiply: (
    a: number,
    aRow: number,
    aStep: number,
    b: number,
    c: number,
    cRow: number,
    depth: number,
    rows: number,
  ) => void;
  /**
   * sums[0..16) += scales[k] * matrix[rows[k] + 0..16) for k ascending: doubles += double * float32, a row at an
   * address in bytes from `matrix`. Products of two float32 are exact in double.
   */
  readonly addRows: (sums: number, rows: number, scales: number, count: number, matrix: number) => void;
  /**
   * Replaces each of `count` values x, a multiple of four, by e^(x - shift), with x - shift kept within -87 and 88.
   * Polynomial of degree 6, rounded to float32 at each operation; the relative error is below 3e-7.
   */
  readonly exponentiate: (values: number, count: number, shift: number) => void;
  /** See `Parameter.descend`; `count` is a multiple of four, `rate` and `epsilon` are corrected for the step. */
  readonly adam: (
    values: number,
    gradient: number,
    mean: number,
    square: number,
    count: number,
    rate: number,
    epsilon: number,
    keepMean: number,
    keepSquare: number,
  ) => void;
};

const PAGE = 65_536;

/** An arena for `floats` numbers in all, counting up to 15 lost to the alignment of each array. */
export function from(floats: number): Arena {
  const pages = Math.ceil((floats * 4) / PAGE) + 1;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const instance = new WebAssembly.Instance(program, { env: { memory } });
  return { memory, routines: instance.exports as unknown as Routines, next: 0 };
}

/** A new array of zeros that begins on a cache line. Throws a RangeError where the arena is full. */
export function floats(arena: Arena, length: number): Float32Array {
  return new Float32Array(arena.memory.buffer, place(arena, 4 * length), length);
}

/** Room for `bytes` bytes on a cache line, to be seen as any type of array. */
export function place(arena: Arena, bytes: number): number {
  const start = arena.next;
  arena.next += Math.ceil(bytes / 64) * 64;
  return start;
}

const program = Wasm.assemble([multiplyRoutine(), addRowsRoutine(), exponentiateRoutine(), adamRoutine()]);

/** Eight sums a row in two vectors, four rows at a time, so that each loaded value is used several times. */
function multiplyRoutine(): Wasm.Routine {
  const { get, set, add, integer, loopWhile, subtract, atLeast } = Wasm;
  const [a, aRow, aStep, b, c, cRow, depth, rows] = [0, 1, 2, 3, 4, 5, 6, 7];
  const blocks = (height: number) => {
    const next = [
      set(a, add(get(a), Wasm.multiply(get(aRow), integer(height)))),
      set(c, add(get(c), Wasm.multiply(get(cRow), integer(height)))),
      set(rows, subtract(get(rows), integer(height))),
    ];
    const block = tile({ height, a, aRow, aStep, b, c, cRow, depth });
    return loopWhile(atLeast(get(rows), integer(height)), [block, next]);
  };
  return {
    name: 'multiply',
    parameters: new Array(8).fill(Wasm.I32),
    locals: [...new Array(10).fill(Wasm.I32), ...new Array(11).fill(Wasm.V128)],
    body: [blocks(4), blocks(1)],
  };
}

type Tile = { readonly [local in 'height' | 'a' | 'aRow' | 'aStep' | 'b' | 'c' | 'cRow' | 'depth']: number };

function tile({ height, a, aRow, aStep, b, c, cRow, depth }: Tile): Wasm.Code {
  const { get, set, add, integer, load, sum, product } = Wasm;
  const [left, at] = [8, 9];
  const aRows = [10, 11, 12, 13].slice(0, height);
  const cRows = [14, 15, 16, 17].slice(0, height);
  const [low, high, scale] = [18, 19, 20];
  const sums = (row: number) => [21 + 2 * row, 22 + 2 * row] as const;
  const each = (code: (row: number) => Wasm.Code) => aRows.map((_, row) => code(row));
  const follow = (locals: readonly number[], start: number, stride: number) => {
    return each((row) => {
      const here = row === 0 ? get(start) : add(get(locals[row - 1] as number), get(stride));
      return set(locals[row] as number, here);
    });
  };
  const step = [
    set(low, load(get(at))),
    set(high, load(get(at), 16)),
    each((row) => {
      const [one, other] = sums(row);
      const address = aRows[row] as number;
      return [
        set(scale, Wasm.loadSplat(get(address))),
        set(one, sum(get(one), product(get(scale), get(low)))),
        set(other, sum(get(other), product(get(scale), get(high)))),
        set(address, add(get(address), get(aStep))),
      ];
    }),
    set(at, add(get(at), integer(32))),
    set(left, Wasm.subtract(get(left), integer(1))),
  ];
  return [
    follow(aRows, a, aRow),
    follow(cRows, c, cRow),
    set(at, get(b)),
    set(left, get(depth)),
    each((row) => sums(row).map((local, half) => set(local, load(get(cRows[row] as number), half * 16)))),
    Wasm.loopWhile(get(left), step),
    each((row) => sums(row).map((local, half) => Wasm.store(get(cRows[row] as number), get(local), half * 16))),
  ];
}

function addRowsRoutine(): Wasm.Routine {
  const { get, set, add, integer } = Wasm;
  const [sums, rows, scales, count, matrix, row, scale] = [0, 1, 2, 3, 4, 5, 6];
  const totals = [7, 8, 9, 10, 11, 12, 13, 14];
  const step = [
    set(row, add(get(matrix), Wasm.loadInteger(get(rows)))),
    set(scale, Wasm.loadSplatPair(get(scales))),
    totals.map((total, pair) => {
      const product = Wasm.productOfPairs(get(scale), Wasm.loadPair(get(row), 8 * pair));
      return set(total, Wasm.sumOfPairs(get(total), product));
    }),
    set(rows, add(get(rows), integer(4))),
    set(scales, add(get(scales), integer(8))),
    set(count, Wasm.subtract(get(count), integer(1))),
  ];
  return {
    name: 'addRows',
    parameters: new Array(5).fill(Wasm.I32),
    locals: [Wasm.I32, ...new Array(9).fill(Wasm.V128)],
    body: [
      totals.map((total, pair) => set(total, Wasm.load(get(sums), 16 * pair))),
      Wasm.loopWhile(get(count), step),
      totals.map((total, pair) => Wasm.store(get(sums), get(total), 16 * pair)),
    ],
  };
}

function exponentiateRoutine(): Wasm.Routine {
  const { get, set, add, integer, load, store, sum, product, difference, constant } = Wasm;
  const [values, count, shift, x, k, power] = [0, 1, 2, 3, 4, 5];
  // The high part of ln 2 has nine bits, so that its product with any exponent is exact.
  const high = 355 / 512;
  const low = Math.LN2 - high;
  const horner = [1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1, 1];
  const kept = Wasm.larger(
    constant(-87),
    Wasm.smaller(constant(88), difference(load(get(values)), Wasm.splat(get(shift)))),
  );
  const step = [
    set(x, kept),
    set(k, Wasm.nearest(product(get(x), constant(Math.LOG2E)))),
    set(x, difference(get(x), product(get(k), constant(high)))),
    set(x, difference(get(x), product(get(k), constant(low)))),
    set(power, constant(horner[0] as number)),
    horner.slice(1).map((coefficient) => set(power, sum(product(get(power), get(x)), constant(coefficient)))),
    store(get(values), product(get(power), Wasm.powerOfTwo(get(k)))),
    set(values, add(get(values), integer(16))),
    set(count, Wasm.subtract(get(count), integer(4))),
  ];
  return {
    name: 'exponentiate',
    parameters: [Wasm.I32, Wasm.I32, Wasm.F32],
    locals: [Wasm.V128, Wasm.V128, Wasm.V128],
    body: Wasm.loopWhile(Wasm.atLeast(get(count), integer(4)), step),
  };
}

/** Four parameters at a time; every operation is rounded to float32. */
function adamRoutine(): Wasm.Routine {
  const { get, set, add, integer, load, store, splat, sum, product, difference } = Wasm;
  const [values, gradient, mean, square, count] = [0, 1, 2, 3, 4];
  const constants = [5, 6, 7, 8];
  const [rate, epsilon, keepMean, keepSquare, g, m, v] = [9, 10, 11, 12, 13, 14, 15];
  const blend = (keep: number, old: Wasm.Code, fresh: Wasm.Code) =>
    sum(fresh, product(get(keep), difference(old, fresh)));
  const move = Wasm.quotient(product(get(rate), get(m)), sum(Wasm.root(get(v)), get(epsilon)));
  const step = [
    set(g, load(get(gradient))),
    set(m, blend(keepMean, load(get(mean)), get(g))),
    set(v, blend(keepSquare, load(get(square)), product(get(g), get(g)))),
    store(get(mean), get(m)),
    store(get(square), get(v)),
    store(get(values), difference(load(get(values)), move)),
    [values, gradient, mean, square].map((address) => set(address, add(get(address), integer(16)))),
    set(count, Wasm.subtract(get(count), integer(4))),
  ];
  return {
    name: 'adam',
    parameters: [...new Array(5).fill(Wasm.I32), ...new Array(4).fill(Wasm.F32)],
    locals: new Array(7).fill(Wasm.V128),
    body: [
      constants.map((local, index) => set(rate + index, splat(get(local)))),
      Wasm.loopWhile(Wasm.atLeast(get(count), integer(4)), step),
    ],
  };
}
