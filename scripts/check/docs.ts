import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lineAt } from '../source/lineAt.ts';
import { list } from '../source/list.ts';
import type { Finding } from './Finding.ts';
import { FOLDERS } from './imports.ts';

/** The page of every stage has these sections, in this order. */
const HEADINGS = ['What it does', 'Interface', 'Example', 'Guarantees', 'Failure and recovery', 'Limits'];

/** Folders that are not stages: what all build on, and the command line. */
const NO_PAGE = new Set(['internal', 'chain', 'cli']);

/** Links lead somewhere, every stage has its page with the same sections, and examples are copies of files that run. */
export async function docs(root: string): Promise<readonly Finding[]> {
  const findings = pages(root);
  for (const file of await list(root, '', ['.md'])) {
    const text = await readFile(join(root, file), 'utf8');
    findings.push(...(await links(root, file, text)), ...(await examples(root, file, text)));
    const stage = /^docs\/(\w+)\.md$/.exec(file)?.[1] ?? '';
    if (FOLDERS.includes(stage) && !NO_PAGE.has(stage)) findings.push(...sections(file, text));
  }
  return findings;
}

function pages(root: string): Finding[] {
  const folders = existsSync(join(root, 'src')) ? readdirSync(join(root, 'src')) : [];
  const stages = folders.filter((folder) => FOLDERS.includes(folder) && !NO_PAGE.has(folder));
  const missing = stages.filter((stage) => !existsSync(join(root, `docs/${stage}.md`)));
  return missing.map((stage) => ({ file: `src/${stage}`, message: `there is no docs/${stage}.md` }));
}

function sections(file: string, text: string): Finding[] {
  const found = headings(text, /^## (.+)$/gm);
  if (found.join('\n') === HEADINGS.join('\n')) return [];
  return [{ file, message: `the sections are "${found.join(', ')}", not "${HEADINGS.join(', ')}"` }];
}

function headings(text: string, pattern: RegExp): string[] {
  return [...withoutCode(text).matchAll(pattern)].map((match) => (match[1] ?? '').trim());
}

/** Replaces fenced blocks and code spans by spaces: what looks like a link or a heading there is none. */
function withoutCode(text: string): string {
  return text.replace(/^(```+)[\s\S]*?^\1|`[^`\n]*`/gm, (match) => match.replace(/[^\n]/g, ' '));
}

async function links(root: string, file: string, text: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const match of withoutCode(text).matchAll(/\]\(<?([^)>\s]+)>?(?:\s+"[^"]*")?\)|^\[[^\]]+\]:\s*(\S+)/gm)) {
    const link = match[1] ?? match[2] ?? '';
    if (/^[a-z][a-z+.-]*:/i.test(link)) continue;
    const [path = '', anchor] = decodeURI(link).split('#');
    const target = path === '' ? file : join(path.startsWith('/') ? '' : dirname(file), path);
    const add = (message: string): number => findings.push({ file, line: lineAt(text, match.index), message });
    if (!existsSync(join(root, target))) add(`the link ${link} leads nowhere`);
    else if (anchor && target.endsWith('.md') && !(await anchors(join(root, target))).has(anchor))
      add(`there is no section #${anchor} in ${target}`);
  }
  return findings;
}

/** The anchors of a page, made from its headings as code hosts do. */
async function anchors(path: string): Promise<Set<string>> {
  const text = await readFile(path, 'utf8');
  const titles = [...text.replace(/^(```+)[\s\S]*?^\1/gm, '').matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? '');
  const names = titles.map((title) => title.trim().toLowerCase());
  return new Set(names.map((name) => name.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')));
}

/** A block marked `file=path`, or `file=path#region`, is the text of that file, or of that region of it. */
async function examples(root: string, file: string, text: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const match of text.matchAll(/^```\w+ file=(\S+)\n([\s\S]*?)^```/gm)) {
    const add = (message: string): number => findings.push({ file, line: lineAt(text, match.index), message });
    const [path = '', name] = (match[1] ?? '').split('#');
    const source = existsSync(join(root, path)) ? await readFile(join(root, path), 'utf8') : undefined;
    const expected = source !== undefined && name ? region(source, name) : source;
    if (source === undefined) add(`the example ${path} does not exist`);
    else if (expected === undefined) add(`${path} has no region ${name}`);
    else if (expected.trimEnd() !== match[2]?.trimEnd()) add(`the example is not the text of ${match[1]}`);
  }
  return findings;
}

/** The lines between `#region name` and the next `#endregion`, without their common indentation. */
function region(source: string, name: string): string | undefined {
  const lines = source.split('\n');
  const start = lines.findIndex((line) => new RegExp(`^\\s*(//|#) ?#region ${name}\\s*$`).test(line));
  const end = lines.findIndex((line, at) => at > start && /^\s*(\/\/|#) ?#endregion\b/.test(line));
  if (start === -1 || end === -1) return undefined;
  const inside = lines.slice(start + 1, end);
  const indents = inside.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  return inside.map((line) => line.slice(Math.min(...indents))).join('\n');
}
