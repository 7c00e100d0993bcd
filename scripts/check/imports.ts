import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';
import { COMPUTED, isTest, type Reference, readAll, references } from '../source/TypeScript.ts';
import type { Finding } from './Finding.ts';

/** The order of the folders of `src/`: a folder may import itself and the lines before its own. */
const ORDER = [
  ['internal'],
  ['chain'],
  ['publish'],
  ['license'],
  ['pay'],
  ['infer'],
  ['settle'],
  ['audit'],
  ['prove', 'vouch', 'seal'],
  ['trust'],
  ['job'],
  ['train', 'compete', 'rent'],
  ['trace', 'bridge'],
  ['agent'],
  ['govern'],
  ['proxy'],
  ['cli'],
] as const;

/** The folders of `src/`, in their order. */
export const FOLDERS: readonly string[] = ORDER.flat();

/** Folders that need Node. */
const NODE_ONLY = new Set(['node', 'engines', 'gateway', 'settler', 'indexer', 'cli']);

type Edge = Reference & { readonly target: string };
type Graph = ReadonlyMap<string, readonly Edge[]>;

/**
 * Imports go left along the flow: no folder imports a later one or its neighbour on the same line, no files import each
 * other in a circle, what a browser loads never reaches Node, and the gateway never reaches `settle`.
 */
export async function imports(root: string): Promise<readonly Finding[]> {
  const graph = await readGraph(root, 'src');
  const files = [...graph.keys()];
  const gateway = files.filter((file) => file.startsWith('src/infer/gateway/') && !isTest(file));
  return [
    ...[...graph].flatMap(([file, edges]) => edges.flatMap((edge) => direction(file, edge))),
    ...cycles(graph),
    ...unsafe(graph, files.includes('src/index.ts') ? ['src/index.ts'] : []),
    ...paths(graph, gateway, (edge) => edge.target.startsWith('src/settle/')).map(({ file, line, path }) => ({
      file,
      line,
      message: `the gateway reaches settle: ${path.join(' -> ')}`,
    })),
    ...(await web(root, graph)),
  ];
}

async function readGraph(root: string, under: string): Promise<Graph> {
  const sources = await readAll(root, under);
  return new Map(
    sources.map((source) => [
      source.file,
      references(source).map((one) => ({ ...one, target: target(source.file, one) })),
    ]),
  );
}

/** The file a specifier means, relative to the root; specifiers of packages stay what they are. */
function target(file: string, { specifier }: Reference): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier;
}

function rank(folder: string): number {
  return ORDER.findIndex((line) => (line as readonly string[]).includes(folder));
}

function isNode(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

function isNodeOnly(edge: Edge): boolean {
  const folders = edge.target.startsWith('src/') ? edge.target.split('/').slice(0, -1) : [];
  return isNode(edge.specifier) || folders.some((folder) => NODE_ONLY.has(folder));
}

/** The folder of `src/` that a file belongs to; undefined for entry files directly in `src/`. */
function folderOf(file: string): string | undefined {
  const [, folder, inner] = file.split('/');
  return inner === undefined ? undefined : folder;
}

function direction(file: string, edge: Edge): Finding[] {
  const finding = (message: string): Finding[] => [{ file, line: edge.line, message }];
  const [from, to] = [folderOf(file), folderOf(edge.target)];
  if (from !== undefined && rank(from) === -1) return finding(`src/${from} has no place in the order of folders`);
  const isPure = from === 'internal' && !file.startsWith('src/internal/node/') && !isTest(file);
  if (isPure && isNodeOnly(edge)) return finding(`internal is pure, but imports ${edge.specifier}`);
  if (edge.specifier === COMPUTED && !isTest(file)) return finding('imports a computed path, which nothing can check');
  if (edge.specifier === 'agorai' || edge.specifier.startsWith('agorai/'))
    return finding('src imports itself by its package name, which hides the direction');
  if (!edge.specifier.startsWith('.')) return [];
  if (!edge.target.startsWith('src/')) {
    if (isTest(file) && edge.target.startsWith('test/')) return [];
    return finding(`src imports ${edge.target}, which is outside src`);
  }
  if (from === undefined || from === to) return [];
  if (to === undefined) return finding(`${from} imports the entry ${edge.target}`);
  if (rank(to) > rank(from)) return finding(`${from} imports ${to}, which comes later`);
  if (rank(to) === rank(from)) return finding(`${from} imports ${to}, which stands on the same line`);
  return [];
}

/** One finding for each group of files that reach each other (Tarjan's strongly connected components). */
function cycles(graph: Graph): Finding[] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: Finding[] = [];
  const enter = (file: string): void => {
    index.set(file, index.size);
    low.set(file, index.size - 1);
    stack.push(file);
    for (const { target: next } of graph.get(file) ?? []) {
      if (!graph.has(next)) continue;
      if (!index.has(next)) enter(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file) ?? 0, low.get(next) ?? 0));
    }
    if (low.get(file) !== index.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    const isCircle = group.length > 1 || (graph.get(file) ?? []).some((edge) => edge.target === file);
    if (isCircle) found.push({ file, message: `imports in a circle: ${group.sort().join(', ')}` });
  };
  for (const file of graph.keys()) if (!index.has(file)) enter(file);
  return found;
}

type Path = { readonly file: string; readonly line: number; readonly path: readonly string[] };

/** The shortest path from the entries to every import that is refused. */
function paths(graph: Graph, entries: readonly string[], isRefused: (edge: Edge) => boolean): Path[] {
  const found: Path[] = [];
  const seen = new Set(entries);
  const queue = entries.map((entry) => [entry]);
  for (let path = queue.shift(); path; path = queue.shift()) {
    const file = path.at(-1) ?? '';
    for (const edge of graph.get(file) ?? []) {
      if (isRefused(edge)) found.push({ file, line: edge.line, path: [...path, edge.target] });
      else if (graph.has(edge.target) && !seen.has(edge.target)) {
        seen.add(edge.target);
        queue.push([...path, edge.target]);
      }
    }
  }
  return found;
}

function unsafe(graph: Graph, entries: readonly string[]): Finding[] {
  return paths(graph, entries, isNodeOnly).map(({ file, line, path }) => ({
    file,
    line,
    message: `not safe in a browser: ${path.join(' -> ')}`,
  }));
}

/** The web app uses the library as anybody would: by its package name, through entries that are safe in a browser. */
async function web(root: string, graph: Graph): Promise<Finding[]> {
  const entries = await readEntries(root);
  const findings: Finding[] = [];
  for (const [file, edges] of await readGraph(root, 'web/src')) {
    for (const edge of edges) {
      const finding = (message: string): number => findings.push({ file, line: edge.line, message });
      const own = edge.specifier === 'agorai' || edge.specifier.startsWith('agorai/');
      if (own) {
        const entry = entries.get(edge.specifier);
        if (!entry) finding(`${edge.specifier} is not an entry of the package`);
        else if (isNodeOnly({ ...edge, target: entry })) finding(`${edge.specifier} is not safe in a browser`);
        else
          for (const path of paths(graph, [entry], isNodeOnly))
            finding(`${edge.specifier} is not safe in a browser: ${path.path.join(' -> ')}`);
      } else if (isNode(edge.specifier) && !isTest(file)) finding(`the web app imports ${edge.specifier}`);
      else if (edge.specifier.startsWith('.') && !edge.target.startsWith('web/'))
        finding(`the web app imports ${edge.target}; import an entry of the package`);
    }
  }
  return findings;
}

/** The entries of the package by the name others import them by, as source files. */
async function readEntries(root: string): Promise<Map<string, string>> {
  const path = join(root, 'package.json');
  if (!existsSync(path)) return new Map();
  const { exports = {} } = JSON.parse(await readFile(path, 'utf8')) as { exports?: Record<string, unknown> };
  return new Map(
    Object.entries(exports).flatMap(([name, value]) => {
      const file = typeof value === 'string' ? value : Object.values(value as Record<string, string>).at(-1);
      const source = file?.replace(/^\.\/dist\//, './src/').replace(/(\.d)?\.[jt]s$/, '.ts');
      return source ? [[posix.join('agorai', name), posix.normalize(source)] as const] : [];
    }),
  );
}
