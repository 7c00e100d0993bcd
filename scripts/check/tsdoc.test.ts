import { expect, test } from 'vitest';
import { plant } from '../source/plant.ts';
import { format } from './Finding.ts';
import { tsdoc, tsdocCoverage } from './tsdoc.ts';

const SOUND = `import { a } from './a.ts';
export { b } from './b.ts';
/** What is signed. */
export type Voucher = { readonly total: bigint };
/** Hashes it. */
export function hash(voucher: Voucher): string;
export function hash(voucher: Voucher, salt: string): string;
export function hash(voucher: Voucher): string { return String(voucher); }
export declare namespace hash { type Options = object }
/** Adds. */
export const add = (left: bigint, right: bigint) => left + right;
export const LIMIT = 1;
/** Too much. */
export class OverdrawnError extends BaseError {}
/** Later. */
function later() {}
function inner() {}
export { later };
`;

async function check(text: string, file = 'src/pay/Voucher.ts'): Promise<string[]> {
  await using tree = await plant({ [file]: text });
  return (await tsdoc(tree.root)).map(format);
}

test('accepts an empty tree and full documentation', async () => {
  await using empty = await plant({});
  expect(await tsdoc(empty.root)).toEqual([]);
  expect(await check(SOUND)).toEqual([]);
});

test('reports the coverage, values included', async () => {
  await using tree = await plant({ 'src/pay/Voucher.ts': SOUND });
  expect(await tsdocCoverage(tree.root)).toBe('5 of 6 exports documented');
});

test('leaves tests and generated files alone', async () => {
  expect(await check('export function f() {}', 'src/pay/a.test.ts')).toEqual([]);
  expect(await check('export function f() {}', 'src/chain/abi/Channels.ts')).toEqual([]);
});

test.each([
  ['function', 'export function f() {}', 'function f'],
  ['async function', 'export async function f() {}', 'function f'],
  ['arrow function', 'export const f = () => 1;', 'function f'],
  ['function exported by name', 'function f() {}\nexport { f };', 'function f'],
  ['default function', 'export default function () {}', 'function default'],
  ['class', 'export class F {}', 'class F'],
  ['type', 'export type F = 1;', 'type F'],
  ['function after a line comment', '// adds\nexport function f() {}', 'function f'],
  ['function after a plain block', '/* adds */\nexport function f() {}', 'function f'],
  ['function after an empty comment', '/** */\nexport function f() {}', 'function f'],
  ['function after a comment of another', '/** a */\nconst a = 1;\nexport function f() {}', 'function f'],
])('refuses a bare %s', async (_name, text, name) => {
  const findings = await check(text);
  expect(findings).toHaveLength(1);
  expect(findings[0]).toContain(`${name} has no TSDoc`);
});
