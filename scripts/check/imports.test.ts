import { expect, test } from 'vitest';
import { plant } from '../source/plant.ts';
import { format } from './Finding.ts';
import { imports } from './imports.ts';

async function check(files: Record<string, string>): Promise<string[]> {
  await using tree = await plant(files);
  return (await imports(tree.root)).map(format);
}

test('accepts an empty tree', async () => {
  expect(await check({})).toEqual([]);
});

test('accepts imports that go left, and tests that use test/ and Node', async () => {
  expect(
    await check({
      'src/index.ts': "export * as Voucher from './pay/Voucher.ts';",
      'src/internal/Hash.ts': "import { keccak256 } from 'viem';",
      'src/internal/node/log.ts': "import 'node:fs';",
      'src/pay/Voucher.ts': "import { hash } from '../internal/Hash.ts';",
      'src/pay/Voucher.test.ts':
        "import 'node:fs'; import { chain } from '../../test/chain.ts'; import './Voucher.ts';",
      'src/settle/settler/run.ts': "import '../../internal/node/log.ts'; import '../../infer/gateway/serve.ts';",
      'src/infer/gateway/serve.ts': "import 'node:http'; import '../../pay/Voucher.ts';",
      'package.json': '{"exports":{".":"./dist/index.js"}}',
      'web/src/main.tsx': "import { Voucher } from 'agorai'; import './page.tsx';",
    }),
  ).toEqual([]);
});

test.each([
  ['a later folder', 'src/pay/a.ts', "import '../settle/b.ts';", 'pay imports settle, which comes later'],
  ['a type of a later folder', 'src/pay/a.ts', "import type { B } from '../settle/b.ts';", 'pay imports settle'],
  ['an import type', 'src/pay/a.ts', "export type A = import('../settle/b.ts').B;", 'pay imports settle'],
  ['a re-export', 'src/pay/a.ts', "export { b } from '../settle/b.ts';", 'pay imports settle'],
  ['a dynamic import', 'src/pay/a.ts', "await import('../settle/b.ts');", 'pay imports settle'],
  ['a dynamic import of a template', 'src/pay/a.ts', 'await import(`../settle/b.ts`);', 'pay imports settle'],
  ['a computed path', 'src/pay/a.ts', 'await import(path);', 'imports a computed path'],
  ['a worker', 'src/pay/a.ts', "new Worker(new URL('../settle/b.ts', import.meta.url));", 'pay imports settle'],
  ['a neighbour', 'src/vouch/a.ts', "import '../seal/b.ts';", 'stands on the same line'],
  ['an unknown folder', 'src/magic/a.ts', "import './b.ts';", 'has no place in the order'],
  ['Node in internal', 'src/internal/a.ts', "import 'node:fs';", 'internal is pure'],
  ['bare Node in internal', 'src/internal/a.ts', "import 'fs';", 'internal is pure'],
  ['internal/node in internal', 'src/internal/a.ts', "import './node/log.ts';", 'internal is pure'],
  ['the package itself', 'src/pay/a.ts', "import 'agorai/settle';", 'hides the direction'],
  ['the entry', 'src/pay/a.ts', "import '../index.ts';", 'pay imports the entry'],
  ['test/ outside tests', 'src/pay/a.ts', "import '../../test/chain.ts';", 'outside src'],
  ['scripts from a test', 'src/pay/a.test.ts', "import '../../scripts/check.ts';", 'outside src'],
  ['a later folder from a test', 'src/pay/a.test.ts', "import '../settle/b.ts';", 'which comes later'],
  ['itself', 'src/pay/a.ts', "import './a.ts';", 'in a circle'],
])('refuses %s', async (_name, file, text, message) => {
  const findings = await check({ [file]: `\n${text}` });
  expect(findings).toHaveLength(1);
  expect(findings[0]).toContain(file);
  expect(findings[0]).toContain(message);
});

test('names the line', async () => {
  expect(await check({ 'src/pay/a.ts': "// why\n\nimport '../settle/b.ts';" })).toEqual([
    'src/pay/a.ts:3 pay imports settle, which comes later',
  ]);
});

test('refuses a circle of three files once', async () => {
  expect(
    await check({
      'src/pay/a.ts': "import './b.ts';",
      'src/pay/b.ts': "import type { C } from './c.ts';",
      'src/pay/c.ts': "import './a.ts';",
      'src/pay/d.ts': "import './a.ts';",
    }),
  ).toEqual(['src/pay/a.ts imports in a circle: src/pay/a.ts, src/pay/b.ts, src/pay/c.ts']);
});

test.each([
  ['node:', "import 'node:fs';", 'src/publish/read.ts -> node:fs'],
  ['a Node folder', "import './gateway/serve.ts';", 'src/publish/read.ts -> src/publish/gateway/serve.ts'],
])('refuses %s behind the main entry', async (_name, text, path) => {
  expect(await check({ 'src/index.ts': "import './publish/read.ts';", 'src/publish/read.ts': text })).toEqual([
    `src/publish/read.ts:1 not safe in a browser: src/index.ts -> ${path}`,
  ]);
});

test('refuses a way from the gateway to settle', async () => {
  const findings = await check({
    'src/infer/gateway/serve.ts': "import '../quote.ts';",
    'src/infer/quote.ts': "import '../settle/claim.ts';",
  });
  expect(findings).toContain(
    'src/infer/quote.ts:1 the gateway reaches settle: src/infer/gateway/serve.ts -> src/infer/quote.ts -> src/settle/claim.ts',
  );
});

test.each([
  ['a source file', "import '../../src/pay/Voucher.ts';", 'import an entry of the package'],
  ['an unknown entry', "import 'agorai/secret';", 'is not an entry'],
  ['a Node entry', "import 'agorai/gateway';", 'is not safe in a browser'],
  ['an entry that reaches Node', "import 'agorai/publish';", 'src/publish/index.ts -> node:fs'],
  ['Node', "import 'node:fs';", 'the web app imports node:fs'],
])('refuses %s in the web app', async (_name, text, message) => {
  const entries = { './gateway': './src/infer/gateway/index.ts', './publish': { default: './dist/publish/index.js' } };
  const findings = await check({
    'package.json': JSON.stringify({ exports: entries }),
    'src/publish/index.ts': "import 'node:fs';",
    'web/src/main.tsx': text,
  });
  expect(findings).toHaveLength(1);
  expect(findings[0]).toContain(message);
});
