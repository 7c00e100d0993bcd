import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Entry, Lock } from '../source/Lock.ts';
import { list } from '../source/list.ts';
import type { Finding } from './Finding.ts';

type Package = {
  readonly allowScripts?: Readonly<Record<string, boolean>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const LOCK = 'package-lock.json';

/** What `npm ci` installs is decided by the two files alone, to the byte, and runs only the install scripts that are listed. */
export async function lock(root: string): Promise<readonly Finding[]> {
  const manifests = (await list(root, '', ['package.json'])).filter((file) => file.split('/').length <= 2);
  const findings: Finding[] = [];
  for (const file of manifests) findings.push(...ranges(file, await read<Package>(root, file)));
  if (!manifests.includes('package.json')) return findings;
  const { packages } = await read<Lock>(root, LOCK);
  const { allowScripts = {} } = await read<Package>(root, 'package.json');
  const entries = Object.entries(packages);
  return [
    ...findings,
    ...entries.flatMap(([path, entry]) => entryFaults(path, entry).map((message) => ({ file: LOCK, message }))),
    ...scripts(entries, Object.keys(allowScripts)),
    ...(await install(root, [...manifests, LOCK, '.npmrc'])),
  ];
}

async function read<T>(root: string, file: string): Promise<T> {
  return JSON.parse(await readFile(join(root, file), 'utf8')) as T;
}

function ranges(file: string, manifest: Package): Finding[] {
  const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  const loose = Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
  return loose.map(([name, version]) => ({ file, message: `${name} ${version} is not an exact version` }));
}

/** The root, workspaces and links have no archive; a package of another platform was never seen when locking. */
function entryFaults(path: string, entry: Entry): string[] {
  const { resolved, integrity, link, optional, os } = entry;
  if (!path.includes('node_modules/') || link) return [];
  const faults: string[] = [];
  if (resolved !== undefined) faults.push(`${path} names the host ${resolved}`);
  if (integrity === undefined && !(optional && os)) faults.push(`${path} has no integrity`);
  if (/^(git|http|file)/.test(entry.version ?? ''))
    faults.push(`${path} comes from ${entry.version}, not the registry`);
  return faults;
}

function scripts(entries: readonly (readonly [string, Entry])[], allowed: readonly string[]): Finding[] {
  const paths = entries.filter(([, entry]) => entry.hasInstallScript).map(([path]) => path);
  const present = new Set(paths.map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)));
  const [absent, listed] = [
    [...present].filter((name) => !allowed.includes(name)),
    allowed.filter((name) => !present.has(name)),
  ];
  const file = 'package.json';
  return [
    ...absent.map((name) => ({ file, message: `${name} has an install script that allowScripts does not list` })),
    ...listed.map((name) => ({ file, message: `allowScripts lists ${name}, which has no install script` })),
  ];
}

/** Asks npm itself whether the two files agree, in a copy that holds nothing else. */
async function install(root: string, files: readonly string[]): Promise<Finding[]> {
  const copy = await mkdtemp(join(tmpdir(), 'agorai-lock-'));
  try {
    for (const file of files) await cp(join(root, file), join(copy, file)).catch(() => undefined);
    await promisify(execFile)('npm', ['ci', '--dry-run', '--ignore-scripts', '--loglevel=error'], { cwd: copy });
    return [];
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    const lines = (stderr ?? message).split('\n').map((line) => line.replace(/^npm error\s*/, ''));
    const reasons = lines.filter((line) => /^(Missing|Invalid|code)\b/.test(line));
    return [{ file: LOCK, message: `npm ci refuses it (run \`npm run lock\`): ${reasons.join('; ') || lines[0]}` }];
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
