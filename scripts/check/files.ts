import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { lineAt } from '../source/lineAt.ts';
import { list } from '../source/list.ts';
import { blank, parse as parseSolidity } from '../source/Solidity.ts';
import {
  codeLines,
  isGenerated,
  isTest,
  parse,
  type TypeScript,
  visit,
  withoutComments,
} from '../source/TypeScript.ts';
import type { Finding } from './Finding.ts';

const FILE_LINES = 400;
const FUNCTION_LINES = 40;
/** Files whose length is bounded by what a reader takes in, in lines of text. */
const TEXT_LINES = new Map([
  ['README.md', 120],
  ['ARCHITECTURE.md', 250],
  ['test/flow.test.ts', 120],
]);
/** Names that say nothing about what is inside. */
const EMPTY_NAMES = /^(utils?|helpers?|common|misc|shared|managers?)$/i;

/** Sizes, names and leftovers: what can be said of a file without knowing what it does. */
export async function files(root: string): Promise<readonly Finding[]> {
  const all = await list(root, '');
  const findings = names(all);
  for (const file of all) {
    if (!/\.(tsx?|sol|md)$/.test(file) || isGenerated(file)) continue;
    const text = await readFile(join(root, file), 'utf8');
    const limit = TEXT_LINES.get(file);
    const lines = text.trimEnd().split('\n').length;
    if (limit !== undefined && lines > limit)
      findings.push({ file, message: `has ${lines} lines, more than ${limit}` });
    if (file.endsWith('.md')) findings.push(...dashes(file, text));
    else
      findings.push(
        ...leftovers(file, text),
        ...(file.endsWith('.sol') ? solidity(file, text) : typescript(file, text)),
      );
  }
  return findings;
}

function names(all: readonly string[]): Finding[] {
  const findings: Finding[] = [];
  const paths = new Set(all.flatMap((file) => file.split('/').map((_, at, parts) => parts.slice(0, at + 1).join('/'))));
  const first = new Map<string, string>();
  for (const path of [...paths].sort()) {
    const other = first.get(path.toLowerCase());
    if (other) findings.push({ file: path, message: `differs from ${other} by case only` });
    else first.set(path.toLowerCase(), path);
    const words = basename(path).split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/);
    const empty = words.find((word) => EMPTY_NAMES.test(word));
    if (empty) findings.push({ file: path, message: `"${empty}" in a name says nothing; say what it is or does` });
  }
  return findings;
}

function dashes(file: string, text: string): Finding[] {
  const found = [...text.matchAll(/\u2014/g)];
  return found.map(({ index }) => ({ file, line: lineAt(text, index), message: 'em dash' }));
}

function leftovers(file: string, text: string): Finding[] {
  if (!/^(src|contracts\/src)\//.test(file)) return [];
  const found = [...text.matchAll(/\b(TODO|FIXME)\b|\bnot implemented\b/gi)];
  return found.map((match) => ({ file, line: lineAt(text, match.index), message: `left over: ${match[0]}` }));
}

function long(file: string, count: number): Finding[] {
  return count > FILE_LINES ? [{ file, message: `has ${count} code lines, more than ${FILE_LINES}` }] : [];
}

function solidity(file: string, text: string): Finding[] {
  const code = blank(text);
  const findings = long(file, codeLines(code));
  if (!file.startsWith('contracts/src/')) return findings;
  for (const { name, kind, line, body } of parseSolidity(file, text).flatMap((unit) => unit.declarations)) {
    const count = codeLines(code.slice(...body));
    if (kind === 'function' && count > FUNCTION_LINES)
      findings.push({ file, line, message: `${name} has ${count} code lines, more than ${FUNCTION_LINES}` });
  }
  return findings;
}

function typescript(file: string, text: string): Finding[] {
  const source = parse(file, text);
  const [fault] = source.syntax.errors;
  if (fault) return [{ file, message: `cannot be parsed: ${fault.message}` }];
  const code = withoutComments(source);
  const findings = long(file, codeLines(code));
  if (isTest(file)) return [...findings, ...silenced(source)];
  if (file.startsWith('src/')) findings.push(...longFunctions(source, code));
  return findings;
}

function longFunctions(source: TypeScript, code: string): Finding[] {
  const findings: Finding[] = [];
  const measure = ({ start, end }: { start: number; end: number }): void => {
    const count = codeLines(code.slice(start, end));
    const message = `a function has ${count} code lines, more than ${FUNCTION_LINES}`;
    if (count > FUNCTION_LINES) findings.push({ file: source.file, line: lineAt(code, start), message });
  };
  visit(source, { FunctionDeclaration: measure, FunctionExpression: measure, ArrowFunctionExpression: measure });
  return findings;
}

/** Tests that hide themselves (`.skip`) or all others (`.only`). */
function silenced(source: TypeScript): Finding[] {
  const findings: Finding[] = [];
  visit(source, {
    MemberExpression(node) {
      if (node.computed || node.property.type !== 'Identifier' || !/^(only|skip)$/.test(node.property.name)) return;
      const message = `.${node.property.name} in a test`;
      findings.push({ file: source.file, line: lineAt(source.text, node.property.start), message });
    },
  });
  return findings;
}
