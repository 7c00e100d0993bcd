import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ParseResult, parseSync, type StringLiteral, Visitor, type VisitorObject } from 'oxc-parser';
import { lineAt } from './lineAt.ts';
import { list } from './list.ts';

/** A parsed TypeScript file; `file` is relative to the root. */
export type TypeScript = { readonly file: string; readonly text: string; readonly syntax: ParseResult };

/** A module named by an import, a re-export, a dynamic import, an import type or `new URL(..., import.meta.url)`. */
export type Reference = { readonly specifier: string; readonly line: number };

/** The specifier of a dynamic import whose path is known only when it runs. */
export const COMPUTED = '';

/** Parses a text; faults are in `syntax.errors`. */
export function parse(file: string, text: string): TypeScript {
  return { file, text, syntax: parseSync(file, text) };
}

/** Reads and parses every `.ts` and `.tsx` file under a folder. */
export async function readAll(root: string, under: string): Promise<TypeScript[]> {
  const files = await list(root, under, ['.ts', '.tsx']);
  return Promise.all(files.map(async (file) => parse(file, await readFile(join(root, file), 'utf8'))));
}

/** Tests, type tests and property tests stand beside what they test. */
export function isTest(file: string): boolean {
  return /\.(test|test-d|fuzz)\.tsx?$/.test(file);
}

/** Written by scripts/gen-contracts.ts. */
export function isGenerated(file: string): boolean {
  return file.startsWith('src/chain/abi/');
}

/** Calls the visitor for every node of the kinds that it names. */
export function visit(source: TypeScript, visitor: VisitorObject): void {
  new Visitor(visitor).visit(source.syntax.program);
}

/** Replaces every comment by spaces, so that offsets and lines stay what they were. */
export function withoutComments(source: TypeScript): string {
  let text = source.text;
  for (const { start, end } of source.syntax.comments)
    text = text.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, ' ') + text.slice(end);
  return text;
}

/** Counts the lines that hold more than blanks; give it text without comments. */
export function codeLines(code: string): number {
  return code.split('\n').filter((line) => line.trim() !== '').length;
}

/** Everything a file depends on, type-only imports and worker files included. */
export function references(source: TypeScript): Reference[] {
  const found: Reference[] = [];
  const add = (literal: StringLiteral | null): void => {
    if (literal) found.push({ specifier: literal.value, line: lineAt(source.text, literal.start) });
  };
  visit(source, {
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
    ImportExpression(node) {
      const specifier = node.source;
      if (specifier.type === 'Literal' && typeof specifier.value === 'string') add(specifier as StringLiteral);
      else {
        const isPlain = specifier.type === 'TemplateLiteral' && specifier.expressions.length === 0;
        const path = isPlain ? specifier.quasis[0]?.value.raw : undefined;
        found.push({ specifier: path ?? COMPUTED, line: lineAt(source.text, specifier.start) });
      }
    },
    NewExpression(node) {
      const [path, base] = node.arguments;
      const isUrl = node.callee.type === 'Identifier' && node.callee.name === 'URL';
      if (!isUrl || path?.type !== 'Literal' || typeof path.value !== 'string' || base === undefined) return;
      if (/\.[cm]?tsx?$/.test(path.value)) add(path as StringLiteral);
    },
  });
  return found;
}
