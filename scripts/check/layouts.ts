import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Artifact, readArtifacts, type StorageLayout, type Variable } from '../source/Artifact.ts';
import { list } from '../source/list.ts';
import type { Finding } from './Finding.ts';

const FOLDER = 'contracts/snapshots/layouts';

/** Where each contract keeps its storage is a literal file in git, so that every change of it shows. */
export async function layouts(root: string): Promise<readonly Finding[]> {
  const { expected, findings } = await snapshots(root);
  const present = await list(root, FOLDER);
  for (const [file, text] of expected) {
    const actual = present.includes(file) ? await readFile(join(root, file), 'utf8') : undefined;
    const fault = actual === undefined ? 'is missing' : 'differs from the compiled contract';
    if (actual !== text) findings.push({ file, message: `${fault}; run \`npm run gen\` and look at the difference` });
  }
  const stale = present.filter((file) => !expected.has(file));
  return [...findings, ...stale.map((file) => ({ file, message: 'belongs to no contract' }))];
}

/** Rewrites all snapshots. */
export async function updateLayouts(root: string): Promise<void> {
  const { expected, findings } = await snapshots(root);
  if (findings.length > 0) return;
  await rm(join(root, FOLDER), { recursive: true, force: true });
  for (const [file, text] of expected) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
}

async function snapshots(root: string): Promise<{ expected: Map<string, string>; findings: Finding[] }> {
  const { artifacts, findings } = await readArtifacts(root);
  const contracts = artifacts.filter(({ unit }) => unit.kind === 'contract');
  return { expected: new Map(contracts.map((one) => [`${FOLDER}/${one.unit.name}.json`, snapshot(one)])), findings };
}

/** The state variables and, because mappings hold them, the members of every struct that they reach. */
function snapshot({ storage: { storage, types } }: Artifact): string {
  const named = Object.values(types ?? {}).flatMap(({ label, members }) => (members ? [{ label, members }] : []));
  const structs = named.toSorted((a, b) => (a.label < b.label ? -1 : 1));
  const value = {
    storage: storage.map((one) => row(one, types)),
    structs: Object.fromEntries(structs.map(({ label, members }) => [label, members.map((one) => row(one, types))])),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Type identifiers contain numbers of the syntax tree that change with unrelated code; labels do not. */
function row({ label, slot, offset, type }: Variable, types: StorageLayout['types']): Variable {
  return { label, slot, offset, type: types?.[type]?.label ?? type };
}
