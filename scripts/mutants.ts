/**
 * Plants each bug of contracts/test/mutants.json, one at a time, in a copy of the contracts and expects the named test
 * to fail. With words, or with `all`, those of the other lists beside it are looked at too. A mutant that compiles and
 * fails its test passes; one that survives, or does not compile, fails this run.
 *
 *   node scripts/mutants.ts [all | words in the name of an invariant or test]
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_LIST, type Mutant, readMutants } from './source/Mutant.ts';

type Verdict = 'killed' | 'SURVIVED' | 'NOT APPLIED' | 'NO SUCH TEST' | 'NOT COMPILED';

const root = fileURLToPath(new URL('..', import.meta.url));
const forge = binary();

/** The platform's own binary: the script that npm links as `forge` exits with 0 whatever forge says. */
function binary(): string {
  const scope = join(root, 'node_modules', '@foundry-rs');
  const name = readdirSync(scope).find((entry) => entry.startsWith('forge-')) ?? 'forge';
  return join(scope, name, 'bin', process.platform === 'win32' ? 'forge.exe' : 'forge');
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Test files that hold a test whose name begins with one of the given names. */
function testFiles(names: readonly string[]): string[] {
  return readdirSync(join(root, 'contracts/test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.t.sol'))
    .map((file) => join('contracts/test', file))
    .filter((file) => names.some((name) => read(file).includes(`function ${name}`)));
}

/** The files a test file imports from the project, itself included. */
function closure(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, path] of read(file).matchAll(/from "(\.[^"]+)"/g)) {
    if (path) closure(relative(root, join(root, dirname(file), path)), found);
  }
  return found;
}

/** A project with the contracts and only the tests that the mutants need, which keeps compiling short. */
function workspace(mutants: readonly Mutant[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
  const copy = (path: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path), { recursive: true });
  };
  for (const path of ['foundry.toml', 'contracts/bin', 'test/vectors']) copy(path);
  const needed = new Set<string>();
  for (const { file } of mutants) closure(file, needed);
  for (const file of testFiles(mutants.map(({ test }) => test))) closure(file, needed);
  for (const file of needed) copy(file);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

function run(folder: string, args: readonly string[]): { readonly ok: boolean; readonly output: string } {
  // One seed: a bug that this seed finds is found on every machine. The tests themselves run with a new one each time.
  const env = {
    ...process.env,
    FOUNDRY_FUZZ_RUNS: '64',
    FOUNDRY_FUZZ_SEED: '1',
    FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT: '0',
  };
  const { status, stdout, stderr } = spawnSync(forge, args, { cwd: folder, env, encoding: 'utf8', maxBuffer: 1 << 28 });
  return { ok: status === 0, output: stdout + stderr };
}

function judge(folder: string, { test }: Mutant): Verdict {
  const built = run(folder, ['build']);
  if (!built.ok) return 'NOT COMPILED';
  const { ok, output } = run(folder, ['test', '--match-test', `^${test}`]);
  if (!output.includes(test)) return 'NO SUCH TEST';
  // A failed test is a line `[FAIL: reason] name(...)`, for an invariant the name comes after the calls that broke it.
  const failed = /^\[FAIL/m.test(output) && new RegExp(`^(\\[FAIL.*)?\\s*${test}`, 'm').test(output);
  return !ok && failed ? 'killed' : 'SURVIVED';
}

/** Plants one bug, judges it, and puts the file back. */
function attempt(folder: string, mutant: Mutant): Verdict {
  const original = read(mutant.file);
  const parts = original.split(mutant.find);
  if (parts.length !== 2) return 'NOT APPLIED';
  const path = join(folder, mutant.file);
  writeFileSync(path, parts.join(mutant.replace));
  const verdict = judge(folder, mutant);
  writeFileSync(path, original);
  return verdict;
}

async function main(words: readonly string[]): Promise<number> {
  const lists = await readMutants(root);
  const all = words.length === 0 ? (lists.get(DEFAULT_LIST) ?? []) : [...lists.values()].flat();
  const mutants = all.filter((m) => words.every((word) => word === 'all' || `${m.invariant} ${m.test}`.includes(word)));
  const folder = workspace(mutants);
  const counts = { passed: 0, failed: 0 };
  try {
    const sound = run(folder, ['test', '--match-test', mutants.map(({ test }) => `^${test}`).join('|')]);
    if (!sound.ok) {
      process.stdout.write(`${sound.output}\nThe tests fail before any bug is planted.\n`);
      return 1;
    }
    for (const mutant of mutants) {
      const started = Date.now();
      const verdict = attempt(folder, mutant);
      counts[verdict === 'killed' ? 'passed' : 'failed'] += 1;
      const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(6);
      process.stdout.write(`${verdict.padEnd(12)} ${mutant.invariant.padEnd(6)}${seconds} s  ${mutant.test}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
