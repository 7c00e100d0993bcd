import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lineAt } from './lineAt.ts';
import { list } from './list.ts';

/** A contract, interface or library with what it declares. */
export type Unit = {
  readonly kind: 'contract' | 'abstract' | 'interface' | 'library';
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly declarations: readonly Declaration[];
};

/** One declaration. `kind` is its first word, or `variable`. Parameters without a name are empty strings. */
export type Declaration = {
  readonly kind: string;
  readonly name: string;
  readonly line: number;
  readonly documentation: string;
  readonly header: string;
  readonly parameters: readonly string[];
  readonly returns: readonly string[];
  /** The body with its braces, as offsets in the source; both equal where there is none. */
  readonly body: readonly [start: number, end: number];
};

const NAMED = new Set(['function', 'event', 'error', 'struct', 'enum', 'modifier']);
const UNNAMED = new Set(['constructor', 'receive', 'fallback', 'using', 'type', 'import', 'pragma']);

/** Reads and parses every `.sol` file under a folder. */
export async function readAll(root: string, under = 'contracts/src'): Promise<Unit[]> {
  const files = await list(root, under, ['.sol']);
  const units = await Promise.all(files.map(async (file) => parse(file, await readFile(join(root, file), 'utf8'))));
  return units.flat();
}

/** Finds the units of a source file and their declarations. It reads headers only: no expressions, no types. */
export function parse(file: string, text: string): Unit[] {
  const code = blank(text);
  return statements(code, 0, code.length).flatMap(({ start, brace, end }) => {
    const match = /^(abstract\s+contract|contract|interface|library)\s+(\w+)/.exec(code.slice(start, brace));
    if (!match?.[1] || !match[2]) return [];
    let previous = brace + 1;
    const declarations = statements(code, brace + 1, end - 1).map((statement) => {
      const documentation = comments(text.slice(previous, statement.start));
      previous = statement.end;
      return declaration({ text, code, statement, documentation });
    });
    const kind = match[1].startsWith('abstract') ? 'abstract' : (match[1] as Unit['kind']);
    return [{ kind, name: match[2], file, line: lineAt(text, start), declarations }];
  });
}

/** Replaces comments and the content of strings by spaces, so that offsets and lines stay what they were. */
export function blank(text: string): string {
  const token = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g;
  return text.replace(token, (match) => match.replace(/[^\n]/g, ' '));
}

/** A function, or a public state variable (which is one), that other accounts can call. */
export function isExternal(unit: Unit, one: Declaration): boolean {
  if (one.kind === 'variable') return /\bpublic\b/.test(one.header);
  if (one.kind !== 'function') return false;
  return unit.kind === 'interface' || /\b(external|public)\b/.test(one.header);
}

type Statement = { readonly start: number; readonly brace: number; readonly end: number };

/** Splits a scope into statements; `brace` is where a block opens, or the end where there is none. */
function statements(code: string, from: number, to: number): Statement[] {
  const found: Statement[] = [];
  let at = from;
  while (at < to) {
    if (/\s|;|\}/.test(code[at] ?? '')) {
      at++;
      continue;
    }
    const brace = stop(code, at, to);
    const isBlock = code[brace] === '{' && !/^(import|using)\b/.test(code.slice(at, brace));
    const semicolon = code.indexOf(';', at);
    const end = isBlock ? closing(code, brace) : semicolon === -1 ? to : semicolon + 1;
    found.push({ start: at, brace: isBlock ? brace : end, end });
    at = end;
  }
  return found;
}

/** The first semicolon or opening brace outside parentheses. */
function stop(code: string, from: number, to: number): number {
  let depth = 0;
  for (let at = from; at < to; at++) {
    const character = code[at];
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (depth === 0 && (character === ';' || character === '{')) return at;
  }
  return to;
}

/** The offset after the bracket that closes the one at `open`. */
function closing(code: string, open: number): number {
  const [opener, closer] = code[open] === '{' ? ['{', '}'] : ['(', ')'];
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === opener) depth++;
    else if (code[at] === closer && --depth === 0) return at + 1;
  }
  return code.length;
}

function declaration(options: {
  text: string;
  code: string;
  statement: Statement;
  documentation: string;
}): Declaration {
  const { text, code, statement, documentation } = options;
  const header = code.slice(statement.start, statement.brace).trim();
  const first = /^\w+/.exec(header)?.[0] ?? '';
  const kind = NAMED.has(first) || UNNAMED.has(first) ? first : 'variable';
  const name = kind === 'variable' ? /(\w+)\s*(=[\s\S]*)?;?$/.exec(header)?.[1] : /^\w+\s+(\w+)/.exec(header)?.[1];
  const returns = /\breturns\s*\(/.exec(header);
  return {
    kind,
    name: UNNAMED.has(kind) ? '' : (name ?? ''),
    line: lineAt(text, statement.start),
    documentation,
    header,
    parameters: kind === 'variable' || kind === 'struct' ? [] : names(header, header.indexOf('(')),
    returns: returns ? names(header, header.indexOf('(', returns.index)) : [],
    body: [statement.brace, statement.end],
  };
}

/** The names in a parameter list that opens at an offset; the empty string where a parameter has none. */
function names(header: string, open: number): string[] {
  if (open === -1) return [];
  const inside = header.slice(open + 1, closing(header, open) - 1);
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const character of inside) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === ',' && depth === 0) parts.push(part);
    part = character === ',' && depth === 0 ? '' : part + character;
  }
  if (part.trim() !== '') parts.push(part);
  return parts.map((one) => {
    const name = /^[\s\S]*[\s)\]](\w+)\s*$/.exec(one.trim())?.[1] ?? '';
    return /^(memory|calldata|storage|indexed|payable)$/.test(name) ? '' : name;
  });
}

/** The NatSpec comments in the gap before a declaration, without their comment marks. */
function comments(gap: string): string {
  const blocks = gap.match(/\/\/\/[^\n]*|\/\*\*[\s\S]*?\*\//g) ?? [];
  return blocks.map((block) => block.replace(/^\/\/\/ ?|^\/\*\*|\*\/$/g, '').replace(/^[ \t]*\* ?/gm, '')).join('\n');
}
