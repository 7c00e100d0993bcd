import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readArtifacts } from '../source/Artifact.ts';
import { lineAt } from '../source/lineAt.ts';
import { list } from '../source/list.ts';
import { isFunctionOf, parse, readAll } from '../source/Solidity.ts';
import type { Finding } from './Finding.ts';

type Leaf = { readonly text: string; readonly line: number };

/**
 * Every branch of a contract is a leaf of a tree, and every leaf is tested: `<Contract>.<function>` heads each `.tree`,
 * its leaves `it should X` are the comments `// it should X` of the test functions in the `.t.sol` beside it, and each
 * function that changes state has a tree.
 */
export async function trees(root: string): Promise<readonly Finding[]> {
  const units = await readAll(root);
  const findings: Finding[] = [];
  const heads = new Set<string>();
  for (const file of await list(root, 'contracts/test', ['.tree'])) {
    const [head = '', ...rest] = (await readFile(join(root, file), 'utf8')).trimEnd().split('\n');
    const [contract, name = '', ...more] = head.trim().split('.');
    const unit = units.find((one) => one.name === contract);
    const isKnown = unit !== undefined && more.length === 0 && isFunctionOf(unit, name);
    if (!isKnown)
      findings.push({ file, line: 1, message: `\`${head}\` is not the <Contract>.<function> of any source` });
    if (heads.has(head.trim())) findings.push({ file, line: 1, message: `${head} has another tree` });
    heads.add(head.trim());
    findings.push(...shape(file, name, rest), ...(await compare(root, file, leaves(rest))));
  }
  return [...findings, ...(await uncovered(root, heads))];
}

/** A tree is named after its function and holds conditions and leaves only. */
function shape(file: string, name: string, lines: readonly string[]): Finding[] {
  const findings: Finding[] = [];
  if (basename(file, '.tree') !== name) findings.push({ file, line: 1, message: `is not named after ${name}` });
  for (const [at, line] of lines.entries()) {
    const text = content(line);
    if (text !== '' && !/^(given|when|it should) \S/.test(text))
      findings.push({
        file,
        line: at + 2,
        message: `neither a condition (given, when) nor a leaf (it should): ${text}`,
      });
  }
  if (leaves(lines).length === 0) findings.push({ file, message: 'the tree has no leaf' });
  return findings;
}

function content(line: string): string {
  return line.replace(/^[\s│├└─|`+-]*/u, '').trim();
}

function leaves(lines: readonly string[]): Leaf[] {
  const all = lines.map((line, at) => ({ text: content(line), line: at + 2 }));
  return all.filter(({ text }) => text.startsWith('it should '));
}

async function compare(root: string, tree: string, expected: readonly Leaf[]): Promise<Finding[]> {
  const file = tree.replace(/\.tree$/, '.t.sol');
  if (!existsSync(join(root, file))) return [{ file: tree, message: `there is no ${basename(file)} beside it` }];
  const { inside, outside } = comments(file, await readFile(join(root, file), 'utf8'));
  return [
    ...without(expected, inside).map(({ text, line }) => ({ file: tree, line, message: `no test says: ${text}` })),
    ...without(inside, expected).map(({ text, line }) => ({ file, line, message: `not a leaf of the tree: ${text}` })),
    ...outside.map(({ text, line }) => ({ file, line, message: `stands outside a test function: ${text}` })),
  ];
}

/** What is in the first list more often than in the second. */
function without(left: readonly Leaf[], right: readonly Leaf[]): Leaf[] {
  const rest = right.map(({ text }) => text);
  return left.filter(({ text }) => {
    const at = rest.indexOf(text);
    if (at !== -1) rest.splice(at, 1);
    return at === -1;
  });
}

function comments(file: string, text: string): { inside: Leaf[]; outside: Leaf[] } {
  const functions = parse(file, text).flatMap((unit) => unit.declarations);
  const tests = functions.filter((one) => one.kind === 'function' && /^(test|invariant)/.test(one.name));
  const inside: Leaf[] = [];
  const outside: Leaf[] = [];
  for (const match of text.matchAll(/\/\/ (it should [^\n]*)/g)) {
    const leaf = { text: (match[1] ?? '').trim(), line: lineAt(text, match.index) };
    const isInside = tests.some(({ body: [start, end] }) => start < match.index && match.index < end);
    (isInside ? inside : outside).push(leaf);
  }
  return { inside, outside };
}

/** Functions that change state, are written in the contract's own source (not inherited) and have no tree. */
async function uncovered(root: string, heads: ReadonlySet<string>): Promise<Finding[]> {
  const { artifacts, findings } = await readArtifacts(root);
  for (const { unit, abi } of artifacts) {
    const names = abi.flatMap((one) => {
      const changes = one.type === 'function' && !['view', 'pure'].includes(one.stateMutability);
      if (changes) return [one.name];
      return one.type === 'receive' || one.type === 'fallback' ? [one.type] : [];
    });
    for (const name of new Set(names)) {
      if (!isFunctionOf(unit, name) || heads.has(`${unit.name}.${name}`)) continue;
      const line = unit.declarations.find((one) => one.name === name || one.kind === name)?.line ?? unit.line;
      findings.push({ file: unit.file, line, message: `${unit.name}.${name} changes state and has no tree` });
    }
  }
  return findings;
}
