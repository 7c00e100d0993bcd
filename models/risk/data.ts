/** The rows of `models/breast-cancer`, split once and for all. */
import { readFileSync } from 'node:fs';
import * as Rows from '../../src/infer/engines/Rows.ts';
import * as Random from '../../src/internal/kernel/Random.ts';

/** Measurements, thirty a row, and the class of each row: its position in `classes`. */
export type Samples = { readonly values: Float64Array; readonly labels: Uint8Array };
export type Data = { readonly features: readonly string[]; readonly train: Samples; readonly test: Samples };

export const FEATURES = 30;
export const classes = ['benign', 'malignant'] as const;

const SPLIT_SEED = 20_260_102;
/** Share of the rows of each class that is held out. */
const HELD_OUT = 0.3;

/** 398 rows to train on and 171 held out; each class keeps its share. */
export function readData(): Data {
  const file = new URL('../breast-cancer/rows.csv', import.meta.url);
  const table = Rows.parse(readFileSync(file), 'csv');
  const rows = table.rows.map((row) => table.columns.map((name) => row[name] as string));
  const random = Random.from(SPLIT_SEED);
  const train: string[][] = [];
  const test: string[][] = [];
  for (const name of classes) {
    const own = rows.filter((row) => row[FEATURES] === name);
    const order = own.map((_, index) => index);
    Random.shuffle(random, order);
    const held = Math.round(own.length * HELD_OUT);
    for (const [place, index] of order.entries()) (place < held ? test : train).push(own[index] as string[]);
  }
  return { features: table.columns.slice(0, FEATURES), train: collect(train), test: collect(test) };
}

/** The samples at some places. */
export function select({ values, labels }: Samples, places: readonly number[]): Samples {
  return {
    values: Float64Array.from(places.flatMap((at) => [...values.subarray(at * FEATURES, (at + 1) * FEATURES)])),
    labels: Uint8Array.from(places, (at) => labels[at] as number),
  };
}

function collect(rows: readonly string[][]): Samples {
  return {
    values: Float64Array.from(rows.flatMap((row) => row.slice(0, FEATURES).map(Number))),
    labels: Uint8Array.from(rows, (row) => classes.indexOf(row[FEATURES] as (typeof classes)[number])),
  };
}
