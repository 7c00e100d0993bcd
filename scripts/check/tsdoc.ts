import { lineAt } from '../source/lineAt.ts';
import { isGenerated, isTest, readAll, type TypeScript } from '../source/TypeScript.ts';
import type { Finding } from './Finding.ts';

/** Something a module of `src/` exports. */
type Export = Finding & { readonly kind: 'function' | 'class' | 'type' | 'value'; readonly hasComment: boolean };

/** Every function, class and type that a module of `src/` exports has a TSDoc comment. */
export async function tsdoc(root: string): Promise<readonly Finding[]> {
  const bare = (await readExports(root)).filter((one) => one.kind !== 'value' && !one.hasComment);
  return bare.map(({ file, line, message }) => ({ file, ...(line && { line }), message: `${message} has no TSDoc` }));
}

/** How many exports have a TSDoc comment, values included. */
export async function tsdocCoverage(root: string): Promise<string> {
  const all = await readExports(root);
  return `${all.filter((one) => one.hasComment).length} of ${all.length} exports documented`;
}

async function readExports(root: string): Promise<Export[]> {
  const sources = await readAll(root, 'src');
  return sources.filter(({ file }) => !isTest(file) && !isGenerated(file)).flatMap(exportsOf);
}

type Item = { readonly name: string; readonly kind: Export['kind'] };

/** Merges what one module exports under one name: a comment on the first overload documents all. */
function exportsOf(source: TypeScript): Export[] {
  const { body } = source.syntax.program;
  const named = new Set<string>();
  for (const node of body)
    if (node.type === 'ExportNamedDeclaration' && node.source === null)
      for (const { local } of node.specifiers) if (local.type === 'Identifier') named.add(local.name);
  const found = new Map<string, Export>();
  for (const node of body) {
    const isExport = node.type === 'ExportNamedDeclaration' || node.type === 'ExportDefaultDeclaration';
    const declared = isExport ? node.declaration : node;
    for (const { name, kind } of items(declared)) {
      if (!isExport && !named.has(name)) continue;
      const hasComment = isDocumented(source, node.start) || (found.get(`${kind} ${name}`)?.hasComment ?? false);
      const line = lineAt(source.text, node.start);
      found.set(`${kind} ${name}`, { file: source.file, line, message: `${kind} ${name}`, kind, hasComment });
    }
  }
  return [...found.values()];
}

/** What a statement declares. A namespace that holds the types of a function is documented by the function. */
function items(node: { type: string } | null): Item[] {
  const one = node as { id?: { name: string } | null; declarations?: readonly Declarator[] };
  const name = one?.id?.name ?? 'default';
  switch (node?.type) {
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
      return [{ name, kind: 'function' }];
    case 'ClassDeclaration':
      return [{ name, kind: 'class' }];
    case 'TSTypeAliasDeclaration':
    case 'TSInterfaceDeclaration':
    case 'TSEnumDeclaration':
      return [{ name, kind: 'type' }];
    case 'VariableDeclaration':
      return (one.declarations ?? []).map(({ id, init }) => ({ name: id.name ?? 'pattern', kind: kindOf(init) }));
    default:
      return [];
  }
}

type Declarator = { readonly id: { name?: string }; readonly init: { type: string } | null };

function kindOf(init: { type: string } | null): Export['kind'] {
  return init && /^(ArrowFunction|Function)Expression$/.test(init.type) ? 'function' : 'value';
}

/** A block comment that starts with two stars ends right before the statement. */
function isDocumented({ text, syntax }: TypeScript, start: number): boolean {
  const last = syntax.comments.filter((comment) => comment.end <= start).at(-1);
  if (last?.type !== 'Block' || !last.value.startsWith('*')) return false;
  return last.value.replace(/[*\s]/g, '') !== '' && text.slice(last.end, start).trim() === '';
}
