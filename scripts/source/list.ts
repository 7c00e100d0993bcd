import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders whose content is installed, generated or kept by git. */
const SKIPPED = new Set(['node_modules', '.git', '.agorai', 'dist', 'contracts/out', 'contracts/cache']);

/**
 * Lists the files under a folder whose names end in one of the endings, as sorted paths relative to `root` with forward
 * slashes. A folder that does not exist holds no files.
 */
export async function list(root: string, under: string, endings: readonly string[] = ['']): Promise<string[]> {
  const found: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true }).catch(ifMissing)) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (SKIPPED.has(path) || SKIPPED.has(entry.name)) continue;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile() && endings.some((ending) => path.endsWith(ending))) found.push(path);
    }
  };
  await walk(under);
  return found.sort();
}

function ifMissing(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
