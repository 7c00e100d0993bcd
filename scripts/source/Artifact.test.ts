import { execFile } from 'node:child_process';
import { appendFile, cp, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { format } from '../check/Finding.ts';
import { readArtifacts } from './Artifact.ts';
import { forge } from './forge.ts';
import { plant } from './plant.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const DOORS = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
contract Doors {
    struct Door { uint40 at; }
    mapping(bytes32 id => Door) private _doors;
    function open(bytes32 id) external { _doors[id].at = 1; }
}
interface IDoors {}
`;

test('reads what the real compiler writes, and notices a changed source', { timeout: 120_000 }, async () => {
  await using tree = await plant({ 'contracts/src/Doors.sol': DOORS, 'test/vectors/empty.json': '{}' });
  for (const path of ['foundry.toml', 'contracts/bin'])
    await cp(join(REPOSITORY, path), join(tree.root, path), { recursive: true });
  await symlink(join(REPOSITORY, 'node_modules'), join(tree.root, 'node_modules'));
  await promisify(execFile)(forge(), ['build'], { cwd: tree.root });

  const { artifacts, findings } = await readArtifacts(tree.root);
  expect(findings).toEqual([]);
  expect(artifacts.map(({ unit }) => unit.name)).toEqual(['Doors']);
  expect(artifacts[0]?.abi).toMatchObject([{ type: 'function', name: 'open' }]);
  expect(artifacts[0]?.deployed).toMatch(/^0x[0-9a-f]{100,}$/);
  expect(artifacts[0]?.storage.storage).toMatchObject([{ label: '_doors', slot: '0', offset: 0 }]);

  await appendFile(join(tree.root, 'contracts/src/Doors.sol'), '// later\n');
  const changed = await readArtifacts(tree.root);
  expect(changed.findings.map(format)).toEqual([
    'contracts/src/Doors.sol:3 Doors: the artifact was made from another text; run `forge build`',
  ]);
});
