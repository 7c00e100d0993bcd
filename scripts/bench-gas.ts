/** Prints what operations cost beside what others reach and what is aimed at: `npm run bench:gas`. */
import { fileURLToPath } from 'node:url';
import { renderGoals } from './source/GasGoals.ts';
import { readSnapshots } from './source/Snapshots.ts';

console.log(renderGoals(readSnapshots(fileURLToPath(new URL('..', import.meta.url)))));
