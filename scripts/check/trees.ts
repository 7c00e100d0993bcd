import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Artifact, readArtifacts } from '../source/Artifact.ts';
import { lineAt } from '../source/lineAt.ts';
import { list } from '../source/list.ts';
import { parse, readAll, type Unit } from '../source/Solidity.ts';
import type { Finding } from './Finding.ts';

type Leaf = { readonly text: string; readonly line: number };

/**
 * Every branch of a contract is a leaf of a tree, and every leaf is tested: `<Contract>.<function>` heads each `.tree`,
 * its leaves `it should X` are the comments `// it should X` of the test functions in the `.t.sol` beside it, and each
 * function that changes state has a tree.
 */
export async function trees(root: string): Promise<readonly Finding[]> {
  const { artifacts, findings } = await readArtifacts(root);
  const units = await readAll(root);
  const heads = new Set<string>();
  for (const file of await list(root, 'contracts/test', ['.tree'])) {
    const [head = '', ...rest] = (await readFile(join(root, file), 'utf8')).trimEnd().split('\n');
    const isWritten = units.some((unit) => declares(unit, head.trim()));
    const isInherited = artifacts.some((artifact) => offers(artifact, head.trim()));
    if (!isWritten && !isInherited)
      findings.push({ file, line: 1, message: `\`${head}\` is not the <Contract>.<function> of any source` });
    heads.add(head.trim());
    findings.push(...shape(file, rest), ...(await compare(root, file, leaves(rest))));
  }
  return [...findings, ...artifacts.flatMap((artifact) => uncovered(artifact, heads))];
}

function declares(unit: Unit, head: string): boolean {
  return unit.declarations.some((one) => head === `${unit.name}.${one.kind === 'function' ? one.name : one.kind}`);
}

function offers({ unit, abi }: Artifact, head: string): boolean {
  return abi.some((one) => one.type === 'function' && head === `${unit.name}.${one.name}`);
}

/** A tree holds conditions and leaves only. */
function shape(file: string, lines: readonly string[]): Finding[] {
  const findings: Finding[] = [];
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
function uncovered({ unit, abi }: Artifact, heads: ReadonlySet<string>): Finding[] {
  const changing = abi.flatMap((one) => {
    if (one.type === 'function') return ['view', 'pure'].includes(one.stateMutability) ? [] : [one.name];
    return one.type === 'receive' || one.type === 'fallback' ? [one.type] : [];
  });
  const names = [...new Set(changing)].map((name) => ({ name, head: `${unit.name}.${name}` }));
  const bare = names.filter(({ head }) => declares(unit, head) && !heads.has(head));
  return bare.map(({ name, head }) => {
    const line = unit.declarations.find((one) => one.name === name || one.kind === name)?.line ?? unit.line;
    return { file: unit.file, line, message: `${head} changes state and has no tree` };
  });
}
