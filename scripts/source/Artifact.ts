import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Abi, type Hex, keccak256 } from 'viem';
import type { Finding } from '../check/Finding.ts';
import { readAll, type Unit } from './Solidity.ts';

/** What the compiler made of one contract or library of `contracts/src`. */
export type Artifact = {
  readonly unit: Unit;
  readonly abi: Abi;
  readonly bytecode: Hex;
  readonly deployed: Hex;
  readonly storage: StorageLayout;
};

/** Where a contract keeps its state variables, as the compiler writes it. */
export type StorageLayout = {
  readonly storage: readonly Variable[];
  readonly types: Readonly<Record<string, { label: string; members?: readonly Variable[] }>> | null;
};

/** A state variable or a member of a struct. */
export type Variable = {
  readonly label: string;
  readonly slot: string;
  readonly offset: number;
  readonly type: string;
};

type File = {
  readonly abi: Abi;
  readonly bytecode: { object: Hex };
  readonly deployedBytecode: { object: Hex };
  readonly storageLayout?: StorageLayout;
  readonly metadata: { sources: Record<string, { keccak256: Hex }> };
};

/**
 * Reads the artifact of every contract and library under `contracts/src` from `contracts/out`. One that is absent, or
 * was made from another text of the source, is a finding: the checks would otherwise judge code that is gone.
 */
export async function readArtifacts(root: string): Promise<{ artifacts: Artifact[]; findings: Finding[] }> {
  const artifacts: Artifact[] = [];
  const findings: Finding[] = [];
  for (const unit of await readAll(root)) {
    if (unit.kind === 'interface') continue;
    const source = await readFile(join(root, unit.file));
    const path = join(root, 'contracts/out', basename(unit.file), `${unit.name}.json`);
    const file = await readFile(path, 'utf8').then((text) => JSON.parse(text) as File, ifMissing);
    const compiled = file?.metadata.sources[unit.file]?.keccak256;
    if (!file || compiled !== keccak256(source)) {
      const fault = file ? 'the artifact was made from another text' : 'there is no artifact';
      findings.push({ file: unit.file, line: unit.line, message: `${unit.name}: ${fault}; run \`forge build\`` });
      continue;
    }
    const storage = file.storageLayout ?? { storage: [], types: null };
    const { abi } = file;
    artifacts.push({ unit, abi, bytecode: file.bytecode.object, deployed: file.deployedBytecode.object, storage });
  }
  return { artifacts, findings };
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
