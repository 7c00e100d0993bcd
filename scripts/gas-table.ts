/** Writes the gas figures of `contracts/snapshots` into docs/benchmarks.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { insert, PAGE, render } from './source/GasTable.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = join(root, PAGE);
writeFileSync(page, insert(readFileSync(page, 'utf8'), render(root)));
