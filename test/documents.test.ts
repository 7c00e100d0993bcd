/** The long tables of the documents say what the code says: each row has its counterpart, and nothing is left out. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { insert, PAGE } from '../scripts/source/GasTable.ts';
import { readSnapshots } from '../scripts/source/Snapshots.ts';
import { blank, type Declaration, parse, type Unit } from '../scripts/source/Solidity.ts';
import * as abis from '../src/chain/abi/index.ts';
import { exits } from '../src/cli/Failure.ts';
import { verbs } from '../src/cli/verbs.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Rows of the tables of a page, without headings. */
function rowsOf(path: string): readonly (readonly string[])[] {
  const lines = read(path).split('\n');
  const rows = lines.filter((line, at) => line.startsWith('| ') && !lines[at + 1]?.startsWith('|---'));
  return rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('docs/invariants.md', () => {
  const rows = rowsOf('docs/invariants.md');
  const tests = rows.map(([, , test = '']) => [...test.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string));

  it.each(rows.map(([name = ''], at) => [name, at] as const))('%s has its test', (name, at) => {
    const [file = '', test = ''] = tests[at] ?? [];
    expect(test).toMatch(new RegExp(`(^|_)${name}(_|$)`));
    expect(read(file)).toContain(file.endsWith('.sol') ? `function ${test}(` : `'${test}'`);
  });

  it('leaves out no invariant of the contracts', () => {
    const folder = 'contracts/test/invariants';
    const found = readdirSync(join(root, folder)).flatMap((file) =>
      [...read(`${folder}/${file}`).matchAll(/function (invariant_\w+)\(/g)].map((match) => match[1]),
    );
    const listed = new Set(tests.map(([, test]) => test).filter((test) => test?.startsWith('invariant_')));
    expect([...listed].sort()).toEqual([...new Set(found)].sort());
  });
});

describe('docs/license.md', () => {
  const cases = rowsOf('docs/license.md').filter((row) => row.length === 4 && row[2]?.includes('.t'));
  const tests = cases.flatMap(([term = '', , ...cells]) =>
    cells.map((cell) => [term, ...[...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string)] as const),
  );

  it('has a case of every field of the terms that can be set', () => expect(cases.length).toBeGreaterThan(15));

  it.each(tests)('%s has its case in %s: %s', (_, file = '', test = '') => {
    expect(read(file)).toContain(file.endsWith('.sol') ? `function ${test}(` : test);
  });
});

describe('docs/privileges.md', () => {
  const rows = rowsOf('docs/privileges.md');
  const keys = rows.map(([contract, name]) => `${contract}.${name}`);
  const units = new Map(readdirSync(join(root, 'contracts/src')).flatMap(unitsOf));

  it('has every function that changes state once, and no other', () => {
    const functions = Object.entries(abis)
      .filter(([name]) => name.endsWith('Abi'))
      .flatMap(([name, abi]) => changing(name, abi as readonly AbiItem[]));
    expect([...keys].sort()).toEqual([...new Set(functions)].sort());
  });

  it.each(keys)('%s is open to anyone only when it does not look at its caller', (key) => {
    const [contract = '', name = ''] = key.split('.');
    const who = rows[keys.indexOf(key)]?.[2] ?? '';
    const unit = units.get(contract);
    const looks = unit !== undefined && guards(unit, name);
    if (looks) expect(who).not.toBe('anyone');
    if (looks === 'owner') expect(who).toBe('owner');
    if (/^(renounce|transfer)Ownership$/.test(name)) expect(who).toBe('owner');
  });

  type AbiItem = { readonly type: string; readonly name?: string; readonly stateMutability?: string };

  function changing(name: string, abi: readonly AbiItem[]): readonly string[] {
    const contract = `${name[0]?.toUpperCase()}${name.slice(1, -'Abi'.length)}`;
    const functions = abi.filter(
      ({ type, stateMutability = '' }) => type === 'function' && !/view|pure/.test(stateMutability),
    );
    return functions.map((one) => `${contract}.${one.name}`);
  }
});

type Source = { readonly declarations: readonly Declaration[]; readonly code: string };

function unitsOf(file: string): readonly (readonly [string, Source])[] {
  if (!file.endsWith('.sol')) return [];
  const text = read(`contracts/src/${file}`);
  const toEntry = (unit: Unit) => [unit.name, { declarations: unit.declarations, code: blank(text) }] as const;
  return parse(file, text).map(toEntry);
}

/** Whether a function, or one of the same contract that it calls, compares its caller with somebody. */
function guards(unit: Source, name: string, seen = new Set<string>()): 'owner' | 'caller' | false {
  if (seen.has(name)) return false;
  seen.add(name);
  const found = unit.declarations.filter((one) => one.kind === 'function' && one.name === name);
  if (found.some(({ header }) => /\bonlyOwner\b/.test(header))) return 'owner';
  const bodies = found.map(({ body }) => unit.code.slice(...body)).join('\n');
  if (/[!=]= msg\.sender|msg\.sender [!=]=|deployer: msg\.sender|isAuthorized\([^)]*msg\.sender/.test(bodies))
    return 'caller';
  const called = [...bodies.matchAll(/\b(_\w+)\(/g)].map((match) => match[1] as string);
  return called.some((one) => guards(unit, one, seen)) ? 'caller' : false;
}

describe('docs/dependencies.md', () => {
  it('names every package with its version and licence, and no other', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
      string,
      Record<string, string>
    >;
    const installed = Object.keys({ ...dependencies, ...devDependencies }).map((name) => {
      const { version, license } = JSON.parse(read(`node_modules/${name}/package.json`)) as Record<string, string>;
      return [name, version, license];
    });
    const listed = rowsOf('docs/dependencies.md').map((row) => row.slice(0, 3));
    expect([...listed].sort()).toEqual(installed.sort());
  });
});

describe(PAGE, () => {
  it('has the gas figures of the snapshots; `node scripts/gas-table.ts` writes them', () => {
    expect(read(PAGE)).toBe(insert(read(PAGE), readSnapshots(root)));
  });

  it('has parts of a publication that add up to its figure', () => {
    const table = read(PAGE).split('| part | gas |')[1]?.split('\n\n')[0] ?? '';
    const parts = [...table.matchAll(/\| ([\d,]+) \|/g)].map(([, gas = '']) => Number(gas.replaceAll(',', '')));
    const { Assets } = readSnapshots(root);
    expect(parts[0]).toBe(Number(Assets?.['publish, later']));
    expect(parts.reduce((sum, gas) => sum + gas, 0)).toBe(Number(Assets?.['publish with one offer, later']));
  });
});

describe('docs/cli.md', () => {
  const rows = rowsOf('docs/cli.md');

  it('has every verb with its summary, in the order of the help', () => {
    expect(rows.filter((row) => row.length === 2)).toEqual(verbs.map(({ name, summary }) => [name, summary]));
  });

  it('has every exit code', () => {
    const listed = rows.filter((row) => row.length === 3).map(([code, name]) => [name, Number(code)]);
    expect(Object.fromEntries(listed)).toEqual(exits);
  });
});

describe('docs/errors.md', () => {
  const listed = rowsOf('docs/errors.md').map(([cell = '']) => cell.replaceAll('`', ''));
  const found = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => codesOf(read(`src/${file}`)));

  it('has every code whose error comes without a hint, so that nobody is left alone with one', () => {
    const bare = found.filter(({ hasHint }) => !hasHint).map(({ code }) => code);
    expect(bare.filter((code) => !listed.includes(code))).toEqual([]);
  });

  it('has no code that the program does not have, and each once, in order', () => {
    const codes = [...found.map(({ code }) => code), 'declined', 'internal', 'interrupted', 'node.too-old'];
    expect(listed.filter((code) => !codes.includes(code) && code !== 'network.unreachable')).toEqual([]);
    expect(listed).toEqual([...new Set(listed)].sort());
  });

  /** Codes of an object literal, and whether a hint stands beside them. */
  function codesOf(text: string) {
    return [...text.matchAll(/\bcode(?:: | = )'([a-z_]+\.[a-z_.-]+)'/g)].map((match) => {
      const before = text.slice(0, match.index).lastIndexOf('{');
      const after = text.indexOf('});', match.index);
      return { code: match[1] as string, hasHint: /\bhint\b/.test(text.slice(before, after)) };
    });
  }
});

describe('pages of the stages', () => {
  const stages = ['publish', 'license', 'pay', 'infer', 'settle', 'audit'];
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => [file, read(`src/${file}`)] as const);
  const all = sources.map(([, text]) => text).join('\n');

  it.each(stages)('%s: every error code is one of the code', (stage) => {
    const codes = firstCells(stage).filter((name) => /^[a-z_]+\.[a-z_-]+$/.test(name) && !name.endsWith('.json'));
    expect(codes.filter((code) => !all.includes(`'${code}'`))).toEqual([]);
  });

  it.each(stages)('%s: every call is exported', (stage) => {
    const calls = firstCells(stage).flatMap((text) => [...text.matchAll(/^(?:([A-Z]\w+)\.)?([a-z]\w+)\(/g)]);
    const missing = calls.filter(([, noun, verb]) => {
      const texts = sources
        .filter(([file]) => noun === undefined || file.endsWith(`/${noun}.ts`))
        .map(([, text]) => text);
      return !texts.some((text) => new RegExp(`export (async )?(function|const) ${verb}\\b`).test(text));
    });
    expect(missing.map(([call]) => call)).toEqual([]);
  });

  /** Code spans of the first cells of a page's tables. */
  function firstCells(stage: string): readonly string[] {
    return rowsOf(`docs/${stage}.md`).flatMap(([cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string),
    );
  }
});

describe('commands', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'ARCHITECTURE.md'];

  it.each(pages)('%s names scripts that exist', (page) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(page).matchAll(/npm (?:run )?(start|test|(?<=run )\w+)/g)].map(
      (match) => match[1] as string,
    );
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
    const files = [...read(page).matchAll(/\b(?:node|vitest run) ((?:scripts|src|test|models|examples)\/[\w./-]+)/g)];
    expect(files.map((match) => match[1] as string).filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});
