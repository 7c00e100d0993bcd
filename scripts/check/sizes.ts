import { readArtifacts } from '../source/Artifact.ts';
import type { Finding } from './Finding.ts';

/** The chain refuses code of more than 24,576 bytes (EIP-170) and creation code of more than twice that (EIP-3860). */
const DEPLOYED_BYTES = 24_576;
const CREATION_BYTES = 2 * DEPLOYED_BYTES;

/** Every contract fits on the chain; a contract at the limit counts as too large. */
export async function sizes(root: string): Promise<readonly Finding[]> {
  const { artifacts, findings } = await readArtifacts(root);
  for (const { unit, bytecode, deployed } of artifacts) {
    const add = (message: string): number => findings.push({ file: unit.file, line: unit.line, message });
    const [size, creation] = [bytes(deployed), bytes(bytecode)];
    if (size >= DEPLOYED_BYTES) add(`${unit.name} has ${size} bytes, the limit is ${DEPLOYED_BYTES}`);
    if (creation >= CREATION_BYTES) add(`${unit.name} is created by ${creation} bytes, the limit is ${CREATION_BYTES}`);
  }
  return findings;
}

/** The largest contract and its size. */
export async function largest(root: string): Promise<string> {
  const { artifacts } = await readArtifacts(root);
  const [first] = artifacts.toSorted((a, b) => b.deployed.length - a.deployed.length);
  return first ? `largest ${first.unit.name}, ${bytes(first.deployed)} of ${DEPLOYED_BYTES} bytes` : 'no contracts';
}

function bytes(code: string): number {
  return (code.length - 2) / 2;
}
