import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requires } from '../source/requires.ts';
import { readAll } from '../source/TypeScript.ts';
import type { Finding } from './Finding.ts';

const KNIP = fileURLToPath(new URL('../../node_modules/knip/bin/knip.js', import.meta.url));

type Item = { readonly name: string; readonly line?: number };
type Issues = { readonly file: string } & Readonly<Record<string, readonly Item[] | string>>;

/**
 * Files, exports and dependencies that nothing uses, and packages that are used without being listed (knip.json). What
 * `createRequire` loads is invisible to knip and is added here.
 */
export async function unused(root: string): Promise<readonly Finding[]> {
  if (!existsSync(join(root, 'package.json'))) return [];
  const { unlisted, names } = await required(root);
  const { issues } = JSON.parse(await knip(root)) as { issues: readonly Issues[] };
  const found = issues.flatMap(({ file, ...kinds }) =>
    Object.entries(kinds).flatMap(([kind, items]) =>
      (items as readonly Item[])
        .filter(({ name }) => !(/dependencies$/i.test(kind) && names.has(name)))
        .map(({ name, line }) => ({ file, ...(line && { line }), message: describe(kind, name) })),
    ),
  );
  return [...found, ...unlisted];
}

function describe(kind: string, name: string): string {
  if (kind === 'files') return 'unused file';
  if (kind === 'unlisted') return `${name} is used, but package.json does not list it`;
  if (kind === 'unresolved') return `${name} cannot be resolved`;
  return `unused: ${name} (${kind})`;
}

async function required(root: string): Promise<{ unlisted: Finding[]; names: ReadonlySet<string> }> {
  const text = await readFile(join(root, 'package.json'), 'utf8');
  const { dependencies = {}, devDependencies = {} } = JSON.parse(text) as Record<string, Record<string, string>>;
  const listed = new Set(Object.keys({ ...dependencies, ...devDependencies }));
  const names = new Set<string>();
  const unlisted: Finding[] = [];
  for (const source of [...(await readAll(root, 'src')), ...(await readAll(root, 'models'))]) {
    for (const { specifier, line } of requires(source).filter((one) => !isBuiltin(one.specifier))) {
      names.add(specifier);
      const message = describe('unlisted', specifier);
      if (!listed.has(specifier)) unlisted.push({ file: source.file, line, message });
    }
  }
  return { unlisted, names };
}

/** knip exits with 1 when it finds something; a report without JSON means that it could not run. */
function knip(root: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: root, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [KNIP, '--reporter', 'json', '--no-progress'], options, (error, stdout, stderr) => {
      if (stdout.startsWith('{')) resolve(stdout);
      else reject(new Error(`knip could not run: ${stderr || stdout}`, { cause: error }));
    });
  });
}
