import { expect, test } from 'vitest';
import { plant } from '../source/plant.ts';
import { format } from './Finding.ts';
import { mutants } from './mutants.ts';

const SOURCE = 'contracts/src/Doors.sol';
const TESTS = 'contracts/test/invariants/Doors.t.sol';
const LIST = 'contracts/test/mutants.doors.json';
const good = { invariant: 'D1', file: SOURCE, find: 'open = 1;', replace: 'open = 2;', test: 'invariant_D1_' };

async function check(list: readonly object[], tests = 'function invariant_D1_Shut() external {}'): Promise<string[]> {
  await using tree = await plant({
    [SOURCE]: 'open = 1; shut = 0; shut = 0;',
    [TESTS]: tests,
    [LIST]: JSON.stringify(list),
  });
  return (await mutants(tree.root)).map(format);
}

test('accepts an empty tree, and a bug that stands once and has its test', async () => {
  await using empty = await plant({});
  expect(await mutants(empty.root)).toEqual([]);
  expect(await check([good])).toEqual([]);
});

test('refuses a bug whose place is gone, or stands twice', async () => {
  expect(await check([good, { ...good, find: 'ajar = 1;' }])).toEqual([
    `${LIST} D1 in ${SOURCE}: the place stands 0 times: ajar = 1;`,
  ]);
  expect(await check([good, { ...good, find: 'shut = 0;' }])).toEqual([
    `${LIST} D1 in ${SOURCE}: the place stands 2 times: shut = 0;`,
  ]);
});

test('refuses a bug whose test is gone, and an invariant without a bug', async () => {
  expect(await check([{ ...good, test: 'invariant_D2_' }])).toEqual([
    `${LIST} D1 in ${SOURCE}: there is no test invariant_D2_`,
    `${TESTS} invariant_D1_Shut: no bug is planted for it`,
  ]);
});
