import { expect, test } from 'vitest';
import { artifactFile } from '../source/artifactFile.ts';
import { plant } from '../source/plant.ts';
import { format } from './Finding.ts';
import { largest, sizes } from './sizes.ts';

async function check(bytes: number): Promise<{ findings: string[]; note: string }> {
  const file = 'contracts/src/Doors.sol';
  const code = `0x${'00'.repeat(bytes)}` as const;
  await using tree = await plant(artifactFile({ file, contract: 'Doors', source: 'contract Doors {}', code }));
  return { findings: (await sizes(tree.root)).map(format), note: await largest(tree.root) };
}

test('accepts an empty tree', async () => {
  await using tree = await plant({});
  expect(await sizes(tree.root)).toEqual([]);
  expect(await largest(tree.root)).toBe('no contracts');
});

test('accepts one byte below the limit', async () => {
  expect(await check(24_575)).toEqual({ findings: [], note: 'largest Doors, 24575 of 24576 bytes' });
});

test('refuses the limit', async () => {
  const { findings } = await check(24_576);
  expect(findings).toEqual(['contracts/src/Doors.sol:1 Doors has 24576 bytes, the limit is 24576']);
});

test('refuses creation code at its limit', async () => {
  const { findings } = await check(49_152);
  expect(findings).toContain('contracts/src/Doors.sol:1 Doors is created by 49152 bytes, the limit is 49152');
});

test('refuses a contract that is not compiled', async () => {
  await using tree = await plant({ 'contracts/src/Doors.sol': 'contract Doors {}' });
  expect(await sizes(tree.root)).toHaveLength(1);
});
