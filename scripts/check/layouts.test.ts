import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { artifactFile } from '../source/artifactFile.ts';
import { plant } from '../source/plant.ts';
import { format } from './Finding.ts';
import { layouts, updateLayouts } from './layouts.ts';

const SNAPSHOT = 'contracts/snapshots/layouts/Doors.json';
const ARTIFACT = artifactFile({
  file: 'contracts/src/Doors.sol',
  contract: 'Doors',
  source: 'contract Doors {}',
  storage: {
    storage: [{ label: '_doors', slot: '0', offset: 0, type: 't_mapping(t_bytes32,t_struct(Door)10_storage)' }],
    types: {
      bytes32: { label: 'bytes32' },
      t_uint40: { label: 'uint40' },
      't_mapping(t_bytes32,t_struct(Door)10_storage)': { label: 'mapping(bytes32 => struct Door)' },
      't_struct(Door)10_storage': {
        label: 'struct Door',
        members: [{ label: 'at', slot: '0', offset: 0, type: 't_uint40' }],
      },
    },
  },
});

test('accepts an empty tree, and what it wrote itself', async () => {
  await using empty = await plant({});
  expect(await layouts(empty.root)).toEqual([]);
  await using tree = await plant(ARTIFACT);
  expect((await layouts(tree.root)).map(format)).toEqual([
    `${SNAPSHOT} is missing; run \`npm run gen\` and look at the difference`,
  ]);
  await updateLayouts(tree.root);
  expect(await layouts(tree.root)).toEqual([]);
});

test('writes variables and the structs they reach, without numbers of the syntax tree', async () => {
  await using tree = await plant(ARTIFACT);
  await updateLayouts(tree.root);
  expect(JSON.parse(await readFile(join(tree.root, SNAPSHOT), 'utf8'))).toEqual({
    storage: [{ label: '_doors', slot: '0', offset: 0, type: 'mapping(bytes32 => struct Door)' }],
    structs: { 'struct Door': [{ label: 'at', slot: '0', offset: 0, type: 'uint40' }] },
  });
});

test('refuses a layout that moved', async () => {
  await using tree = await plant(ARTIFACT);
  await updateLayouts(tree.root);
  const text = await readFile(join(tree.root, SNAPSHOT), 'utf8');
  await writeFile(join(tree.root, SNAPSHOT), text.replace('"offset": 0', '"offset": 16'));
  expect((await layouts(tree.root)).map(format)).toEqual([
    `${SNAPSHOT} differs from the compiled contract; run \`npm run gen\` and look at the difference`,
  ]);
});

test('refuses the snapshot of a contract that is gone', async () => {
  await using tree = await plant({ [SNAPSHOT]: '{}' });
  expect((await layouts(tree.root)).map(format)).toEqual([`${SNAPSHOT} belongs to no contract`]);
});
