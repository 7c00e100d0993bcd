import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agorai, jsonOf, start } from '../../test/actors/agorai.ts';
import { verbs } from './verbs.ts';

const visible = verbs.filter(({ hidden }) => !hidden);
const failure = { title: expect.any(String), detail: null, docs: null };
let home: string;
const at = (...args: readonly string[]) => agorai(args, { env: { AGORAI_HOME: home } });

beforeAll(async () => {
  home = join(await mkdtemp(join(tmpdir(), 'cli-')), 'nothing');
});
afterAll(() => rm(join(home, '..'), { recursive: true }));

describe('help', () => {
  test('lists every verb on standard output', async () => {
    const { code, stdout, stderr } = await agorai(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { name } of visible) expect(stdout).toContain(`\n  ${name.split(' ')[0]} `);
    for (const { name } of verbs.filter(({ hidden }) => hidden)) expect(stdout).not.toContain(`\n  ${name} `);
  });

  test('of a verb names its options, and those that guard spending where it spends', async () => {
    const [buy, search] = await Promise.all([agorai(['buy', '--help']), agorai(['search', '--help'])]);
    for (const option of ['--dry-run', '--explain', '--yes', '--max-spend', '--json'])
      expect(buy.stdout).toContain(option);
    expect(search.stdout).toContain('--json');
    expect(search.stdout).not.toContain('--max-spend');
  });

  test('is shown on standard error when the verb is missing', async () => {
    const [bare, group] = await Promise.all([agorai([]), agorai(['audit'])]);
    expect(bare).toMatchObject({ code: 2, stdout: '' });
    expect(bare.stderr).toMatch(/^Usage: agorai /);
    expect(group).toMatchObject({ code: 2, stdout: '' });
    expect(group.stderr).toMatch(/^Usage: agorai audit /);
  });

  test('tells the version of the package', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    expect(await agorai(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('a command that is not understood', () => {
  test.each([
    [['pubish'], "Unknown command 'pubish'. Did you mean publish?", 'agorai --help'],
    [['audit', 'verfy'], "Unknown command 'verfy'. Did you mean verify?", 'agorai audit --help'],
    [['buy', 'digits', '--renw'], "Unknown option '--renw'. Did you mean --renew?", 'agorai buy --help'],
    [['call'], "Missing required argument 'asset'.", 'agorai call --help'],
  ])('%j exits with 2 and says what was meant', async (args, title, hint) => {
    const { code, stdout, stderr } = await agorai(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(`error  usage.invalid  ${title}\n       fix  ${hint}\n`);
  });

  test.each([[['pubish', '--json']], [['call', '--json']], [['audit', 'verfy', '--json']]])(
    '%j is one JSON value on standard output',
    async (args) => {
      const outcome = await agorai(args);
      expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({ code: 2, stderr: '' });
      const hint = expect.stringMatching(/^agorai .*--help$/);
      expect(jsonOf(outcome)).toEqual({ error: { ...failure, code: 'usage.invalid', hint, command: hint } });
    },
  );

  test.each([
    ['deposit', '-1', 'amount.invalid'],
    ['deposit', '1e3', 'amount.invalid'],
    ['deposit', '0', 'usage.amount'],
    ['up', '--port=70000', 'usage.port'],
    ['call', '--max-price=much', 'amount.invalid'],
    ['sell', '--for=1w', 'license.duration'],
    ['publish', '--allow=nowhere', 'usage.file'],
  ])('%s %s exits with 2 before anything is looked at: %s', async (verb, word, code) => {
    const more: Readonly<Record<string, readonly string[]>> = { call: ['digits'], sell: ['digits', '1'] };
    const outcome = await at(verb, word, ...(more[verb] ?? (verb === 'publish' ? ['.', '--free'] : [])), '--json');
    expect(jsonOf(outcome).error).toMatchObject({ code });
    expect(outcome.code).toBe(2);
  });
});

describe('without a market', () => {
  const args: Readonly<Record<string, readonly string[]>> = {
    publish: [join(import.meta.dirname, '../../models/digits'), '--free'],
    show: ['digits'],
    buy: ['digits'],
    renew: ['digits'],
    revive: ['digits'],
    refund: ['digits'],
    sell: ['digits', '1'],
    call: ['digits', '7'],
    deposit: ['1'],
  };
  // The first makes a market, the others need none.
  const others = ['up', 'exit', 'explain', 'completion'];
  const expected = visible.filter(({ name }) => !others.includes(name)).map(({ name }) => name);

  test.each(expected)('%s says so as one JSON value, and how to start one', async (name) => {
    const outcome = await at(...name.split(' '), ...(args[name] ?? []), '--json');
    const { error } = jsonOf(outcome);
    const isRunning = error.code === 'network.no_settler';
    expect(outcome.code).toBe(isRunning ? 5 : 1);
    expect(isRunning || error.code).not.toBe('internal');
    expect(error.command).toBe('agorai up');
  });
});

describe('explain', () => {
  test('says what a code means, what to do and how a verb ends on it', async () => {
    const outcome = await at('explain', 'payment.insufficient', '--json');
    const told = { code: 'payment.insufficient', meaning: expect.any(String), remedy: expect.any(String), exit: 3 };
    expect({ code: outcome.code, value: jsonOf(outcome) }).toEqual({ code: 0, value: told });
  });

  test('names those that are near a code that does not exist', async () => {
    const outcome = await at('explain', 'payment.lost', '--json');
    expect(outcome.code).toBe(2);
    expect(jsonOf(outcome).error).toMatchObject({
      code: 'usage.code',
      hint: expect.stringContaining('payment.refused'),
    });
  });
});

describe('completion', () => {
  /** What bash would offer after some words. */
  async function offered(...words: readonly string[]): Promise<readonly string[]> {
    const { stdout } = await at('completion', 'bash');
    const script = `${stdout}\nCOMP_WORDS=(agorai ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _agorai; echo "\${COMPREPLY[*]}"`;
    const { stdout: found } = await promisify(execFile)('bash', ['-c', script]);
    return found.trim().split(' ');
  }

  test('of bash offers verbs, the second words of verbs, and options', async () => {
    expect(await offered('b')).toEqual(['buy', 'balance']);
    expect(await offered('audit', '')).toEqual(['verify']);
    expect(await offered('audit', 'verify', '--p')).toEqual(['--public']);
    expect(await offered('buy', 'digits', '--max')).toEqual(['--max-spend']);
  });

  test('of another shell is refused with 2', async () => {
    const outcome = await at('completion', 'tcsh', '--json');
    expect({ code: outcome.code, ...jsonOf(outcome) }).toMatchObject({ code: 2, error: { code: 'usage.shell' } });
  });
});

test('A-137: a package holds programs, models and pages, and neither keys nor state', async () => {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json'], { maxBuffer: 1e8 });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  const paths = files.map(({ path }) => path);
  expect(paths).toContain('bin/agorai.mjs');
  const root = ['README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md', 'package.json'];
  expect(paths.filter((path) => !/^(bin|dist|docs|models)\//.test(path) && !root.includes(path))).toEqual([]);
  expect(
    paths.filter((path) =>
      /(^|\/)(\.|keys\/|run\/)|password|keystore.*json|\.(db|log|pem|key|env)$|state\.json/.test(path),
    ),
  ).toEqual([]);
  for (const path of paths) expect(await readFile(path, 'utf8')).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY|"ciphertext":/);
});

test('a reader that has seen enough is no failure', async () => {
  const running = start(['--help']);
  running.child.stdout?.destroy();
  expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
});
