/** Writes `src/chain/abi` from the compiled contracts. Run `forge build` first. */
import { fileURLToPath } from 'node:url';
import { writeAbis } from './source/abi.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const written = await writeAbis(root);
console.log(`${written.length} files written to src/chain/abi`);
