import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FOLDER, renderAbis } from '../source/abi.ts';
import { list } from '../source/list.ts';
import type { Finding } from './Finding.ts';

/** The generated modules are what the compiled contracts give. */
export async function abis(root: string): Promise<readonly Finding[]> {
  const { files, findings } = await renderAbis(root);
  const present = await list(root, FOLDER);
  for (const [file, text] of files) {
    const isSame = present.includes(file) && (await readFile(join(root, file), 'utf8')) === text;
    if (!isSame) findings.push({ file, message: 'is not what the contracts give; run `npm run gen`' });
  }
  const stale = present.filter((file) => !files.has(file));
  return [...findings, ...stale.map((file) => ({ file, message: 'belongs to no contract; run `npm run gen`' }))];
}
