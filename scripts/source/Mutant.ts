import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { list } from './list.ts';

/** A bug to be planted: `find` stands once in `file` and becomes `replace`; a test whose name begins with `test` must fail. */
export type Mutant = {
  readonly invariant: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly test: string;
};

/** The list that the normal test command plants; the others are for `node scripts/mutants.ts all`. */
export const DEFAULT_LIST = 'contracts/test/mutants.json';

/** The lists of bugs, by file. */
export async function readMutants(root: string): Promise<ReadonlyMap<string, readonly Mutant[]>> {
  const files = await list(root, 'contracts/test', ['.json']);
  const lists = files.filter((file) => /\/mutants[^/]*\.json$/.test(file));
  const read = async (file: string) =>
    [file, JSON.parse(await readFile(join(root, file), 'utf8')) as Mutant[]] as const;
  return new Map(await Promise.all(lists.map(read)));
}
