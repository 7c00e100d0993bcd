import { parseAbi } from 'viem';
import { expect, test } from 'vitest';
import { artifactFile } from '../source/artifactFile.ts';
import { plant } from '../source/plant.ts';
import { format } from './Finding.ts';
import { trees } from './trees.ts';

const TREE = `Doors.open
├── given the door is open
│  └── it should revert
└── given the door is closed
   ├── when the key is wrong
   │  └── it should revert
   └── when the key is right
      ├── it should open the door
      └── it should emit {Open}
`;
const TEST = `contract OpenTest {
    function test_GivenOpen() external {
        // it should revert
    }
    function test_WrongKey() external {
        // it should revert
    }
    function testFuzz_RightKey(uint256 key) external {
        // it should open the door
        // it should emit {Open}
    }
}`;
const SOUND = {
  ...artifactFile({
    file: 'contracts/src/Doors.sol',
    contract: 'Doors',
    source: `contract Doors is Base { function open(uint256 key) external {} function count() external view {} }`,
    abi: parseAbi(['function open(uint256 key)', 'function count() view', 'function inherited()']),
  }),
  'contracts/test/Doors/open.tree': TREE,
  'contracts/test/Doors/open.t.sol': TEST,
};

async function check(files: Record<string, string>): Promise<string[]> {
  await using tree = await plant(files);
  return (await trees(tree.root)).map(format);
}

test('accepts an empty tree and a sound one', async () => {
  expect(await check({})).toEqual([]);
  expect(await check(SOUND)).toEqual([]);
});

test('refuses a leaf without a test', async () => {
  const text = TEST.replace('// it should open the door', '');
  expect(await check({ ...SOUND, 'contracts/test/Doors/open.t.sol': text })).toEqual([
    'contracts/test/Doors/open.tree:8 no test says: it should open the door',
  ]);
});

test('counts equal leaves', async () => {
  const text = TEST.replace('// it should revert', '');
  expect(await check({ ...SOUND, 'contracts/test/Doors/open.t.sol': text })).toEqual([
    'contracts/test/Doors/open.tree:6 no test says: it should revert',
  ]);
});

test('refuses a comment that is not a leaf, or stands outside a test', async () => {
  const text = TEST.replace('{Open}', '{Close}').replace('contract', '// it should float\ncontract');
  expect(await check({ ...SOUND, 'contracts/test/Doors/open.t.sol': text })).toEqual([
    'contracts/test/Doors/open.tree:9 no test says: it should emit {Open}',
    'contracts/test/Doors/open.t.sol:11 not a leaf of the tree: it should emit {Close}',
    'contracts/test/Doors/open.t.sol:1 stands outside a test function: it should float',
  ]);
});

test('refuses a tree without a test file', async () => {
  const { 'contracts/test/Doors/open.t.sol': _, ...files } = SOUND;
  expect(await check(files)).toEqual(['contracts/test/Doors/open.tree there is no open.t.sol beside it']);
});

test('refuses a head that names no function', async () => {
  const files = { ...SOUND, 'contracts/test/Doors/open.tree': TREE.replace('Doors.open', 'Doors.shut') };
  expect(await check(files)).toEqual([
    'contracts/test/Doors/open.tree:1 `Doors.shut` is not the <Contract>.<function> of any source',
    'contracts/src/Doors.sol:1 Doors.open changes state and has no tree',
  ]);
});

test('accepts a tree of an inherited function', async () => {
  const text = 'Doors.inherited\n└── it should revert\n';
  const test = 'contract T { function test_Inherited() external { // it should revert\n} }';
  expect(
    await check({ ...SOUND, 'contracts/test/Doors/all.tree': text, 'contracts/test/Doors/all.t.sol': test }),
  ).toEqual([]);
});

test('refuses lines that are neither conditions nor leaves', async () => {
  const files = { ...SOUND, 'contracts/test/Doors/open.tree': TREE.replace('given the door is open', 'door open') };
  expect(await check(files)).toEqual([
    'contracts/test/Doors/open.tree:2 neither a condition (given, when) nor a leaf (it should): door open',
  ]);
});

test('refuses a function that changes state without a tree', async () => {
  const files = { 'contracts/src/Doors.sol': '', ...SOUND };
  const kept = Object.entries(files).filter(([path]) => !path.startsWith('contracts/test/'));
  expect(await check(Object.fromEntries(kept))).toEqual([
    'contracts/src/Doors.sol:1 Doors.open changes state and has no tree',
  ]);
});

test('refuses a source that was not compiled, or has changed since', async () => {
  expect(await check({ 'contracts/src/Doors.sol': 'contract Doors {}' })).toEqual([
    'contracts/src/Doors.sol:1 Doors: there is no artifact; run `forge build`',
  ]);
  expect(
    await check({ ...SOUND, 'contracts/src/Doors.sol': 'contract Doors { function open() external {} }' }),
  ).toEqual(['contracts/src/Doors.sol:1 Doors: the artifact was made from another text; run `forge build`']);
});
