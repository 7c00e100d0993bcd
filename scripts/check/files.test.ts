import { expect, test } from 'vitest';
import { plant } from '../source/plant.ts';
import { format } from './Finding.ts';
import { files } from './files.ts';

async function check(tree: Record<string, string>): Promise<string[]> {
  await using planted = await plant(tree);
  return (await files(planted.root)).map(format);
}

const lines = (count: number, line = 'f();\n'): string => line.repeat(count);

test('accepts an empty tree and files at the limits', async () => {
  expect(await check({})).toEqual([]);
  expect(
    await check({
      'README.md': lines(120),
      'ARCHITECTURE.md': lines(250),
      'test/flow.test.ts': lines(120),
      'src/pay/long.ts': `// TODAY\n\n/* why\n${lines(50)}*/\n${lines(400)}`,
      'src/pay/function.ts': `function f() {\n  // why\n\n${lines(38)}}`,
      'src/pay/function.test.ts': `test('', () => {\n${lines(50)}});`,
      'src/chain/abi/Channels.ts': lines(1000),
      'contracts/src/A.sol': `contract A {\nfunction f() public {\n${lines(38)}}\n}`,
      'node_modules/utils/index.ts': lines(1000),
    }),
  ).toEqual([]);
});

test.each([
  ['README.md', lines(121), 'has 121 lines, more than 120'],
  ['ARCHITECTURE.md', lines(251), 'has 251 lines, more than 250'],
  ['test/flow.test.ts', lines(121), 'has 121 lines, more than 120'],
  ['test/long.ts', lines(401), 'has 401 code lines, more than 400'],
  ['contracts/test/A.t.sol', `// A\n${lines(401)}`, 'has 401 code lines, more than 400'],
  ['src/pay/f.ts', `function f() {\n${lines(39)}}`, 'a function has 41 code lines, more than 40'],
  ['src/pay/f.ts', `const f = () => {\n${lines(39)}};`, 'a function has 41 code lines, more than 40'],
  ['src/pay/f.ts', `class F { f() {\n${lines(39)}} }`, 'a function has 41 code lines, more than 40'],
  ['contracts/src/A.sol', `contract A { function f() public {\n${lines(39)}} }`, 'f has 41 code lines, more than 40'],
  ['src/pay/f.ts', 'f(', 'cannot be parsed'],
  ['src/pay/f.ts', '// TODO', 'left over: TODO'],
  ['contracts/src/A.sol', '// FIXME', 'left over: FIXME'],
  ['src/pay/f.ts', "refuse('Not implemented')", 'left over: Not implemented'],
  ['src/pay/f.test.ts', `test.${'only'}("", f);`, '.only in a test'],
  ['src/pay/f.test.ts', `describe.${'skip'}("", f);`, '.skip in a test'],
  ['test/f.test.ts', `test.${'skip'}.each([])("", f);`, '.skip in a test'],
  ['docs/pay.md', 'money \u2014 paid', 'em dash'],
  ['src/pay/utils.ts', '', '"utils" in a name'],
  ['src/pay/PaymentManager.ts', '', '"Manager" in a name'],
  ['src/shared/a.ts', '', '"shared" in a name'],
  ['contracts/src/libraries/MathHelper.sol', '', '"Helper" in a name'],
])('refuses %s with %j', async (file, text, message) => {
  const findings = await check({ [file]: text });
  expect(findings).toHaveLength(1);
  expect(findings[0]).toContain(message);
});

test('refuses names that differ by case only', async () => {
  expect(await check({ 'src/pay/Voucher.ts': '', 'src/pay/voucher.ts': '', 'src/Pay/a.ts': '' })).toEqual([
    'src/pay differs from src/Pay by case only',
    'src/pay/voucher.ts differs from src/pay/Voucher.ts by case only',
  ]);
});

test('names the line', async () => {
  expect(await check({ 'src/pay/f.ts': '\n\n// TODO' })).toEqual(['src/pay/f.ts:3 left over: TODO']);
});
