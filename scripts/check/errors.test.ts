import { expect, test } from 'vitest';
import { plant } from '../source/plant.ts';
import { errors } from './errors.ts';
import { format } from './Finding.ts';

async function check(text: string, file = 'src/pay/Voucher.ts'): Promise<string[]> {
  await using tree = await plant({ [file]: text });
  return (await errors(tree.root)).map(format);
}

test('accepts typed errors, rethrown ones, and words in comments', async () => {
  const text = '// throw new Error()\nthrow new OverdrawnError({});\ntry {} catch (error) { throw error; }';
  expect(await check(text)).toEqual([]);
});

test('leaves the base class, tests and scripts alone', async () => {
  for (const file of ['src/internal/Errors.ts', 'src/pay/a.test.ts', 'scripts/test.ts'])
    expect(await check('throw new Error("x"); class A extends Error {}', file)).toEqual([]);
});

test.each([
  ["throw new Error('no');", 'creates an untyped Error'],
  ["throw Error('no');", 'creates an untyped Error'],
  ["const error = new TypeError('no');", 'creates an untyped TypeError'],
  ["throw 'no';", 'throws a value that is not an error'],
  ['throw `no`;', 'throws a value that is not an error'],
  ["throw { code: 'no' };", 'throws a value that is not an error'],
  ['class A extends Error {}', 'extends Error instead of BaseError'],
])('refuses %s', async (text, message) => {
  expect(await check(`\n${text}`)).toEqual([`src/pay/Voucher.ts:2 ${message}`]);
});
