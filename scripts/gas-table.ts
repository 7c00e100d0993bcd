/** Writes the gas figures of `contracts/snapshots`, and how they stand beside the goals, into docs/benchmarks.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { insert, PAGE } from './source/GasTable.ts';
import { readSnapshots } from './source/Snapshots.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = join(root, PAGE);
writeFileSync(page, insert(readFileSync(page, 'utf8'), readSnapshots(root)));
