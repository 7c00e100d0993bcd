import { type Abi, type Hex, keccak256, toBytes } from 'viem';
import type { StorageLayout } from './Artifact.ts';

/** An artifact as the compiler would write it for a source, by its path; for planting trees that need no compiler. */
export function artifactFile(options: {
  file: string;
  source: string;
  contract: string;
  abi?: Abi;
  code?: Hex;
  storage?: StorageLayout;
}): Record<string, string> {
  const { file, source, contract, abi = [], code = '0x00', storage = { storage: [], types: null } } = options;
  const artifact = {
    abi,
    bytecode: { object: code },
    deployedBytecode: { object: code },
    storageLayout: storage,
    metadata: { sources: { [file]: { keccak256: keccak256(toBytes(source)) } } },
  };
  const path = `contracts/out/${file.split('/').at(-1)}/${contract}.json`;
  return { [file]: source, [path]: JSON.stringify(artifact) };
}
